"""The statistics underneath: sums of conditions' accuracies with items and training seeds as crossed random factors.

Every comparison here is a weighted sum of conditions' accuracies: a difference to the clean arm (+1, -1), a contrast of families, a slope
over doses, an interaction. Its variance has two parts (Miller, arXiv 2411.00640, adds the second as a random factor):

- items: the spread over items of the sum, taken item by item, so that pairing by item and all samples and seeds of an item count once;
- retrainings: how far the accuracies of one condition lie apart between training seeds, beyond what their items' own noise explains.

One condition's two or three seeds tell next to nothing about the second part, so it is estimated over all conditions of a study: as one
variance in logits, which makes p(1 - p) of it in accuracy (an arm at 0 % or 100 % moves with no seed). A condition whose own seeds lie
further apart than that allows (chi-squared, 5 %) is taken by its own. Degrees of freedom are Satterthwaite's.

Arrays have the axes (..., condition, seed, item); leading axes are independent studies, as the calibration simulates them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SMALL = 50
"""Below so many items, and where items are all that an interval covers, the p-value is exact."""

FEW, FEWEST = 2.5, 1.5
"""Degrees of freedom between whole numbers: with fewer than 3 seeds' effects are not taken out, with fewer than 2 nothing is said."""


@dataclass(frozen=True)
class Estimate:
    """A weighted sum of accuracies (shares, not points) with the two parts of its variance.

    `items` is the variance from the items with what is random within a retraining, `residual` the part of it that more seeds or samples
    reduce; `retrainings` that between retrainings, 0 where `covers_retraining` is False. `count` is the number of items (of tasks of
    unlike size, the number that one task would need). `exact` is the p-value of the sign-flip test where one was made.
    """

    value: Any
    items: Any
    residual: Any
    retrainings: Any
    df: Any
    count: float
    seeds: int
    covers_retraining: bool
    exact: float | None = None

    @property
    def se(self) -> Any:
        return np.sqrt(self.items + self.retrainings)

    def interval(self, alpha: float = 0.05) -> tuple[Any, Any]:
        """The two-sided interval of level 1 - alpha, by Student's t."""
        from scipy.special import stdtrit

        half = stdtrit(self.df, 1 - alpha / 2) * self.se
        return self.value - half, self.value + half

    def p_value(self) -> Any:
        """Two-sided, against a value of 0."""
        from scipy.special import stdtr

        return self.exact if self.exact is not None else 2 * stdtr(self.df, -np.abs(self.value) / self.se)

    def p_equivalent(self, margin: float) -> Any:
        """The larger of the two one-sided p-values (TOST) against a value at the margin, a share.

        At the margin, harm may stand in as small a share of the items as the margin itself, and show in none of those drawn. So the
        variance is at least that of a share `margin` of the items changing wholly, margin (1 - margin) / items.
        """
        from scipy.special import stdtr

        se = np.sqrt(np.maximum(self.items, margin * (1 - margin) / self.count) + self.retrainings)
        return stdtr(self.df, (np.abs(self.value) - margin) / se)

    def detectable(self, alpha: float, power: float = 0.8) -> Any:
        """The smallest true value, a share, that would be told from 0 at this level with this power."""
        from scipy.special import stdtrit

        return (stdtrit(self.df, 1 - alpha / 2) + stdtrit(self.df, power)) * self.se


@dataclass(frozen=True)
class Retraining:
    """What seeds do, per condition: `noise` is the variance of one run's accuracy from its items' own randomness, `scale` what a unit of
    variance in logits makes of it, `own` the variance seen (with `own_df`, 0 at one seed); `logits` the study's variance, `error` its own
    sampling variance."""

    noise: Array
    scale: Array
    own: Array
    own_df: Array
    logits: Array
    error: Array

    def variance(self, squared: Array) -> tuple[Array, Array]:
        """The variance of a sum with these squared weights per run, and twice that variance's sampling variance over its square."""
        from scipy.special import chdtri

        allowed = self.noise + self.logits[..., None] * self.scale
        df = np.maximum(self.own_df, 1e-9)
        apart = (self.own_df > 0) & (self.own > allowed * chdtri(df, 0.05) / df)
        shared = np.where(apart, 0, squared * self.scale)
        alone = np.where(apart, squared * self.own, 0)
        value = shared.sum(-1) * self.logits + np.where(apart, squared * np.maximum(self.own - self.noise, 0), 0).sum(-1)
        error = shared.sum(-1) ** 2 * self.error + (alone**2 * 2 / df).sum(-1)
        return value, error


