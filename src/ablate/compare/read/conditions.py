"""From the runs of a study to its conditions: which belong together, and which clean arm each is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ablate.compare.read.labels import labels
from ablate.compare.read.missing_arms import missing_arms
from ablate.compare.read.outcomes import COLUMNS, Condition, Outcomes, matching, with_primary
from ablate.compare.read.planned_scores import TaskScores
from ablate.compare.read.references import answered_otherwise, reference_of, scored_otherwise
from ablate.compare.read.runs import Run, alike
from ablate.compare.read.untrained import untrained_condition
from ablate.errors import UserError
from ablate.record.keys import DEFAULTS
from ablate.study.spec import Study

if TYPE_CHECKING:
    import pandas

Members = Mapping[str, Mapping[int, Run]]
"""By condition and seed the run."""


def outcomes_of(study: Study, runs: Sequence[Run]) -> Outcomes:
    """Join runs that differ in their seed alone to conditions, find the clean condition of each, and leave out what can't be compared.

    Args:
        study: what was planned.
        runs: the study's runs, done or not.

    Returns:
        the outcomes, with a flag for each thing that was left out and why.

    Raises:
        UserError: no run is done, or a primary task has no scores.
    """
    flags = [f"{run.name}: left out: {run.state}" for run in runs if not run.scores]
    flags += missing_arms(study, runs)
    members, repeated = _joined([run for run in runs if run.scores])
    flags += repeated
    conditions, apart = _with_references(members)
    flags += apart
    scores: dict[str, Mapping[int, Sequence[TaskScores]]] = {
        label: {seed: run.scores for seed, run in by_seed.items()} for label, by_seed in members.items()
    }
    sources = {label: {seed: run.source for seed, run in by_seed.items()} for label, by_seed in members.items()}
    for clean in [condition.label for condition in conditions if not condition.doses]:
        first, *others = members[clean].values()
        untrained = untrained_condition(clean, [first, *others, *(run for run in runs if run.scores and alike(run, first))])
        flags += untrained.flags
        if untrained.condition is not None:
            conditions.insert(0, untrained.condition)
            scores = {untrained.condition.label: untrained.scores, **scores}
            sources[untrained.condition.label] = dict(untrained.sources)
    if not scores:
        raise UserError(f"{study.name}: no arm is done yet: " + "; ".join(flags))
    for condition in conditions:
        if condition.reference is not None:
            flags += answered_otherwise(condition.label, scores[condition.label], condition.reference, scores[condition.reference])
    table, unmatched = matching(_table(scores), conditions)
    unlike, rejudged = scored_otherwise(conditions, scores)
    if unlike:
        table = table[[pair not in unlike for pair in zip(table["condition"], table["task"], strict=True)]].reset_index(drop=True)
    flags += [*unmatched, *rejudged]
    return Outcomes(with_primary(study, table), tuple(conditions), table, tuple(dict.fromkeys(flags)), sources)


def _joined(runs: Sequence[Run]) -> tuple[Members, list[str]]:
    """Two runs of one condition and seed differ in something that is not written down; neither is trusted."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(_key(run), []).append(run)
    flags: list[str] = []
    members: dict[str, dict[int, Run]] = {}
    for label, group in zip(labels([group[0] for group in groups.values()]), groups.values(), strict=True):
        seeds = [run.seed for run in group]
        twice = sorted({seed for seed in seeds if seeds.count(seed) > 1})
        flags += [
            f"{label}: seed {seed} left out: {' and '.join(run.name for run in group if run.seed == seed)} "
            "have the same config, but other data, another student or other code"
            for seed in twice
        ]
        if once := {run.seed: run for run in group if run.seed not in twice}:
            members[label] = once
    return members, flags


def _key(run: Run) -> str:
    """The same for runs that differ in their seed alone."""
    perturbations = [(name, sorted(settings.items())) for name, settings in run.perturb.items()]
    match = sorted(run.match.items()) if perturbations else []
    return repr((run.label, sorted(run.settings.items()), match, run.data, run.student, perturbations))


def _with_references(members: Members) -> tuple[list[Condition], list[str]]:
    firsts = {label: next(iter(by_seed.values())) for label, by_seed in members.items()}
    clean = {label: run for label, run in firsts.items() if not run.perturb}
    conditions, flags = [], []
    for label, by_seed in members.items():
        condition = _condition(label, list(by_seed.values()))
        if condition.doses:
            reference, why = reference_of(firsts[label], clean)
            condition = replace(condition, reference=reference)
            flags += [f"{label}: not compared: {why}"] if reference is None else []
        conditions.append(condition)
    return conditions, flags


def _condition(label: str, runs: Sequence[Run]) -> Condition:
    first = runs[0]
    shared = set.intersection(*(set(run.axes) for run in runs))
    tokens = [run.tokens["trainable"] * _epochs(run) for run in runs if "trainable" in run.tokens]
    return Condition(
        label=label,
        doses=first.doses,
        families=tuple(first.families.get(name, "unknown") for name in first.perturb),
        axes={axis: sum(run.axes[axis] for run in runs) / len(runs) for axis in sorted(shared)},
        trained_tokens=sum(tokens) / len(tokens) if tokens else None,
    )


def _epochs(run: Run) -> float:
    """As trained; matching tokens changes their number."""
    return float(run.tokens.get("epochs", run.setting.get("train.epochs", DEFAULTS["train.epochs"])))


def _table(scores: Mapping[str, Mapping[int, Sequence[TaskScores]]]) -> "pandas.DataFrame":
    import pandas

    tables = [
        task.table.assign(condition=label, seed=seed)
        for label, by_seed in scores.items()
        for seed, tasks in by_seed.items()
        for task in tasks
    ]
    return pandas.concat(tables, ignore_index=True)[[*COLUMNS]]
