"""Of the scores that lie below an arm or a student, those that a study was planned with, and no others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.record.arm_folder import ScoresFolder
from ablate.record.scores import PlannedScores, covers, of_task

if TYPE_CHECKING:
    import pandas

ITEM_COLUMNS = ("task", "item", "sample", "correct", "finished", "tokens")
PACKAGES = ("ablate", "lm-eval", "transformers")
"""The packages whose version may change a score."""


@dataclass(frozen=True)
class TaskScores:
    """One student's scores on one task.

    `table` has the columns `ITEM_COLUMNS`, one row per item and sample; `answers` is the file with what was answered, `record` the one that
    says what made the scores. `key` is that of the way of sampling and judging, `settings` are the ones it is made of. `answered_by` has
    engine, device and versions by name; it is empty, and `key` too, where nothing is known of them.
    """

    task: str
    table: "pandas.DataFrame"
    answers: Path
    record: Path
    key: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    answered_by: Mapping[str, str] = field(default_factory=dict)


def read_planned(scores: Path, planned: Iterable[PlannedScores]) -> tuple[tuple[TaskScores, ...], list[str]]:
    """The planned items and samples of each planned task.

    Where several engines, devices or versions answered a task, the oldest answers that cover the plan are read, so that what is added later
    never takes their place.

    Args:
        scores: the folder with a folder for each task and way of scoring.
        planned: what is asked of each task.

    Returns:
        the scores of the tasks that cover the plan, and the names of the tasks that don't.
    """
    read, lacking = [], []
    for task in planned:
        covering = [pair for pair in of_task(scores, task.task, task.key) if covers(pair[1], task)]
        if covering:
            read.append(_read(*covering[0], task))
        else:
            lacking.append(task.task)
    return tuple(read), lacking


def _read(folder: ScoresFolder, provenance: Mapping[str, Any], planned: PlannedScores) -> TaskScores:
    import pandas

    table = pandas.read_parquet(folder.items, columns=[*ITEM_COLUMNS])
    wanted = table["sample"] < planned.num_samples
    if planned.limit is not None:
        wanted &= table["item"] < planned.limit
    return TaskScores(
        task=planned.task,
        table=_judged(table[wanted].sort_values(["item", "sample"], ignore_index=True)),
        answers=folder.samples,
        record=folder.provenance,
        key=planned.key,
        settings={key: value for key, value in provenance["settings"].items() if key != "seed"},
        answered_by=_answered_by(provenance),
    )


def _judged(table: "pandas.DataFrame") -> "pandas.DataFrame":
    """An answer that could not be judged counts as wrong here, and stands in its samples with the reason."""
    if not table["correct"].isna().any():
        return table
    return table.assign(correct=table["correct"].astype(float).fillna(0.0))


def _answered_by(provenance: Mapping[str, Any]) -> dict[str, str]:
    names = {"name": "engine", "version": "engine version"}
    engine = {names.get(key, key): str(value) for key, value in provenance["engine"].items()}
    judge = {"judge version": str(provenance.get("judge", {}).get("version", 1))}
    return engine | judge | {name: provenance["versions"].get(name, "") for name in PACKAGES}
