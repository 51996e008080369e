"""Weights & Biases as a mirror of the run folder: one run per arm, written from the folder's files when the arm is done."""

import logging
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ablate.record import manifest
from ablate.record.folder import RunFolder, read_json, read_rows, remove

if TYPE_CHECKING:
    import wandb

    from ablate.evaluate.items import TaskScore

OUTCOME = "outcome"
"""The type of the artifact from which `ablate.compare` reads an arm."""

PATIENCE = 60
"""Seconds to wait for the server, at the start and at the end, before going on without it."""


def mirror(folder: RunFolder, config: dict[str, Any], tags: Sequence[str], scores: "Sequence[TaskScore]") -> None:
    """Write the arm's W&B run, online or offline; where W&B can't be reached the run stays offline, and the arm goes on.

    The run's id is its study and arm, so that a run written again is the same run. A `complete` file marks it as whole.
    """
    remove(folder.tracked)
    modes = [_mode(config["track"]["mode"])]
    modes += ["offline"] if modes == ["online"] else []
    for mode in modes:
        try:
            _write(folder, config, tags, scores, mode)
            break
        except Exception:
            logging.getLogger(__name__).exception("W&B %s failed; the run folder has it all", mode)
            _let_go()
    folder.tracked.mkdir(exist_ok=True)
    (folder.tracked / "complete").touch()


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


def _write(folder: RunFolder, config: dict[str, Any], tags: Sequence[str], scores: "Sequence[TaskScore]", mode: Any) -> None:
    import pandas
    import wandb

    traces = pandas.read_parquet(folder.traces)
    shown = config["track"]["samples"]
    settings = wandb.Settings(silent=True, console="off", init_timeout=PATIENCE, finish_timeout=PATIENCE)
    run = wandb.init(
        project=config["track"]["project"],
        entity=config["track"]["entity"],
        id=_plain(f"{config['study']}-{folder.path.name}"),
        name=folder.path.name,
        group=config["study"],
        job_type="arm",
        tags=[*tags],
        config={key: value for key, value in config.items() if key not in ("track", "runs")},
        dir=folder.path,
        mode=mode,
        resume="allow" if mode == "online" else None,
        settings=settings,
    )
    with run:
        run.define_metric("train/*", step_metric="train/step")
        for point in read_rows(folder.curve):
            run.log({f"train/{name}": value for name, value in point.items()})
        run.log(
            {
                "traces": wandb.Table(dataframe=traces[["id", "problem", "clean", "perturbed", "answer"]].head(shown)),
                "answers": wandb.Table(dataframe=pandas.DataFrame(_spread(read_rows(folder.samples), shown))),
            }
        )
        run.summary.update(
            {f"score/{score.task}/{name}": value for score in scores for name, value in asdict(score).items() if name != "task"}
        )
        run.summary.update({f"perturb/{name}": value for name, value in manifest.statistics(traces).items()})
        run.summary.update({f"axes/{name}": value for name, value in read_json(folder.axes).items() if value is not None})
        run.summary.update({f"tokens/{name}": value for name, value in read_json(folder.tokens).items()})
        artifact = wandb.Artifact(_plain(f"traces-{folder.path.name}"), type="dataset")
        artifact.add_dir(str(folder.traces))
        run.log_artifact(artifact)
        run.log_artifact(_outcome(folder))


def _outcome(folder: RunFolder) -> "wandb.Artifact":
    """All that a comparison of arms reads, laid out as under `runs/`."""
    import wandb

    artifact = wandb.Artifact(_plain(f"outcome-{folder.path.name}"), type=OUTCOME)
    parts = [folder.config, folder.status, folder.items, folder.tokens, folder.path / "axes.json"]
    study = folder.path.parent
    base = study.parent / "base" / str(folder.read_status().get("base"))
    for part in [*parts, study / "study.yaml", base / "items.parquet"]:
        if part.is_file():
            artifact.add_file(str(part), name=str(part.relative_to(study.parent)))
    return artifact


def _plain(name: str) -> str:
    """The name in the characters that W&B takes."""
    return re.sub(r"[^a-zA-Z0-9_.-]", "_", name)


def _spread(rows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """At most that many rows, evenly spread, so that every task is seen."""
    step = max(1, -(-len(rows) // most)) if most else len(rows) + 1
    return [{**row, "accepted": " | ".join(row["accepted"])} for row in rows[::step]]
