"""One tidy table of outcomes, condition × seed × task × item × sample, and the checks that all of them have to pass."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.errors import UserError, nearest
from ablate.study.spec import Study

if TYPE_CHECKING:
    import pandas

COLUMNS = ("condition", "seed", "task", "item", "sample", "correct", "finished", "tokens")


@dataclass(frozen=True)
class Condition:
    """What is compared: runs that differ in their training seed alone. `reference` is the label of the clean condition it is held against.

    `doses` is by perturbation, in order; `axes` are means over the seeds; `trained_tokens` those that the loss saw, over all epochs.
    """

    label: str
    doses: Mapping[str, float] = field(default_factory=dict)
    families: tuple[str, ...] = ()
    reference: str | None = None
    trained: bool = True
    axes: Mapping[str, float] = field(default_factory=dict)
    trained_tokens: float | None = None

    @property
    def perturbed(self) -> str:
        """The label's part that names perturbations and doses."""
        return "+".join(f"{name}-{dose:g}" for name, dose in self.doses.items())


@dataclass(frozen=True)
class Source:
    """Where one run of a condition lies: its folder, and by task the file with every answer in full.

    `scoring` is how and how much of it was scored for this study, by full key, without what is at its default; `records` are the JSON files
    that say what made it, with `versions` and `commit`, whether they are there or not.
    """

    folder: Path
    scoring: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Path] = field(default_factory=dict)
    records: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Outcomes:
    """A study's conditions, the table of their scores (columns `COLUMNS`), and what was left out or has to be known.

    `sources` has by condition and seed where its run lies, and is empty for a CSV.
    """

    study: Study
    conditions: tuple[Condition, ...]
    scores: "pandas.DataFrame"
    flags: tuple[str, ...]
    sources: Mapping[str, Mapping[int, Source]] = field(default_factory=dict)

    def condition(self, label: str) -> Condition:
        """The condition of that label."""
        return next(condition for condition in self.conditions if condition.label == label)


def read_csv(path: Path, clean: str | None, study: Study | None = None) -> Outcomes:
    """The outcomes in a table with the columns arm, task, item, correct, and, where there are, seed, sample, finished, tokens.

    Args:
        path: of the CSV; `correct` and `finished` are 0 or 1.
        clean: the arm all others are compared with; without it, and without an arm called clean, accuracies alone are told.
        study: with margin, level and claims; without one, the defaults under the file's name.

    Returns:
        one condition per arm, without axes and sources.

    Raises:
        UserError: the file is not there, lacks a column, has a score that is neither 0 nor 1, or has no arm `clean`.
    """
    import pandas

    if not path.is_file():
        raise UserError(f"{path}: there is no such file")
    table = pandas.read_csv(path, dtype={"arm": str, "task": str})
    if lacking := [column for column in ("arm", "task", "item", "correct") if column not in table]:
        raise UserError(f"{path}: found the columns {', '.join(table)}; {', '.join(lacking)} is missing")
    wrong = table.index[~table["correct"].isin([0, 1])]
    if len(wrong):
        raise UserError(f"{path}: row {wrong[0] + 2}: correct: found {table['correct'][wrong[0]]}, allowed: 0, 1")
    arms = list(dict.fromkeys(table["arm"]))
    if clean is not None and clean not in arms:
        raise UserError(f"{path}: --clean: found no arm {clean!r}. {nearest(clean, arms)}")
    reference = clean or ("clean" if "clean" in arms else None)
    flags = [] if reference else [f"no arm is called clean, so that nothing is compared; --clean names one of {', '.join(arms)}"]
    defaults = {"seed": 0, "sample": 0, "finished": float("nan"), "tokens": float("nan")}
    for column, value in defaults.items():
        if column not in table:
            table[column] = value
    keys = ["arm", "seed", "task", "item", "sample"]
    if (twice := table.duplicated(keys)).any():
        raise UserError(f"{path}: row {twice.idxmax() + 2}: the same {', '.join(keys)} stands there twice")
    conditions = [Condition(arm, reference=None if arm == reference else reference) for arm in arms]
    scores, unmatched = matching(table.rename(columns={"arm": "condition"})[[*COLUMNS]], conditions)
    return Outcomes(with_primary(study or Study(path.stem), scores), tuple(conditions), scores, (*flags, *unmatched))


def matching(scores: "pandas.DataFrame", conditions: Iterable[Condition]) -> tuple["pandas.DataFrame", list[str]]:
    """Leave out each task of a condition whose items or samples are not those of its reference, or differ between its seeds.

    Args:
        scores: a table with the columns `COLUMNS`.
        conditions: with their references.

    Returns:
        the rows that are left, and a flag for what was left out and for seeds that are not shared.
    """
    flags, bad = [], set()
    unlike: dict[tuple[str, str, str], dict[str, None]] = {}
    asked = {
        key: frozenset(zip(group["item"], group["sample"], strict=True))
        for key, group in scores.groupby(["condition", "task", "seed"], sort=False)
    }
    by_task: dict[tuple[str, str], dict[int, frozenset]] = {}
    for (condition, task, seed), pairs in asked.items():
        by_task.setdefault((condition, task), {})[seed] = pairs
    for (condition, task), seeds in by_task.items():
        if len(set(seeds.values())) > 1:
            bad.add((condition, task))
            sizes = ", ".join(f"seed {seed}: {len(pairs)}" for seed, pairs in seeds.items())
            flags.append(f"{condition}: {task} left out: its seeds were scored on different items ({sizes})")
    for condition in conditions:
        if condition.reference is None:
            continue
        for task in [task for label, task in by_task if label == condition.reference]:
            mine, other = by_task.get((condition.label, task)), by_task[condition.reference, task]
            if mine is None:
                flags.append(f"{condition.label}: has no scores on {task}, which {condition.reference} has")
                continue
            asked_here, asked_there = next(iter(mine.values())), next(iter(other.values()))
            if asked_here != asked_there and not {(condition.label, task), (condition.reference, task)} & bad:
                bad.add((condition.label, task))
                flags.append(
                    f"{condition.label}: {task} left out: other items or samples than {condition.reference} "
                    f"({len(asked_here)} against {len(asked_there)}, {len(asked_here & asked_there)} shared)"
                )
            if set(mine) != set(other) and condition.trained:
                unlike.setdefault((_listed(mine), condition.reference, _listed(other)), {})[condition.label] = None
    for (seeds_here, reference, seeds_there), labels in unlike.items():
        named = ", ".join(list(labels)[:3]) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
        flags.append(f"{named}: seeds {seeds_here}, while {reference} has {seeds_there}; only shared seeds are compared")
    keep = [key not in bad for key in zip(scores["condition"], scores["task"], strict=True)]
    return scores[keep].reset_index(drop=True), flags


def _listed(seeds: Iterable[int]) -> str:
    return ", ".join(str(seed) for seed in sorted(seeds))


def with_primary(study: Study, scores: "pandas.DataFrame") -> Study:
    """The study with its primary tasks named.

    Args:
        study: what was planned.
        scores: a table with the columns `COLUMNS`.

    Returns:
        the study; where it names no primary task, all tasks are.

    Raises:
        UserError: a primary task has no scores.
    """
    tasks = list(dict.fromkeys(scores["task"]))
    for task in study.primary:
        if task not in tasks:
            raise UserError(f"{study.name}: primary: found {task!r}, of which there are no scores. {nearest(task, tasks)}")
    return replace(study, primary=study.primary or tuple(tasks))
