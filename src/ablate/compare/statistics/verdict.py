"""The words on an arm: harmful, harmless within the margin, or undecided and what it would take."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ablate.compare.statistics.design import Design, more_items, more_seeds, spread
from ablate.compare.statistics.estimate import Estimate


class Kind(StrEnum):
    """Verdicts on the perturbation take several training seeds; with one seed they are on these training runs alone."""

    harmful = "harmful"
    harmless = "harmless"
    better = "better than clean"
    worse_here = "worse in this run"
    alike_here = "alike in this run"
    better_here = "better in this run"
    undecided = "undecided"


HERE = {Kind.harmful: Kind.worse_here, Kind.harmless: Kind.alike_here, Kind.better: Kind.better_here}


@dataclass(frozen=True)
class Verdict:
    """`p` is that of a difference, `p_equivalent` that of equivalence, both after Holm over the study's arms; `words` are for reading."""

    kind: Kind
    words: str
    p: float
    p_equivalent: float


def verdicts(differences: Sequence[Estimate], margin: float, alpha: float, samples: int = 1) -> list[Verdict]:
    """One verdict per arm, from its difference to the clean arm; Holm over all of them, for difference and for equivalence.

    `margin` is a share. Harmless goes before harmful: a loss that is certain and smaller than the margin is called harmless.

    Args:
        differences: each arm's to the clean arm.
        margin: within which a difference is harmless, a share.
        alpha: level of the tests.
        samples: answers per item and seed.
    """
    p = holm([float(one.p_value()) for one in differences])
    equivalent = holm([float(one.p_equivalent(margin)) for one in differences])
    return [
        _verdict(estimate, one, other, margin, alpha, len(differences), samples)
        for estimate, one, other in zip(differences, p, equivalent, strict=True)
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction (1979): the chance of any false rejection is at most alpha."""
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(list(p_values), method="holm")[1]] if p_values else []


def _verdict(estimate: Estimate, p: float, equivalent: float, margin: float, alpha: float, arms: int, samples: int) -> Verdict:
    points = 100 * float(estimate.value)
    kind = Kind.undecided
    if equivalent <= alpha:
        kind = Kind.harmless
    elif p <= alpha:
        kind = Kind.harmful if points < 0 else Kind.better
    if not estimate.covers_retraining:
        kind = HERE.get(kind, kind)
    words = str(kind)
    if kind in (Kind.harmless, Kind.alike_here):
        words += f" within {100 * margin:g} points"
        if p <= alpha:
            words += f", though {'lower' if points < 0 else 'higher'} by {abs(points):.1f}"
    if kind is Kind.undecided:
        words += f": {needed(estimate, margin, alpha, arms, samples)}"
    if not estimate.covers_retraining:
        words += "; one seed, retraining not covered"
    return Verdict(kind, words, p, equivalent)


def needed(estimate: Estimate, margin: float, alpha: float, arms: int, samples: int = 1) -> str:
    """What would decide with 80 % power, were the true difference the one seen.

    Args:
        estimate: of a difference to the clean arm.
        margin: within which a difference is harmless, a share.
        alpha: level of the tests.
        arms: that are tested together.
        samples: answers per item and seed.
    """
    parts, difference = spread(estimate), float(estimate.value)
    design = Design(round(estimate.count), samples, estimate.seeds, arms)
    borrowed = estimate.covers_retraining and estimate.seeds == 1  # only other arms' seeds tell of retraining: more items say nothing of it
    items = None if borrowed else more_items(parts, design, difference, margin, alpha)
    seeds = more_seeds(parts, design, difference, margin, alpha) if estimate.covers_retraining else None
    ways = []
    if items is not None:
        ways.append(f"{_rounded(max(1, items - design.items))} more items")
    if seeds is not None:
        ways.append(f"{max(1, seeds - design.seeds)} more seed{'s' if seeds - design.seeds > 1 else ''}")
    if ways:
        return f"needs about {' or '.join(ways)}"
    if not estimate.covers_retraining:
        return "needs more seeds"
    return f"needs far more items and seeds: {abs(100 * difference):.1f} points lie too near the margin of {100 * margin:g}"


def _rounded(number: int) -> int:
    """To two digits."""
    digits = max(0, len(str(number)) - 2)
    return round(number, -digits)
