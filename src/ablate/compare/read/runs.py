"""One training run as a comparison sees it, wherever it was read from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ablate.compare.read.outcomes import Source
from ablate.compare.read.planned_scores import TaskScores
from ablate.errors import UserError
from ablate.record.arm_folder import PROVENANCE
from ablate.record.scores import PlannedScores

NAME = re.compile(r"(?P<label>[^/]+)-s(?P<seed>\d+)-(?P<id>[0-9a-f]{10})")
"""What the folder of a run is called."""


@dataclass(frozen=True)
class Untrained:
    """The student that a run began from: its id, the folder with its scores, and what is planned of them (None: all that is there)."""

    id: str
    folder: Path
    planned: tuple[PlannedScores, ...] | None = None


@dataclass(frozen=True)
class Run:
    """A training run.

    `state` says why it has no scores, where it has none. `perturb`, `doses` and `families` map each perturbation to its settings, its dose
    and its family. `setting` is how it was trained and `scoring` how it was scored, both without what is at its default; runs that differ
    there, in `data` or in `student`, two fingerprints, are never compared. What keeps no runs apart: `match`, which changes no clean arm,
    `data_setting`, which says where the data came from, and `extent`, how many items and samples were asked for. `axes` and `tokens` are
    empty where they were not written.
    """

    folder: Path
    label: str
    seed: int
    state: str
    perturb: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    doses: Mapping[str, float] = field(default_factory=dict)
    families: Mapping[str, str] = field(default_factory=dict)
    setting: Mapping[str, Any] = field(default_factory=dict)
    scoring: Mapping[str, Any] = field(default_factory=dict)
    match: Mapping[str, Any] = field(default_factory=dict)
    data_setting: Mapping[str, Any] = field(default_factory=dict)
    extent: Mapping[str, Any] = field(default_factory=dict)
    data: str = ""
    student: str = ""
    untrained: Untrained | None = None
    axes: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[str, float] = field(default_factory=dict)
    scores: tuple[TaskScores, ...] = ()

    @property
    def name(self) -> str:
        """Of its folder."""
        return self.folder.name

    @property
    def settings(self) -> dict[str, Any]:
        """What keeps it apart from other runs, perturbations aside, by full key."""
        return {**self.setting, **self.scoring}

    @property
    def source(self) -> Source:
        """Where it lies."""
        return Source(
            folder=self.folder,
            scoring={**self.scoring, **self.extent},
            answers={scores.task: scores.answers for scores in self.scores},
            records=(self.folder / "model" / PROVENANCE, *dict.fromkeys(scores.record for scores in self.scores)),
        )


def label_and_seed(folder: Path) -> tuple[str, int]:
    """What the name of a run's folder says.

    Args:
        folder: of a run.

    Returns:
        the label and the seed.

    Raises:
        UserError: it is no name of a run's folder.
    """
    named = NAME.fullmatch(folder.name)
    if named is None:
        raise UserError(f"{folder}: found {folder.name!r}, allowed is the name of a run's folder, LABEL-sSEED-ID")
    return named["label"], int(named["seed"])


def alike(one: Run, other: Run) -> bool:
    """Whether two runs differ in nothing but perturbation, matching and seed.

    Args:
        one: a run.
        other: the run that it may be compared with.
    """
    return (one.settings, one.data, one.student) == (other.settings, other.data, other.student)
