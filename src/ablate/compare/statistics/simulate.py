"""Simulated studies with a known truth: how often the verdicts are wrong, how often the intervals hold what they should."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ablate.compare.statistics.design import Design, Spread, moved, power, spread
from ablate.compare.statistics.estimate import Array, Estimate, combine, retraining

CHUNK = 4_000_000
"""Scores simulated at once."""


@dataclass(frozen=True)
class World:
    """Whether an answer is right, in logits: its item (easy and hard ones far apart), what the arm does to the item, what the retraining
    does to the item, and what the retraining does to all items, of which `shared` falls on all arms of one seed alike.

    `accuracy`, `retraining` and `shared` are shares, the latter two standard deviations about it. The first arm's retrainings lie
    `unsteady` times as far apart as the others'.
    """

    items: int
    seeds: int
    arms: int = 8
    samples: int = 1
    accuracy: float = 0.6
    retraining: float = 0.02
    shared: float = 0.0
    unsteady: float = 1.0
    item_spread: float = 2.0
    arm_item: float = 0.7
    run_item: float = 1.0

    def studies(self, number: int, effects: Array, seed: int) -> Iterator[Array]:
        """Chunks (study, condition, seed, item) of mean scores, the clean condition first; `effects` are the arms' true differences."""
        random = np.random.Generator(np.random.Philox(key=seed))
        levels = np.array([self._logit(self.accuracy), *(self._logit(self.accuracy + effect) for effect in effects)])
        size = max(1, CHUNK // (len(levels) * self.seeds * self.items))
        while number > 0:
            count = min(size, number)
            number -= count
            draw = random.standard_normal
            logits = levels[:, None, None] + self.item_spread * draw((count, 1, 1, self.items))
            logits = logits + self.arm_item * draw((count, len(levels), 1, self.items))
            logits = logits + self.run_item * draw((count, len(levels), self.seeds, self.items))
            steadiness = np.where(np.arange(len(levels)) == 1, self.unsteady, 1.0)[:, None, None]
            logits += steadiness * self._in_logits(self.retraining) * draw((count, len(levels), self.seeds, 1))
            logits += self._in_logits(self.shared) * draw((count, 1, self.seeds, 1))
            yield random.binomial(self.samples, 1 / (1 + np.exp(-logits))) / self.samples

    def _nodes(self) -> tuple[Array, Array]:
        nodes, weights = np.polynomial.hermite_e.hermegauss(100)
        between = self._in_logits(self.retraining) ** 2 + self._in_logits(self.shared) ** 2
        spread = np.sqrt(self.item_spread**2 + self.arm_item**2 + self.run_item**2 + between)
        return spread * nodes, weights / weights.sum()

    def _in_logits(self, share: float) -> float:
        """A standard deviation of accuracy in logits, by the slope of the mean accuracy at its place."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(100)
        wide = np.sqrt(self.item_spread**2 + self.arm_item**2 + self.run_item**2) * nodes
        weights = weights / weights.sum()
        place = _solve(lambda level: float(weights @ _expit(level + wide)), self.accuracy)
        p = _expit(place + wide)
        return share / float(weights @ (p * (1 - p)))

    def _logit(self, accuracy: float) -> float:
        """The level whose mean over items and retrainings is this accuracy."""
        nodes, weights = self._nodes()
        return _solve(lambda level: float(weights @ _expit(level + nodes)), accuracy)


@dataclass(frozen=True)
class Rates:
    """Shares of simulated studies: intervals of the first arm that hold its true difference, studies with an arm that is said to be
    different from clean (and lower), studies with one that is said to be harmless, and the first arm told from clean."""

    coverage: float
    harmful: float
    harmless: float
    seen: float


def rates(world: World, effects: Array, number: int, margin: float, alpha: float = 0.05, seed: int = 0) -> Rates:
    """Run the comparison on that many studies; an arm is found out where Holm's first step, alpha over arms, finds it.

    Where all arms are alike this is the chance of any such verdict in a study, since Holm finds none unless its first step does.

    Args:
        world: the truth that is drawn from.
        effects: true differences to clean, shape (arms,), shares.
        number: of studies.
        margin: within which a difference is harmless, a share.
        alpha: level of the tests.
        seed: of the simulation.
    """
    found = [_judge(chunk, world, effects, margin, alpha) for chunk in world.studies(number, effects, seed)]
    return Rates(*(float(np.concatenate(column).mean()) for column in zip(*found, strict=True)))


def differences(scores: Array, samples: int) -> list[Estimate]:
    """Every arm's difference to the clean condition, for all studies of a chunk at once.

    Args:
        scores: shape (studies, condition, seed, item), shares.
        samples: answers per item and seed.
    """
    conditions, seeds = scores.shape[1:3]
    between = retraining([scores], np.ones((conditions, seeds), bool), [1.0], matched=True)
    clean = -np.eye(conditions)[0]
    return [combine([scores], np.eye(conditions)[arm] + clean, [1.0], between, samples) for arm in range(1, conditions)]


def _judge(scores: Array, world: World, effects: Array, margin: float, alpha: float) -> tuple[Any, Any, Any, Any]:
    estimates = differences(scores, world.samples)
    level = alpha / len(estimates)
    harmless = np.array([one.p_equivalent(margin) <= level for one in estimates])
    apart = np.array([one.p_value() <= level for one in estimates])
    lower = np.array([one.value < 0 for one in estimates])
    low, high = estimates[0].interval(alpha)
    return (low <= effects[0]) & (effects[0] <= high), (apart & lower & ~harmless).any(0), harmless.any(0), apart[0]


def found_parts(world: World, number: int, seed: int) -> Spread:
    """The parts of the variance of a difference, as the mean over simulated pilots.

    Args:
        world: the truth that is drawn from.
        number: of studies.
        seed: of the simulation.
    """
    estimates = [one for chunk in world.studies(number, np.zeros(world.arms), seed) for one in differences(chunk, world.samples)]

    def mean(name: str) -> float:
        return float(np.mean(np.concatenate([np.broadcast_to(getattr(one, name), one.value.shape) for one in estimates])))

    first = estimates[0]
    return spread(
        Estimate(0.0, mean("items"), mean("residual"), mean("retrainings"), 1.0, first.count, first.seeds, first.covers_retraining)
    )


def seen_as_planned(world: World, parts: Spread, alpha: float = 0.05, wanted: float = 0.8) -> tuple[float, float]:
    """The true difference at which the plan promises that power, and the power that it promises there (in shares).

    Args:
        world: the truth that is drawn from.
        parts: variances of one item's paired difference, of shares.
        alpha: level of the tests.
        wanted: the power.
    """
    design = Design(world.items, world.samples, world.seeds, world.arms)

    def promised(difference: float) -> float:
        return power(moved(parts, world.accuracy, difference), design, difference, alpha)

    difference = _solve(promised, wanted, 1e-4, world.accuracy - 1e-3)
    return difference, promised(difference)


def _expit(logits: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-logits)))


def _solve(rising: Callable[[float], float], value: float, low: float = -15.0, high: float = 15.0) -> float:
    from scipy.optimize import brentq

    return float(brentq(lambda x: rising(x) - value, low, high))
