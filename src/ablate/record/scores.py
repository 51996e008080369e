"""The scores of one student, by task and way of sampling: which there are, and whether they cover what is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ablate.record.arm_folder import ScoresFolder
from ablate.record.files import read_json
from ablate.record.keys import digest


@dataclass(frozen=True)
class PlannedScores:
    """What is asked of one task: `key` of the way of sampling, the first `limit` items (None: all), `num_samples` answers to each."""

    task: str
    key: str
    limit: int | None
    num_samples: int


def covers(provenance: Mapping[str, Any], planned: PlannedScores) -> bool:
    """Whether scores with this provenance hold all that is planned. Its `extents` list what was asked for, each `[limit, num_samples]`."""
    return provenance["key"] == planned.key and any(
        samples >= planned.num_samples and (limit is None or (planned.limit is not None and limit >= planned.limit))
        for limit, samples in provenance["extents"]
    )


def of_task(scores: Path, task: str, key: str) -> list[tuple[ScoresFolder, dict[str, Any]]]:
    """The folders with a task's scores under a key, oldest first, each with its provenance; engines and devices have one of their own."""
    folders = [ScoresFolder(path.parent) for path in scores.glob(f"{task}-*/provenance.json")]
    known = [(folder, read_json(folder.provenance)) for folder in folders]
    return sorted(
        ((folder, provenance) for folder, provenance in known if provenance["key"] == key and provenance["task"] == task),
        key=lambda pair: (pair[1]["started"], pair[0].path.name),
    )


def find(scores: Path, planned: PlannedScores) -> ScoresFolder | None:
    """The oldest folder that holds all that is planned, so that what is added later never takes its place."""
    held = [folder for folder, provenance in of_task(scores, planned.task, planned.key) if covers(provenance, planned)]
    return held[0] if held else None


def folder_of(scores: Path, planned: PlannedScores, engine: Mapping[str, Any]) -> ScoresFolder:
    """Where scores that this engine gives are kept: answers of two engines, versions or devices never stand in one table."""
    return ScoresFolder(scores / f"{planned.task}-{digest([planned.key, dict(engine)])}")