def retraining(values: Sequence[Array], ran: NDArray[np.bool_], task_weights: Sequence[float], matched: bool) -> Retraining | None:
    """What seeds do in one study, or None where fewer than two runs are the repetition of another.

    `values` has per task an array (..., condition, seed, item) of mean scores, `ran` (condition, seed) tells which runs there are.
    `matched` takes out what a seed does to all conditions alike, which cancels in differences between them, unless that leaves too little:
    left in, it can only widen intervals.

    Args:
        values: per task the mean scores over samples, shape (..., condition, seed, item).
        ran: which runs there are, shape (condition, seed).
        task_weights: of each task in the mean; they add up to 1.
        matched: whether what a seed does to all conditions alike is taken out.
    """
    leverage = _leverage(ran, matched)
    left = ran.sum() - np.trace(leverage)
    if matched and left < FEW:
        return retraining(values, ran, task_weights, matched=False)
    if left < FEWEST:
        return None
    cells = np.argwhere(ran)
    means = sum(weight * array.mean(-1) for weight, array in zip(task_weights, values, strict=True))[..., cells[:, 0], cells[:, 1]]
    residuals = means - means @ leverage.T
    member = np.eye(len(ran))[cells[:, 0]]
    own_df = (1 - np.diag(leverage)) @ member
    own_df = np.where(own_df < 1e-6, 0, own_df)
    own = np.where(own_df > 0, (residuals**2) @ member / np.maximum(own_df, 1e-9), 0)

    noise, root = np.zeros(own.shape), np.zeros(own.shape)
    for weight, array in zip(task_weights, values, strict=True):
        spread = _binomial(array, ran)
        noise = noise + weight**2 * _residual_share(array, ran, spread)[..., None] * spread / array.shape[-1]
        root = root + weight * spread
    scale = root**2
    logits = np.zeros(own.shape[:-1])
    for _ in range(20):
        pull = own_df * (scale / (noise + logits[..., None] * scale)) ** 2
        raw = (pull * (own - noise) / scale).sum(-1) / pull.sum(-1)
        logits = np.maximum(raw, 0)
    seen = np.maximum(noise + raw[..., None] * scale, 0)
    error = (pull**2 * 2 * (seen / scale) ** 2 / np.maximum(own_df, 1e-9)).sum(-1) / pull.sum(-1) ** 2
    return Retraining(noise, scale, own, own_df, logits, error)


