"""`ablate runs`: the arms there are, and what W&B has of them; `ablate runs sync` makes up what it lacks."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ablate.config import Mode, Track
from ablate.errors import UserError, nearest
from ablate.record.arm_folder import ARMS, ArmFolder
from ablate.record.files import read_json
from ablate.record.members import studies_of
from ablate.record.mirror import mirror, missing
from ablate.record.tracked_arm import TrackedArm


def main(arguments: list[str] | None = None) -> int:
    """List the arms, or send to W&B what it lacks; returns the exit code, 2 after a user's mistake."""
    parser = argparse.ArgumentParser(prog="ablate runs", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="[sync] NAME", help="arms, by the beginning of their names, or studies (default: all)")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="the folder that holds arms and studies (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        syncing = options.names[:1] == ["sync"]
        arms = chosen(options.runs, options.names[1:] if syncing else options.names)
        return _sync(arms) if syncing else _list(arms)
    except UserError as error:
        print(f"ablate runs: {error}", file=sys.stderr)
        return 2


def chosen(runs: Path, names: Sequence[str]) -> list[TrackedArm]:
    """The arms whose name begins with one of the names, or that are in a study of that name; all where there are none.

    Args:
        runs: the folder that holds arms and studies.
        names: beginnings of names of arms, or names of studies.

    Raises:
        UserError: there is no arm, or none of a name.
    """
    folders = [ArmFolder(path.parent) for path in sorted((runs / ARMS).glob("*/arm.json"))]
    if not folders:
        raise UserError(f"{runs / ARMS}: found no arm; python -m ablate runs one")
    arms = [TrackedArm(folder, tuple(studies_of(folder.path)), _track(folder)) for folder in folders]
    for name in names:
        if not any(_is(arm, name) for arm in arms):
            known = [arm.folder.path.name for arm in arms] + sorted({study for arm in arms for study in arm.studies})
            raise UserError(f"found no arm and no study {name!r}. {nearest(name, known)}")
    return [arm for arm in arms if not names or any(_is(arm, name) for name in names)]


def _is(arm: TrackedArm, name: str) -> bool:
    return arm.folder.path.name.startswith(name) or name in arm.studies


def _track(folder: ArmFolder) -> Track:
    """Where the arm's config keeps it in W&B."""
    import yaml

    settings: dict[str, Any] = (yaml.safe_load(folder.config.read_text(encoding="utf-8")) or {}).get("track", {})
    return Track(**{**settings, "mode": Mode(settings.get("mode", "auto"))})


def _list(arms: Sequence[TrackedArm]) -> int:
    """One block of lines for each arm, which fits a terminal of 80 columns."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("arm", overflow="fold")
    for heading in ("state", "studies", "scored", "W&B lacks"):
        table.add_column(heading, overflow="fold")
    for arm in arms:
        tasks = [read_json(path)["task"] for path in sorted(arm.folder.scores.glob("*/provenance.json"))]
        lacks = _in_words(missing(arm))
        state = str(arm.folder.read_status().get("state", "not started"))
        table.add_row(arm.folder.path.name, state, ", ".join(arm.studies), ", ".join(dict.fromkeys(tasks)), lacks)
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 120).print(table)
    return 0


def _in_words(parts: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(part.partition(" ")[0] for part in parts)) or "nothing"


def _sync(arms: Sequence[TrackedArm]) -> int:
    """Mirror what lacks, then send what was written offline, each run's segments in order."""
    refused = 0
    for arm in arms:
        if arm.track.mode is Mode.disabled:
            print(f"{arm.folder.path.name}: track=disabled, left out")
            continue
        problems = mirror(arm) if missing(arm) else []
        segments = sorted(arm.folder.tracked.glob("offline-run-*"))
        problems += _send(segments) if segments else []
        refused += bool(problems)
        print(f"{arm.folder.path.name}: {'; '.join(problems) or 'W&B has all of it'}")
    return 1 if refused else 0


def _send(segments: Sequence[Path]) -> list[str]:
    """W&B's own command sends the segments of one run one after the other; what was sent before is passed over."""
    command = [sys.executable, "-m", "wandb", "sync", "--yes", *map(str, segments)]
    sent = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in (sent.stdout + sent.stderr).splitlines() if line.strip()]
    return [] if sent.returncode == 0 else [f"wandb sync: {lines[-1] if lines else f'exit code {sent.returncode}'}"]
