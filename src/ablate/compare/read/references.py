"""Which clean condition an arm is held against, and what else keeps the two from being answered alike."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ablate.compare.read.outcomes import Condition
from ablate.compare.read.planned_scores import TaskScores
from ablate.compare.read.run_settings import differing, value_of
from ablate.compare.read.runs import Run, alike

Scores = Mapping[int, Sequence[TaskScores]]
"""By seed the scores of each task."""
NAMED = 4
"""Differences that a message names at most."""


def reference_of(run: Run, clean: Mapping[str, Run]) -> tuple[str | None, str]:
    """The clean condition that differs from an arm in its perturbation alone.

    Args:
        run: one of the arm's.
        clean: by label one run of each clean condition.

    Returns:
        the label, or None and the reason why there is none.
    """
    for label, other in clean.items():
        if alike(run, other):
            return label, ""
    if not clean:
        return None, "the study has no clean arm that is done"
    label, closest = min(clean.items(), key=lambda pair: len(_differences(run, pair[1])))
    if not differing(run.settings, closest.settings):
        return None, _trained_otherwise(run, label, closest)
    return None, f"no clean arm has its settings; beside {label}, {', '.join(_differences(run, closest)[:NAMED])}"


def _differences(run: Run, other: Run) -> list[str]:
    pairs = [(run.settings, other.settings), ({"data": run.data, "student": run.student}, {"data": other.data, "student": other.student})]
    return [f"{key} is {value_of(one, key)!r}, not {value_of(two, key)!r}" for one, two in pairs for key in differing(one, two)]


def _trained_otherwise(run: Run, label: str, other: Run) -> str:
    """Where all settings are alike: by the data, or by the student."""
    if run.data == other.data:
        return f"it was trained from another student than {label}"
    if not run.data or not other.data:
        return f"whether it was trained on the examples of {label} is not known: traces are missing"
    keys = differing(run.data_setting, other.data_setting)[:NAMED]
    pairs = [f"{key} is {value_of(run.data_setting, key)!r}, not {value_of(other.data_setting, key)!r}" for key in keys]
    return f"it was trained on other examples than {label}" + (f": {', '.join(pairs)}" if pairs else "")


def answered_otherwise(label: str, scores: Scores, reference: str, others: Scores) -> list[str]:
    """Flags for answers of two conditions that are compared, though another engine, device or version gave them.

    Args:
        label: of the condition.
        scores: its scores by seed.
        reference: label of the clean condition.
        others: the clean condition's scores by seed.

    Returns:
        one flag for each difference, however many tasks and seeds have it.
    """
    flags = [
        f"{label}: {name} {version or 'unknown'}, while {reference} has {theirs.answered_by[name] or 'unknown'}"
        for mine, theirs in _same_task_and_seed(scores, others)
        for name, version in mine.answered_by.items()
        if theirs.answered_by.get(name, version) != version
    ]
    return list(dict.fromkeys(flags))


def scored_otherwise(conditions: Iterable[Condition], scores: Mapping[str, Scores]) -> tuple[set[tuple[str, str]], list[str]]:
    """Tasks that were not asked or judged as the clean condition's were, though all settings are alike: the task itself has changed.

    Args:
        conditions: with their references.
        scores: by condition and seed.

    Returns:
        condition and task of each, and a flag for each.
    """
    changed = {
        (condition.label, mine.task): condition.reference
        for condition in conditions
        if condition.reference is not None
        for mine, theirs in _same_task_and_seed(scores[condition.label], scores[condition.reference])
        if mine.key != theirs.key
    }
    return set(changed), [
        f"{label}: {task} left out: the task or its judge is of another version than {reference}'s"
        for (label, task), reference in changed.items()
    ]


def _same_task_and_seed(scores: Scores, others: Scores) -> Iterator[tuple[TaskScores, TaskScores]]:
    for seed, tasks in scores.items():
        there = {task.task: task for task in others.get(seed, ())}
        yield from ((task, there[task.task]) for task in tasks if task.task in there)