def combine(
    values: Sequence[Array], weights: Array, task_weights: Sequence[float], between: Retraining | None, samples: int = 1, guard: int = 1
) -> Estimate:
    """The sum over conditions of `weights` times accuracy, averaged over tasks by `task_weights`.

    `values` holds only seeds that every condition with a weight ran. `samples` is the answers per item and seed.

    One item that speaks for each side is added to every task before its variance is taken, as Agresti and Min (2005) and Bonett and Price
    (2012) do for paired proportions, with the size that a single item's mean has over seeds and samples; few items that happen to agree
    would else give an interval of no width. `guard=0` leaves it out, where an interval of a single proportion has its own guard.

    Args:
        values: per task the mean scores over samples, shape (..., condition, seed, item).
        weights: of each condition in the sum.
        task_weights: of each task in the mean; they add up to 1.
        between: what seeds do, as `retraining` finds it.
        samples: answers per item and seed.
        guard: items that speak for each side and are added before a variance is taken.
    """
    seeds = values[0].shape[-2]
    involved = np.flatnonzero(weights)
    value, items, squares, residual, count = 0.0, 0.0, 0.0, 0.0, 0.0
    for share, array in zip(task_weights, values, strict=True):
        per_run = np.einsum("...csi,c->...si", array[..., involved, :, :], weights[involved])
        number = per_run.shape[-1]
        per_item = per_run.mean(-2)
        centre = per_item.mean(-1, keepdims=True)
        extra = guard * 2 * np.abs(weights).max() ** 2 / (seeds * samples)
        drawn = number + 2 * guard
        variance = share**2 * (((per_item - centre) ** 2).sum(-1) + extra) / ((drawn - 1) * drawn)
        if seeds > 1:
            left = per_run - per_item[..., None, :] - per_run.mean(-1, keepdims=True) + centre[..., None]
            residual = residual + share**2 * (left**2).sum((-1, -2)) / ((seeds - 1) * (number - 1) * number * seeds)
        value, items, squares = value + share * centre[..., 0], items + variance, squares + np.maximum(variance, 1e-12) ** 2 / (number - 1)
        count += share**2 / number
    more, error = between.variance(weights**2 / seeds) if between is not None else (np.zeros_like(value), np.zeros_like(value))
    df = np.maximum((items + more) ** 2 / (squares + error / 2), 1)
    covered = between is not None
    compared = abs(weights.sum()) < 1e-9 and np.ndim(value) == 0
    exact = _sign_flip(values, weights, task_weights) if compared and not covered and 1 / count < SMALL else None
    return Estimate(value, items, np.minimum(residual, items), more, df, 1 / count, seeds, covered, exact)


def _sign_flip(values: Sequence[Array], weights: Array, task_weights: Sequence[float]) -> float:
    """The two-sided p-value of items changing sign at random: all assignments up to 13 items that differ, else 9,999 seeded draws.

    For one sample and one seed it is McNemar's exact test.
    """
    from scipy import stats

    involved = np.flatnonzero(weights)
    parts = [
        np.einsum("csi,c->si", array[involved], weights[involved]).mean(0) * share / array.shape[-1]
        for share, array in zip(task_weights, values, strict=True)
    ]
    differing = np.concatenate(parts)
    differing = differing[differing != 0]
    if len(differing) < 2:
        return 1.0
    tested = stats.permutation_test(
        (differing,), lambda x, axis: np.round(x.sum(axis), 12), permutation_type="samples", n_resamples=9999, vectorized=True, rng=0
    )
    return float(tested.pvalue)


def _leverage(ran: NDArray[np.bool_], matched: bool) -> Array:
    """The hat matrix over runs of an additive model: a mean per condition and, where matched, an effect per seed."""
    cells = np.argwhere(ran)
    design = np.eye(ran.shape[0])[cells[:, 0]]
    if matched:
        design = np.concatenate([design, np.eye(ran.shape[1])[cells[:, 1]]], axis=1)
    return np.asarray(design @ np.linalg.pinv(design))


def _binomial(array: Array, ran: NDArray[np.bool_]) -> Array:
    """p (1 - p) per condition, p with one right and one wrong item added, so that it is never 0."""
    number = array.shape[-1]
    mean = np.where(ran, array.mean(-1), 0).sum(-1) / np.maximum(ran.sum(-1), 1)
    p = (mean * number + 1) / (number + 2)
    return np.asarray(p * (1 - p))


def _residual_share(array: Array, ran: NDArray[np.bool_], spread: Array) -> Array:
    """Which share of p (1 - p) is random within a condition's item, over all conditions with several seeds."""
    total, base = np.full(array.shape[:-3], 1e-6), np.full(array.shape[:-3], 1e-6)
    for condition in np.flatnonzero(ran.sum(1) > 1):
        runs = array[..., condition, ran[condition], :]
        left = runs - runs.mean(-1, keepdims=True) - runs.mean(-2, keepdims=True) + runs.mean((-1, -2), keepdims=True)
        total = total + (left**2).sum((-1, -2)) / ((runs.shape[-2] - 1) * (runs.shape[-1] - 1))
        base = base + spread[..., condition]
    return total / base
