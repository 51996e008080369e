"""The stages of an arm, in order; each is one file, and this list."""

from pathlib import Path

from ablate import corpora
from ablate.config import Config
from ablate.console.progress import Reporter
from ablate.corpora import Corpus
from ablate.perturb import build
from ablate.record.arm_folder import HASHES
from ablate.record.keys import DEFAULTS, below
from ablate.stages import train
from ablate.stages.measure import Measure
from ablate.stages.perturb import Perturb
from ablate.stages.record import Record
from ablate.stages.running import opened
from ablate.stages.score import Score
from ablate.stages.stage import Live, PlannedArm, Stage
from ablate.stages.train import Train

__all__ = ["STAGES", "Live", "PlannedArm", "Stage", "execution_settings", "opened", "plan", "takes_part", "until"]

STAGES: tuple[Stage, ...] = (Perturb(), Measure(), Train(), Score(), Record())


def plan(config: Config, reporter: Reporter, read: dict[str, Corpus] | None = None) -> PlannedArm:
    """The arm that a config asks for, in its place.

    Args:
        config: resolved and checked.
        reporter: where the reading of the corpus is shown.
        read: corpora by what is asked of them, read before; filled up.

    Raises:
        UserError: a mistake that shows before any work: a perturbation, a task, the data or the student can't be used.
    """
    from ablate.student.key import student_key

    perturbations = build(config.perturb)
    for stage in STAGES:
        stage.check(config)
    corpus = {} if read is None else read
    asked = f"{config.runs} {config.data}"
    if asked not in corpus:
        corpus[asked] = corpora.opened(config.data, Path(config.runs), reporter)
    return PlannedArm(config, perturbations, corpus[asked], student_key(config.model, Path(config.runs) / HASHES), STAGES)


def until(config: Config) -> tuple[Stage, ...]:
    """The stages up to the one that the user asked for."""
    names = [stage.name for stage in STAGES]
    return STAGES[: names.index(config.until) + 1]


def takes_part(arm: PlannedArm) -> bool:
    """On a further node of several that train one arm together: lend its processes until that training is over. False on the first."""
    if not train.on_further_node(arm.config):
        return False
    train.take_part(arm)
    return True


def execution_settings() -> list[str]:
    """The settings that no stage reads as such: they say where, how fast and how much, and never what comes out.

    The data stands for itself: what counts of it is the corpus that is read. A dose reaches a stage through its perturbations.
    """

    def counts(key: str) -> bool:
        return any(below(key, stage.reads) and not below(key, stage.execution) for stage in STAGES)

    return [key for key in DEFAULTS if not counts(key)]
