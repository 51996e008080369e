"""How many items, answers and seeds show what a study is to show: pure functions over a spread of differences."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ablate.compare.statistics.design import MOST_ITEMS, POWER, Design, Spread, least, moved, power, power_equivalence, spread
from ablate.errors import UserError

if TYPE_CHECKING:
    from ablate.compare.read.outcomes import Outcomes

SEEDS, SAMPLES = (1, 2, 3, 5, 10), (1, 4)
UNCOVERED = "at one seed the items are for these training runs alone: retraining is not covered"


@dataclass(frozen=True)
class Basis:
    """From what is planned: the spread of an item's paired difference, the clean arm's accuracy (a share), tokens per answer and per
    training run, and where they are from."""

    parts: Spread
    accuracy: float
    answer_tokens: float
    training_tokens: float
    source: str


def pilot(outcomes: "Outcomes", retraining: float) -> Basis:
    """The mean spread over a pilot's arms; `retraining`, a share, stands in where no condition of it has two seeds.

    Args:
        outcomes: of the pilot.
        retraining: what a retraining moves an arm by, a share.

    Raises:
        UserError: no arm of it is compared with a clean arm.
    """
    from ablate.compare.statistics.comparison import POOLED, compare

    judged = compare(outcomes).of(POOLED)
    rows = [row for row in judged if row.difference is not None and row.condition.trained]
    if not rows:
        raise UserError(f"{outcomes.study.name}: no arm has a difference to a clean arm on all primary tasks, so that it can't be a pilot")
    spreads = [spread(row.difference) for row in rows if row.difference is not None]
    mean = {name: sum(getattr(one, name) for one in spreads) / len(spreads) for name in ("item", "residual", "retraining")}
    sample = _sample_variance(outcomes)
    held = "residual" if mean["residual"] else "item"
    mean[held] = max(0.0, mean[held] - sample / rows[0].samples)
    covered = any(row.difference.covers_retraining for row in rows if row.difference is not None)
    if not covered:
        mean["retraining"] = 2 * retraining**2
    clean = [row.accuracy for row in judged if row.condition.label in {one.condition.reference for one in rows}]
    tokens = [row.tokens for row in rows if row.tokens]
    trained = [row.condition.trained_tokens for row in rows if row.condition.trained_tokens]
    known = (
        "retraining from its seeds"
        if covered
        else f"no seeds repeated, so a retraining is assumed to move an arm by {100 * retraining:g} points"
    )
    return Basis(
        Spread(mean["item"], mean["residual"], sample, mean["retraining"]),
        max(0.01, min(0.99, sum(clean) / len(clean))),
        sum(tokens) / len(tokens) if tokens else 0.0,
        sum(trained) / len(trained) if trained else 0.0,
        f"pilot {outcomes.study.name}, {len(rows)} arms: {known}",
    )


def _sample_variance(outcomes: "Outcomes") -> float:
    """The variance of a difference of two answers to one item by one pair of models; 0 where each item was answered once."""
    table = outcomes.scores[outcomes.scores["task"].isin(outcomes.study.primary)]
    groups = table.groupby(["condition", "seed", "task", "item"], sort=False)["correct"].agg(["mean", "size"])
    several = groups[groups["size"] > 1]
    if several.empty:
        return 0.0
    return float(2 * (several["mean"] * (1 - several["mean"]) * several["size"] / (several["size"] - 1)).mean())


def assumed(accuracy: float, discordant: float, retraining: float) -> Basis:
    """Without a pilot: `discordant` is the share of items that two runs answer differently, `retraining` the standard deviation (a share)
    that a seed gives one arm.

    Half of the discordance is taken to stay in every retraining, a quarter to change with the seed, a quarter with the answer.

    Args:
        accuracy: of the clean arm, a share.
        discordant: share of items that two runs answer differently.
        retraining: what a retraining moves an arm by, a share.
    """
    parts = Spread(discordant / 2, discordant / 4, discordant / 4, 2 * retraining**2)
    source = f"arms differ on {100 * discordant:g} % of the items, a retraining moves an arm by {100 * retraining:g} points"
    return Basis(parts, accuracy, 0.0, 0.0, f"assumed, no pilot: the clean arm is at {100 * accuracy:g} %, {source}")


def items_to_see(basis: Basis, design: Design, alpha: float, difference: float) -> int | None:
    """The items at which 80 % of studies see an arm that is lower by the difference (a share), or None where a million do not.

    Args:
        basis: from what is planned.
        design: answers per item, seeds and arms.
        alpha: level of the tests.
        difference: to be seen, a share.
    """
    parts = moved(basis.parts, basis.accuracy, difference)
    return least(lambda items: power(parts, replace(design, items=items), difference, alpha) >= POWER, 10, MOST_ITEMS)


def items_to_prove(basis: Basis, design: Design, alpha: float, margin: float) -> int | None:
    """The items at which 80 % of studies prove an equal arm equal within the margin (a share), or None where a million do not.

    Args:
        basis: from what is planned.
        design: answers per item, seeds and arms.
        alpha: level of the tests.
        margin: within which to prove equivalence, a share.
    """
    return least(lambda items: power_equivalence(basis.parts, replace(design, items=items), margin, alpha) >= POWER, 10, MOST_ITEMS)


def tokens(basis: Basis, design: Design) -> float:
    """All tokens of a study: its arms and the clean one, trained and scored with every seed.

    Args:
        basis: from what is planned.
        design: answers per item, seeds and arms.
    """
    return (design.arms + 1) * design.seeds * (basis.training_tokens + design.items * design.samples * basis.answer_tokens)


def table(basis: Basis, arms: int, alpha: float, difference: float, margin: float) -> list[list[str]]:
    """Rows of text: seeds, answers per item, items to see the difference and its tokens, items for equivalence and its tokens.

    Args:
        basis: from what is planned.
        arms: beside the clean one.
        alpha: level of the tests.
        difference: to be seen, a share.
        margin: within which to prove equivalence, a share.
    """
    rows = []
    for seeds in SEEDS:
        for samples in SAMPLES:
            design = Design(10, samples, seeds, arms)
            cells = [str(seeds), str(samples)]
            for items in (items_to_see(basis, design, alpha, difference), items_to_prove(basis, design, alpha, margin)):
                cells += ["never", ""] if items is None else [str(items), in_words(tokens(basis, replace(design, items=items)))]
            rows.append(cells)
    return rows


def in_words(number: float) -> str:
    """A number of tokens in thousands, millions or thousand millions; unknown where it is 0."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.1f}{unit}"
    return "unknown" if not number else f"{number:.0f}"
