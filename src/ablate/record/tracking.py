"""Weights & Biases as a mirror of the run folder: one run per arm, written from the folder's files when the arm is done."""

import logging
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ablate.record import manifest
from ablate.record.arm_folder import ArmFolder
from ablate.record.files import read_json, read_rows, remove

if TYPE_CHECKING:
    import wandb

    from ablate.evaluate.items import TaskScore

OUTCOME = "outcome"
"""The type of the artifact from which `ablate.compare` reads an arm."""

PATIENCE = 60
"""Seconds to wait for the server, at the start and at the end, before going on without it."""


def missing(folder: ArmFolder, study: str) -> list[str]:
    return [] if (folder.tracked / "complete").is_file() else ["everything"]


def mirror(folder: ArmFolder, config: Any) -> None:
    remove(folder.tracked)
    reach(str(config.track.mode), lambda mode: _write(folder, asdict(config), [], [], mode))
    folder.tracked.mkdir(exist_ok=True)
    (folder.tracked / "complete").touch()


def reach(wanted: str, write: Callable[[str], None]) -> str | None:
    """Write in the wanted mode, and offline where online fails; returns the mode in which it ended well, None where none did."""
    modes = [_mode(wanted)]
    modes += ["offline"] if modes == ["online"] else []
    for mode in modes:
        try:
            write(mode)
            return mode
        except Exception:
            logging.getLogger(__name__).exception("W&B %s failed; the files on disk have it all", mode)
            _let_go()
    return None


def _mode(wanted: str) -> str:
    """`auto` follows WANDB_MODE, else is online exactly where a key is configured."""
    if wanted != "auto":
        return wanted
    if os.environ.get("WANDB_MODE"):
        return os.environ["WANDB_MODE"]
    import wandb
    from wandb.sdk.lib.wbauth import read_netrc_auth

    known = os.environ.get("WANDB_API_KEY") or read_netrc_auth(host=wandb.setup().settings.base_url)
    return "online" if known else "offline"


def _let_go() -> None:
    """End W&B's own process, which holds on to the id of a run that failed to start."""
    import wandb

    wandb.teardown()


def run_id(study: str, name: str) -> str:
    """The same study and name are the same run."""
    return plain(f"{study}-{name}")


def start(mode: Any, study: str, name: str, job_type: str, **more: Any) -> "wandb.Run":
    """A run of the study, in its group."""
    import wandb

    return wandb.init(
        id=run_id(study, name),
        name=name,
        group=study,
        job_type=job_type,
        mode=mode,
        resume="allow" if mode == "online" else None,
        settings=wandb.Settings(silent=True, console="off", init_timeout=PATIENCE, finish_timeout=PATIENCE),
        **more,
    )


def _write(folder: ArmFolder, config: dict[str, Any], tags: Sequence[str], scores: "Sequence[TaskScore]", mode: str) -> None:
    import pandas
    import wandb

    traces = pandas.read_parquet(folder.traces)
    shown = config["track"]["samples"]
    run = start(
        mode,
        config["study"],
        folder.path.name,
        "arm",
        project=config["track"]["project"],
        entity=config["track"]["entity"],
        tags=[*tags],
        config={**_grouping(folder), **{key: value for key, value in config.items() if key not in ("track", "runs")}},
        dir=folder.path,
    )
    with run:
        run.define_metric("train/*", step_metric="train/step")
        for point in read_rows(folder.curve):
            run.log({f"train/{name}": value for name, value in point.items()})
        run.log(
            {
                "traces": wandb.Table(dataframe=traces[["id", "problem", "clean", "perturbed", "answer"]].head(shown)),
            }
        )
        run.summary.update(
            {f"score/{score.task}/{name}": value for score in scores for name, value in asdict(score).items() if name != "task"}
        )
        run.summary.update({f"perturb/{name}": value for name, value in manifest.statistics(traces).items()})

        run.summary.update({f"tokens/{name}": value for name, value in read_json(folder.tokens).items()})
        artifact = wandb.Artifact(plain(f"traces-{folder.path.name}"), type="dataset")
        artifact.add_dir(str(folder.traces))
        run.log_artifact(artifact)
        run.log_artifact(_outcome(folder))


def _grouping(folder: ArmFolder) -> dict[str, str]:
    """By what a dashboard groups runs: the arm, which is the same for all its seeds, and the families of its perturbations."""
    families = sorted(set(folder.read_status().get("families", {}).values()))
    return {"arm": folder.path.name.rsplit("-s", 1)[0], "family": "+".join(families) or "clean"}


def _outcome(folder: ArmFolder) -> "wandb.Artifact":
    """All that a comparison of arms reads, laid out as under `runs/`."""
    import wandb

    artifact = wandb.Artifact(plain(f"outcome-{folder.path.name}"), type=OUTCOME)
    parts = [folder.config, folder.status, folder.tokens, folder.path / "axes.json"]
    study = folder.path.parent
    base = study.parent / "base" / str(folder.read_status().get("base"))
    for part in [*parts, study / "study.yaml", base / "items.parquet"]:
        if part.is_file():
            artifact.add_file(str(part), name=str(part.relative_to(study.parent)))
    return artifact


def plain(name: str) -> str:
    """The name in the characters that W&B takes."""
    return re.sub(r"[^a-zA-Z0-9_.-]", "_", name)


def _spread(rows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """At most that many rows, evenly spread, so that every task is seen."""
    step = max(1, -(-len(rows) // most)) if most else len(rows) + 1
    return [{**row, "accepted": " | ".join(row["accepted"])} for row in rows[::step]]
