"""The scores of conditions that may be compared with each other, as arrays, and sums over them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ablate.compare.read.outcomes import Condition, Outcomes
from ablate.compare.statistics.estimate import Array, Estimate, Retraining, combine, retraining


@dataclass(frozen=True)
class Panel:
    """A clean condition and all that are held against it. `values` has per task an array (condition, seed, item) of mean scores over
    samples, NaN where a condition did not run a seed or was not scored on the task; `samples` the answers per item."""

    conditions: tuple[Condition, ...]
    seeds: tuple[int, ...]
    values: Mapping[str, Array]
    samples: Mapping[str, int]

    @cached_property
    def _place(self) -> dict[str, int]:
        return {condition.label: number for number, condition in enumerate(self.conditions)}

    @cached_property
    def _between(self) -> "dict[tuple[tuple[str, ...], bool], Retraining | None]":
        return {}

    def ran(self, label: str, tasks: Sequence[str]) -> np.ndarray:
        """Which seeds a condition ran on all of these tasks."""
        return np.all([~np.isnan(self.values[task][self._place[label]]).any(-1) for task in tasks], axis=0)

    def sum(self, weights: Mapping[str, float], tasks: Sequence[str], guard: int = 1) -> Estimate | None:
        """The sum of the conditions' accuracies, averaged over the tasks, over the seeds that all of them ran; None where there is none.

        Where the weights add up to 0 it is a comparison, paired by item and seed.
        """
        trained = [label for label in weights if self.conditions[self._place[label]].trained]
        untrained = [label for label in weights if label not in trained]
        shared = np.all([self.ran(label, tasks) for label in trained or untrained], axis=0)
        if not shared.any() or not all(self.ran(label, tasks).any() for label in untrained):
            return None
        weighed = np.zeros(len(self.conditions))
        for label, weight in weights.items():
            weighed[self._place[label]] = weight
        values = [self._filled(task, shared, untrained) for task in tasks]
        matched = abs(weighed.sum()) < 1e-9
        samples = min(self.samples[task] for task in tasks)
        return combine(values, weighed, [1 / len(tasks)] * len(tasks), self.between(tuple(tasks), matched), samples, guard)

    def between(self, tasks: tuple[str, ...], matched: bool) -> Retraining | None:
        """What seeds do, over all trained conditions with scores on all of these tasks."""
        if (tasks, matched) not in self._between:
            self._between[tasks, matched] = self._estimate(tasks, matched)
        return self._between[tasks, matched]

    def _estimate(self, tasks: tuple[str, ...], matched: bool) -> Retraining | None:
        ran = np.array([self.ran(one.label, tasks) & one.trained for one in self.conditions])
        there = np.flatnonzero(ran.any(1))
        if not len(there):
            return None
        shares = [1 / len(tasks)] * len(tasks)
        found = retraining([self.values[task][there] for task in tasks], ran[there], shares, matched)
        if found is None:
            return None

        def spread(array: Array) -> Array:
            whole = np.zeros(len(self.conditions))
            whole[there] = array
            return whole

        return replace(found, **{name: spread(getattr(found, name)) for name in ("noise", "scale", "own", "own_df")})

    def _filled(self, task: str, shared: np.ndarray, untrained: Iterable[str]) -> Array:
        """The shared seeds; an untrained student that was scored once stands beside each of them."""
        values = self.values[task]
        chosen = values[:, shared]
        for label in untrained:
            place = self._place[label]
            once = values[place][~np.isnan(values[place]).any(-1)]
            chosen[place] = np.where(np.isnan(chosen[place]), once[:1], chosen[place])
        return chosen


def panels(outcomes: Outcomes) -> Iterator[Panel]:
    """One panel per clean condition with what is held against it; a condition without one stands alone."""
    means = outcomes.scores.groupby(["task", "condition", "seed", "item"], sort=False)["correct"].agg(["mean", "size"])
    heads = [condition for condition in outcomes.conditions if condition.reference is None]
    for head in heads:
        members = (*(one for one in outcomes.conditions if one.reference == head.label), head)
        labels = [member.label for member in sorted(members, key=lambda one: (one.trained, one is not head))]
        table = means[means.index.isin(labels, level="condition")]
        seeds = tuple(sorted(set(table.index.get_level_values("seed"))))
        values, samples = {}, {}
        for task, group in table.groupby(level="task", sort=False):
            wide = group["mean"].unstack("item").droplevel("task")
            every = [(label, seed) for label in labels for seed in seeds]
            values[str(task)] = wide.reindex(every).to_numpy(float).reshape(len(labels), len(seeds), -1)
            samples[str(task)] = int(group["size"].min())
        yield Panel(tuple(outcomes.condition(label) for label in labels), seeds, values, samples)
