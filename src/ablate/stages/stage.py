"""What a stage is, and the arm that it works on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol

from ablate.config import Config
from ablate.corpora import Corpus
from ablate.perturb import Perturbation
from ablate.record.arm_folder import ARMS, STUDENTS, ArmFolder, StudentFolder
from ablate.record.keys import below, changed, flat, key, read_by
from ablate.record.members import studies_of
from ablate.record.provenance import Making
from ablate.record.tracked_arm import TrackedArm

OF_STUDENT = ("model.dtype", "model.attn_implementation", "model.system_prompt")
"""The settings that, beside its files, make a student."""


class Live(Protocol):
    """Where a stage tells how far it is."""

    def progress(self, done: int, total: int) -> None:
        """So many of so many steps are done."""

    def log(self, values: Mapping[str, float]) -> None:
        """What training measures at a step, by name."""

    def warn(self, text: str) -> None:
        """What a person has to know though the arm goes on."""


class Stage(ABC):
    """One step of an arm.

    `reads` are the settings that change what it leaves, by full key or group, `execution` those below them that don't; `inputs` name the
    stages, the corpus or the student that it takes in; `version` is raised when what it leaves changes in meaning.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    reads: ClassVar[tuple[str, ...]] = ()
    execution: ClassVar[tuple[str, ...]] = ()
    inputs: ClassVar[tuple[str, ...]] = ()

    def settings(self, config: Config) -> dict[str, Any]:
        """The settings that it reads and that are not at their default, by full key."""
        settings = read_by(flat(config), self.reads)
        return changed({name: value for name, value in settings.items() if not below(name, self.execution)})

    def check(self, config: Config) -> None:  # noqa: B027  (most stages have nothing to check)
        """Raises a `UserError` for a mistake of its settings that shows before any work."""

    @abstractmethod
    def done(self, arm: "PlannedArm") -> bool:
        """Whether what it would leave is there."""

    @abstractmethod
    def run(self, arm: "PlannedArm", live: Live) -> None:
        """Do what is missing; a result is written whole or not at all, with its provenance beside it."""


@dataclass(frozen=True)
class PlannedArm:
    """One experimental condition, run or not: its config, the corpus, the key of the student, and the stages in order."""

    config: Config
    perturbations: Mapping[str, Perturbation]
    corpus: Corpus
    student: str
    stages: tuple[Stage, ...]

    @property
    def name(self) -> str:
        return self.folder.path.name

    @property
    def label(self) -> str:
        """The name without seed and key: `shuffle_steps-0.33-lora`, or `clean-lora` without a perturbation."""
        chosen = self.config.perturb.items()
        parts = [f"{name}-{settings['dose']:g}" if "dose" in settings else name for name, settings in chosen]
        return f"{'+'.join(parts) or 'clean'}-{self.config.train.method}"

    @cached_property
    def folder(self) -> ArmFolder:
        """Where it stands: the same condition has the same folder, whichever study asks for it."""
        return ArmFolder(Path(self.config.runs) / ARMS / f"{self.label}-s{self.config.seed}-{self.key('train')}")

    @cached_property
    def untrained(self) -> StudentFolder:
        """Of the student that it trains."""
        settings = changed(read_by(flat(self.config), OF_STUDENT))
        return StudentFolder(Path(self.config.runs) / STUDENTS / key("student", 1, settings, {"student": self.student}))

    @property
    def _sources(self) -> dict[str, dict[str, str]]:
        """Of each perturbation of the user's own, the hash of its source, since two versions of it are two perturbations."""
        described = self.making("perturb").settings.get("perturb", [])
        return {name: {"source": rest[0]} for name, _, _, *rest in described if rest}

    @property
    def done(self) -> bool:
        """Whether the arm has all that its config asks for."""
        names = [stage.name for stage in self.stages]
        return all(stage.done(self) for stage in self.stages[: names.index(self.config.until) + 1])

    @property
    def whole(self) -> bool:
        """Whether nothing at all is missing."""
        return all(stage.done(self) for stage in self.stages)

    @property
    def tracked(self) -> TrackedArm:
        """As W&B shows it."""
        return TrackedArm(self.folder, tuple(studies_of(self.folder.path)), self.config.track)

    @cached_property
    def clean(self) -> "PlannedArm":
        """The same arm without any perturbation."""
        return replace(self, config=replace(self.config, perturb={}), perturbations={})

    def making(self, stage: str) -> Making:
        """What the stage of that name would make."""
        wanted = next(one for one in self.stages if one.name == stage)
        return Making(stage, wanted.version, wanted.settings(self.config), {name: self.key(name) for name in wanted.inputs})

    def key(self, name: str) -> str:
        """The key of a stage, of the corpus, or of the student."""
        given = {"corpus": self.corpus.fingerprint, "student": self.student}
        return given[name] if name in given else self.making(name).key

    def card(self) -> dict[str, Any]:
        """What the arm is, as its folder says it: all that tells whether two arms are alike but for their perturbation."""
        perturb, train = self.making("perturb").settings, dict(self.making("train").settings)
        match = {name: train.pop(name) for name in list(train) if name.startswith("train.match")}
        alike = {name: value for name, value in {**perturb, **train}.items() if not name.startswith("perturb") and name != "seed"}
        return {
            "id": self.key("train"),
            "label": self.label,
            "seed": self.config.seed,
            "perturb": {name: {**given, **self._sources.get(name, {})} for name, given in self.config.perturb.items()},
            "doses": {name: one.dose for name, one in self.perturbations.items()},
            "families": {name: one.family for name, one in self.perturbations.items()},
            "data": self.corpus.fingerprint,
            "student": self.student,
            "student_folder": self.untrained.path.name,
            "setting": alike,
            "data_setting": changed({f"data.{name}": value for name, value in _leaves(asdict(self.config.data)) if name != "workers"}),
            "match": match,
        }


def _leaves(data: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    leaves: list[tuple[str, Any]] = []
    for name, value in data.items():
        leaves += _leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else [(f"{prefix}{name}", value)]
    return leaves
