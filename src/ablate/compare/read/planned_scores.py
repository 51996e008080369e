"""Of the scores that lie below an arm or a student, those that a study was planned with, and no others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.compare.read.run_settings import read_json

if TYPE_CHECKING:
    import pandas

ITEM_COLUMNS = ("task", "item", "sample", "correct", "finished", "tokens")
PACKAGES = ("ablate", "lm-eval", "transformers")
"""The packages whose version may change a score."""


@dataclass(frozen=True)
class Planned:
    """What a study asks of one task: `num_samples` answers to each of the first `limit` items (None: all), given in the way of `key`."""

    task: str
    key: str
    limit: int | None
    num_samples: int


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


def read_planned(scores: Path, planned: Iterable[Planned]) -> tuple[tuple[TaskScores, ...], list[str]]:
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
        covering = [(folder, made) for folder, made in _of_task(scores, task) if _covers(made, task)]
        if covering:
            read.append(_read(*covering[0], task))
        else:
            lacking.append(task.task)
    return tuple(read), lacking


def _of_task(scores: Path, planned: Planned) -> list[tuple[Path, dict[str, Any]]]:
    """The folders of that task and key with their provenance, oldest first."""
    if not scores.is_dir():
        return []
    named = [folder for folder in scores.iterdir() if folder.name.rpartition("-")[0] == planned.task]
    made = [(folder, read_json(folder / "provenance.json")) for folder in named]
    return sorted(
        ((folder, one) for folder, one in made if one.get("key") == planned.key), key=lambda pair: (pair[1]["started"], pair[0].name)
    )


def _covers(provenance: Mapping[str, Any], planned: Planned) -> bool:
    """Whether one of the extents that were scored, each `[limit, num_samples]`, holds the planned one."""
    return any(
        num_samples >= planned.num_samples and (limit is None or (planned.limit is not None and limit >= planned.limit))
        for limit, num_samples in provenance["extents"]
    )


def _read(folder: Path, provenance: Mapping[str, Any], planned: Planned) -> TaskScores:
    import pandas

    table = pandas.read_parquet(folder / "items.parquet", columns=[*ITEM_COLUMNS])
    wanted = table["sample"] < planned.num_samples
    if planned.limit is not None:
        wanted &= table["item"] < planned.limit
    return TaskScores(
        task=planned.task,
        table=table[wanted].sort_values(["item", "sample"], ignore_index=True),
        answers=folder / "samples.jsonl.gz",
        record=folder / "provenance.json",
        key=planned.key,
        settings={key: value for key, value in provenance["settings"].items() if key != "seed"},
        answered_by=_answered_by(provenance),
    )


def _answered_by(provenance: Mapping[str, Any]) -> dict[str, str]:
    names = {"name": "engine", "version": "engine version"}
    engine = {names.get(key, key): str(value) for key, value in provenance["engine"].items()}
    return engine | {name: provenance["versions"].get(name, "") for name in PACKAGES}


def as_planned(entries: Sequence[Mapping[str, Any]]) -> tuple[Planned, ...]:
    """The plan of a member, as `arms.json` lists it.

    Args:
        entries: mappings with `task`, `key`, `limit` and `num_samples`.

    Returns:
        one for each task, in the same order.
    """
    return tuple(Planned(entry["task"], entry["key"], entry["limit"], entry["num_samples"]) for entry in entries)
