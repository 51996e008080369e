"""What W&B has of an arm, part by part, and what it lacks: written from the folder's files, online or offline."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.record import manifest, tracking
from ablate.record.arm_folder import STUDENTS, AxesFolder, ScoresFolder
from ablate.record.files import read_json, read_rows
from ablate.record.tracked_arm import TrackedArm

if TYPE_CHECKING:
    import wandb

OUTCOME = "outcome"
"""The type of the artifact from which `ablate.compare` reads an arm."""


def missing(arm: TrackedArm) -> list[str]:
    """The parts that W&B lacks, by name: the training, each axes and each scores folder as it is now, each study as a tag."""
    known = set(arm.mirrored()["parts"])
    return [name for name in _parts(arm) if name not in known]


def mirror(arm: TrackedArm) -> list[str]:
    """Write what W&B lacks to the arm's run; offline to a further segment of it, which `ablate runs sync` sends in order.

    Returns:
        What could not be taken, in words. The arm goes on whatever W&B does; where it is disabled, nothing is written or noted.
    """
    refused: list[str] = []

    def write(mode: str) -> None:
        refused.clear()
        wanted = {name: part for name, part in _parts(arm).items() if name in missing(arm)}
        taken: list[str] = []
        with tracking.opened(arm.start(mode)) as run:
            run.define_metric("train/*", step_metric="train/step")
            for name, part in wanted.items():
                try:
                    part(run)
                    taken.append(name)
                except Exception as error:
                    logging.getLogger(__name__).exception("W&B did not take %s", name)
                    refused.append(f"{name}: {str(error).splitlines()[0] if str(error) else type(error).__name__}")
            run.log_artifact(_outcome(arm))
            run.summary.update({"stage": None, "error": None})
        arm.remember(parts=[*arm.mirrored()["parts"], *taken])

    if tracking.disabled(str(arm.track.mode)):
        return []
    if tracking.reach(str(arm.track.mode), write) is None:
        return ["W&B could not be reached, and did not write offline either"]
    return refused


def _parts(arm: TrackedArm) -> dict[str, Callable[["wandb.Run"], None]]:
    """How each part is written to a run, by its name, in which its state is."""
    folder = arm.folder
    parts: dict[str, Callable[[wandb.Run], None]] = {f"study {study}": lambda run: None for study in arm.studies}  # the tags of the run
    if folder.model.is_dir():
        parts["training"] = lambda run: _training(arm, run)
    for path in sorted(folder.axes.glob("*/axes.json")):
        parts[f"axes {path.parent.name}"] = _writer(_axes, AxesFolder(path.parent))
    tasks: set[str] = set()
    for path in sorted(folder.scores.glob("*/provenance.json"), key=lambda path: (read_json(path)["started"], path)):
        provenance = read_json(path)
        scores = ScoresFolder(path.parent)
        name = provenance["task"] if provenance["task"] not in tasks else scores.path.name
        tasks.add(provenance["task"])
        parts[f"scores {scores.path.name} {json.dumps(provenance['extents'])}"] = _writer(_scores, scores, name, arm.track.samples)
    return parts


def _writer(write: Callable[..., None], *given: Any) -> Callable[["wandb.Run"], None]:
    return lambda run: write(run, *given)


def _training(arm: TrackedArm, run: "wandb.Run") -> None:
    import pandas
    import wandb

    folder, logged = arm.folder, arm.mirrored()["logged"]
    for point in read_rows(folder.curve):
        if point["step"] > logged:
            run.log({f"train/{name}": value for name, value in point.items()})
    traces = pandas.read_parquet(folder.traces)
    shown = traces[["id", "problem", "clean", "perturbed", "answer"]].head(arm.track.samples)
    run.log({"traces": wandb.Table(dataframe=shown)})
    run.summary.update({f"perturb/{name}": value for name, value in manifest.statistics(traces).items()})
    run.summary.update({f"tokens/{name}": value for name, value in read_json(folder.tokens).items()})
    artifact = wandb.Artifact(tracking.plain(f"traces-{folder.path.name}"), type="dataset")
    artifact.add_dir(str(folder.traces))
    run.log_artifact(artifact)


def _axes(run: "wandb.Run", axes: AxesFolder) -> None:
    run.summary.update({f"axes/{name}": value for name, value in read_json(axes.means).items() if value is not None})


def _scores(run: "wandb.Run", scores: ScoresFolder, name: str, shown: int) -> None:
    import pandas
    import wandb

    from ablate.evaluate.items import summarise

    (score,) = summarise(pandas.read_parquet(scores.items))
    run.summary.update({f"score/{name}/{key}": value for key, value in asdict(score).items() if key != "task"})
    if shown:
        run.log({f"answers/{name}": wandb.Table(dataframe=pandas.DataFrame(_spread(read_rows(scores.samples), shown)))})


def _outcome(arm: TrackedArm) -> "wandb.Artifact":
    """All that a comparison of arms reads, laid out as under `runs/`; of each study the arm's own entries alone."""
    import wandb

    folder = arm.folder
    runs = folder.path.parent.parent
    artifact = wandb.Artifact(tracking.plain(f"outcome-{folder.path.name}"), type=OUTCOME)
    files = [folder.card, folder.config, folder.status, folder.tokens, *folder.axes.glob("*/*.json")]
    student = runs / STUDENTS / arm.card["student_folder"]
    for scores in (folder.scores, student / "scores"):
        files += [*scores.glob("*/items.parquet"), *scores.glob("*/provenance.json")]
    files += [runs / study / "study.yaml" for study in arm.studies]
    for file in files:
        if file.is_file():
            artifact.add_file(str(file), name=str(file.relative_to(runs)))
    with artifact.new_file(f"members/{folder.path.name}.json", mode="w") as members:
        json.dump(_entries(runs, arm), members)
    return artifact


def _entries(runs: Path, arm: TrackedArm) -> Mapping[str, list[tuple[int, dict[str, Any]]]]:
    """By study, what it was planned with of this arm, each with its place in the study's list."""
    plans = {study: read_json(runs / study / "arms.json")["members"] for study in arm.studies}
    name = arm.folder.path.name
    return {study: [pair for pair in enumerate(members) if pair[1]["arm"] == name] for study, members in plans.items()}


def _spread(rows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """At most that many rows, one at least, evenly spread."""
    step = max(1, -(-len(rows) // most))
    columns = ("task", "item", "sample", "problem", "text", "finished", "tokens")
    return [{**{name: row[name] for name in columns}, "accepted": " | ".join(row["accepted"])} for row in rows[::step]]
