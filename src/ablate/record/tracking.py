"""Weights & Biases: how a run is opened there, in which mode, and under which names."""

import hashlib
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import wandb

PATIENCE = 60
"""Seconds to wait for the server, at the start and at the end, before going on without it."""
LONGEST = 128
"""Characters of the longest name that W&B takes for a run, a group or an artifact."""
LONGEST_TAG = 64

_OPEN: "dict[str, wandb.Run]" = {}


def reach(wanted: str, write: Callable[[str], None]) -> str | None:
    """Write in the wanted mode, and offline where online fails.

    Args:
        wanted: `auto`, `online`, `offline` or `disabled`.
        write: given the mode to write in.

    Returns:
        The mode in which it ended well, None where none did.
    """
    modes = [mode_of(wanted)]
    modes += ["offline"] if modes == ["online"] else []
    for mode in modes:
        try:
            write(mode)
            return mode
        except Exception:
            logging.getLogger(__name__).exception("W&B %s failed; the files on disk have it all", mode)
            let_go()
    return None


def mode_of(wanted: str) -> str:
    """`auto` follows WANDB_MODE, else is online exactly where a key is configured, in WANDB_API_KEY or by `wandb login`."""
    if wanted != "auto":
        return wanted
    if os.environ.get("WANDB_MODE"):
        return os.environ["WANDB_MODE"]
    import wandb
    from wandb.sdk.lib.wbauth import read_netrc_auth

    known = os.environ.get("WANDB_API_KEY") or read_netrc_auth(host=wandb.setup().settings.base_url)
    return "online" if known else "offline"


def disabled(wanted: str) -> bool:
    """Whether nothing at all goes to W&B."""
    return wanted == "disabled" or (wanted == "auto" and os.environ.get("WANDB_MODE") == "disabled")


def let_go() -> None:
    """End W&B's own process, which holds on to the id of a run that failed to start."""
    import wandb

    _OPEN.clear()
    wandb.teardown()


def start(mode: Any, id: str, name: str, job_type: str, **more: Any) -> "wandb.Run":
    """Open a run, or go on with the one of that id: the one this process has open, or online the one that the server knows.

    Args:
        mode: `online`, `offline` or `disabled`.
        id: of the run; the same id is the same run.
        name: what people see.
        job_type: `arm` or `compare`.
        **more: what `wandb.init` takes further.
    """
    import wandb

    if plain(id) in _OPEN:
        return _OPEN[plain(id)]
    _OPEN[plain(id)] = wandb.init(
        id=plain(id),
        name=shortened(name),
        job_type=job_type,
        mode=mode,
        resume="allow" if mode == "online" else None,
        reinit="create_new",  # by default a run that is open, the user's own perhaps, would be gone on with
        settings=wandb.Settings(silent=True, console="off", init_timeout=PATIENCE, finish_timeout=PATIENCE),
        **more,
    )
    return _OPEN[plain(id)]


def is_open(run: "wandb.Run") -> bool:
    """Whether this process has the run open."""
    return _OPEN.get(run.id) is run


def finish(run: "wandb.Run", exit_code: int = 0) -> None:
    """End a run that `start` opened.

    Args:
        run: to be sent, or written, to its end.
        exit_code: other than 0 where what it shows failed.
    """
    _OPEN.pop(run.id, None)
    run.finish(exit_code=exit_code)


@contextmanager
def opened(run: "wandb.Run") -> Iterator["wandb.Run"]:
    """End the run with the block."""
    try:
        yield run
    except BaseException:
        finish(run, 1)
        raise
    finish(run)


def plain(name: str, longest: int = LONGEST) -> str:
    """The name in the characters that W&B takes for ids and artifacts, and no more of them than it takes.

    Args:
        name: any text.
        longest: characters at most.
    """
    return shortened(re.sub(r"[^a-zA-Z0-9_.-]", "_", name), longest)


def shortened(name: str, longest: int = LONGEST) -> str:
    """The name, or its beginning and a hash of the whole, so that two long names stay apart.

    Args:
        name: any text.
        longest: characters at most.
    """
    if len(name) <= longest:
        return name
    digest = hashlib.blake2b(name.encode(), digest_size=5).hexdigest()
    return f"{name[: longest - len(digest) - 1]}-{digest}"
