"""The untrained student as a condition beside a clean arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ablate.compare.read import first_layout
from ablate.compare.read.outcomes import Condition, Source
from ablate.compare.read.planned_scores import TaskScores, read_planned
from ablate.compare.read.runs import Run, Untrained
from ablate.record.arm_folder import StudentFolder


@dataclass(frozen=True)
class UntrainedCondition:
    """The condition, None where it is left out, with its scores and where they lie by seed; and flags."""

    condition: Condition | None = None
    scores: Mapping[int, Sequence[TaskScores]] = field(default_factory=dict)
    sources: Mapping[int, Source] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


def untrained_condition(clean: str, runs: Sequence[Run]) -> UntrainedCondition:
    """The scores of the student that runs of one setting began from: one set per seed where answers are sampled, else one.

    Args:
        clean: label of the clean condition.
        runs: the clean condition's, then all others that are alike but for their perturbation.

    Returns:
        the condition, or a flag that says why there is none.
    """
    label = f"base of {clean}"
    named = [(run.seed, run.untrained) for run in runs if run.untrained]
    if not named:
        return UntrainedCondition(flags=(f"{clean}: its runs do not say which base they began from; the base is left out",))
    sampled = bool(runs[0].scoring.get("evaluate.temperature"))
    by_seed: dict[int, Untrained] = {}
    for seed, untrained in named:
        known = by_seed.setdefault(seed if sampled else named[0][0], untrained)
        if known.id != untrained.id:
            stale = ", ".join(sorted({one.id for _, one in named}))
            why = f"left out: runs of one setting name several bases ({stale}): the student or its scoring has changed"
            return UntrainedCondition(flags=(f"{label}: {why}",))
    scored: dict[int, tuple[TaskScores, ...]] = {}
    for seed, untrained in by_seed.items():
        scores, why = _scores(untrained)
        if why:
            return UntrainedCondition(flags=(f"{label}: left out: {why}",))
        scored[seed] = scores
    sources = {seed: _source(by_seed[seed], scores) for seed, scores in scored.items()}
    return UntrainedCondition(Condition(label, reference=clean, trained=False), scored, sources)


def _scores(untrained: Untrained) -> tuple[tuple[TaskScores, ...], str]:
    """The scores, and why they are not all there."""
    if untrained.planned is None:
        scores = first_layout.read_scores(untrained.folder)
        return scores, "" if scores else f"{untrained.folder / 'items.parquet'} is not there"
    scores, lacking = read_planned(StudentFolder(untrained.folder).scores, untrained.planned)
    return scores, f"{untrained.folder} is not scored as planned on {', '.join(lacking)}" if lacking else ""


def _source(untrained: Untrained, scores: Sequence[TaskScores]) -> Source:
    return Source(
        folder=untrained.folder,
        answers={task.task: task.answers for task in scores},
        records=tuple(dict.fromkeys(task.record for task in scores)),
    )
