"""What a design can see: standard errors, power, and what would be needed, from the parts of a paired difference's variance."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ablate.compare.statistics.estimate import FEW, Estimate

POWER = 0.8
MOST_ITEMS, MOST_SEEDS = 1_000_000, 100


@dataclass(frozen=True)
class Spread:
    """Variances (of shares) of one item's paired difference, by what a study can average over.

    `item` stays the same in every retraining; `residual` differs between retrainings of an item; `sample` between answers; `retraining`
    is what a retraining does to all items.
    """

    item: float
    residual: float
    sample: float
    retraining: float


@dataclass(frozen=True)
class Design:
    """How much is run: items, answers per item, training seeds, and arms beside the clean one."""

    items: int
    samples: int = 1
    seeds: int = 3
    arms: int = 1

    @property
    def covers_retraining(self) -> bool:
        return self.seeds > 1


def spread(estimate: Estimate) -> Spread:
    """The parts that an estimate found; at one seed what differs between retrainings counts to the items."""
    residual = float(estimate.residual)
    return Spread(
        item=(float(estimate.items) - residual) * estimate.count,
        residual=residual * estimate.count * estimate.seeds,
        sample=0.0,
        retraining=float(estimate.retrainings) * estimate.seeds,
    )


def moved(parts: Spread, accuracy: float, difference: float) -> Spread:
    """The parts where one of two arms at this accuracy lies lower by `difference`: between 0 and 1 there is more room to vary.

    Items and answers vary with p (1 - p), retraining with its square, as `crossed` has it.

    Args:
        parts: variances of one item's paired difference, of shares.
        accuracy: of both arms, a share.
        difference: a true difference, a share.
    """
    here, there = accuracy * (1 - accuracy), max(1e-3, (accuracy - difference) * (1 - accuracy + difference))
    within, between = (1 + there / here) / 2, (1 + (there / here) ** 2) / 2
    return Spread(within * parts.item, within * parts.residual, within * parts.sample, between * parts.retraining)


def standard_error(parts: Spread, design: Design) -> tuple[float, float]:
    """The standard error of the paired difference (a share) and its degrees of freedom, as `crossed` will find them on average.

    Args:
        parts: variances of one item's paired difference, of shares.
        design: items, answers per item, seeds, and arms that are tested together.
    """
    within = parts.residual + parts.sample / design.samples
    extra = 2 / (design.seeds * design.samples) / design.items
    items = (parts.item + within / design.seeds + extra) / design.items
    if not design.covers_retraining:
        return items**0.5, design.items - 1
    retrainings = parts.retraining / design.seeds
    seen = (within / design.items + parts.retraining) / design.seeds
    matched = design.arms * (design.seeds - 1)
    free = matched if matched > FEW else (design.arms + 1) * (design.seeds - 1)
    df = (items + retrainings) ** 2 / (items**2 / (design.items - 1) + seen**2 / free)
    return (items + retrainings) ** 0.5, max(1.0, df)


def power(parts: Spread, design: Design, difference: float, alpha: float) -> float:
    """The chance that a true difference (a share) is told from 0, two-sided, as the first of `arms` tests after Holm.

    Args:
        parts: variances of one item's paired difference, of shares.
        design: items, answers per item, seeds, and arms that are tested together.
        difference: a true difference, a share.
        alpha: level of the tests.
    """
    from scipy import stats

    se, df = standard_error(parts, design)
    critical = stats.t.ppf(1 - alpha / design.arms / 2, df)
    return float(stats.nct.sf(critical, df, abs(difference) / se))


def power_equivalence(parts: Spread, design: Design, margin: float, alpha: float, difference: float = 0.0) -> float:
    """The chance that TOST finds the difference within the margin (shares), as the first of `arms` tests after Holm.

    Args:
        parts: variances of one item's paired difference, of shares.
        design: items, answers per item, seeds, and arms that are tested together.
        margin: within which a difference is harmless, a share.
        alpha: level of the tests.
        difference: a true difference, a share.
    """
    from scipy import stats

    se, df = standard_error(parts, design)
    least = margin * (1 - margin) / design.items
    se = float(np.sqrt(max(se**2, se**2 - _items(parts, design) + least)))
    critical = stats.t.ppf(1 - alpha / design.arms, df)
    upper, lower = stats.t.cdf((margin - difference) / se - critical, df), stats.t.cdf((margin + difference) / se - critical, df)
    return float(max(0.0, upper + lower - 1))


def _items(parts: Spread, design: Design) -> float:
    within = parts.residual + parts.sample / design.samples
    return (parts.item + within / design.seeds + 2 / (design.seeds * design.samples) / design.items) / design.items


def decides(parts: Spread, design: Design, difference: float, margin: float, alpha: float) -> bool:
    """Whether, were the true difference this one, either verdict is reached with 80 % power.

    Args:
        parts: variances of one item's paired difference, of shares.
        design: items, answers per item, seeds, and arms that are tested together.
        difference: a true difference, a share.
        margin: within which a difference is harmless, a share.
        alpha: level of the tests.
    """
    seen = power(parts, design, difference, alpha) >= POWER
    return seen or (abs(difference) < margin and power_equivalence(parts, design, margin, alpha, difference) >= POWER)


def more_items(parts: Spread, design: Design, difference: float, margin: float, alpha: float) -> int | None:
    """About how many items decide, or None where a million do not: then seeds are lacking.

    Args:
        parts: variances of one item's paired difference, of shares.
        design: items, answers per item, seeds, and arms that are tested together.
        difference: a true difference, a share.
        margin: within which a difference is harmless, a share.
        alpha: level of the tests.
    """
    return least(lambda items: decides(parts, replace(design, items=items), difference, margin, alpha), design.items, MOST_ITEMS)


def more_seeds(parts: Spread, design: Design, difference: float, margin: float, alpha: float) -> int | None:
    """How many seeds decide, or None where a hundred do not: then items are lacking.

    Args:
        parts: variances of one item's paired difference, of shares.
        design: items, answers per item, seeds, and arms that are tested together.
        difference: a true difference, a share.
        margin: within which a difference is harmless, a share.
        alpha: level of the tests.
    """
    return least(lambda seeds: decides(parts, replace(design, seeds=seeds), difference, margin, alpha), max(2, design.seeds), MOST_SEEDS)


def least(enough: Callable[[int], bool], start: int, most: int) -> int | None:
    """The least number from `start` to `most` that is enough, to about two digits.

    Args:
        enough: whether a number is enough; once it is, every larger one is.
        start: the least number that is tried.
        most: the largest number that is tried.
    """
    if not enough(most):
        return None
    low, high = start, most
    if enough(low):
        return low
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
