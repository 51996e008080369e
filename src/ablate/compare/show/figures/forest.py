"""Every arm's paired difference to its clean arm, by family, with the band within which a difference is harmless; the claims below."""

from textwrap import fill
from typing import TYPE_CHECKING

from ablate.compare.read.outcomes import Outcomes
from ablate.compare.show.figures.style import BAND, FAINT, INK, WIDTH, family, grouped, marker, ordered, rows_of, shown
from ablate.compare.statistics.comparison import POOLED, Comparison
from ablate.study.spec import Study

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "What each arm loses"
COLUMNS = ("part", "label", "group", "family", "value", "low", "high", "p", "says", "margin")


def caption(study: Study) -> str:
    return (
        "Difference to the clean arm on the same items and seeds, in points, with 95 % intervals; in the grey band, "
        f"±{study.margin:g} points, a difference counts as harmless. Below, the study's claims, positive as each says."
    )


def table(comparison: Comparison, outcomes: Outcomes) -> "pandas.DataFrame":
    """As `rows`.

    Args:
        comparison: of the study.
        outcomes: that were compared.
    """
    return rows(comparison)


def rows(comparison: Comparison) -> "pandas.DataFrame":
    """One row per arm that is compared, in the order drawn, and one per claim that could be tested; points."""
    import pandas

    margin = comparison.study.margin
    judged = {row.condition.label: row for row in comparison.of(POOLED) if row.difference is not None and row.condition.trained}
    conditions = ordered(row.condition for row in judged.values())
    names, several = shown(conditions), len({one.reference for one in conditions}) > 1
    found: list[tuple[object, ...]] = []
    for one in conditions:
        row, kind = judged[one.label], family(one)
        if row.difference is None:
            continue
        low, high = row.difference.interval()
        group = f"{kind}, against {one.reference}" if several else kind
        p = row.verdict.p if row.verdict else None
        says = str(row.verdict.kind) if row.verdict else ""
        found.append(("arm", names[one.label], group, kind, *(100 * float(x) for x in (row.difference.value, low, high)), p, says, margin))
    for claim in comparison.findings:
        if claim.value is not None:
            found.append(("claim", claim.text, "claims", "", claim.value, claim.low, claim.high, claim.p, claim.outcome, margin))
    return pandas.DataFrame(found, columns=COLUMNS)


def draw(table: "pandas.DataFrame", study: Study) -> "Figure":
    from matplotlib.figure import Figure

    arms, claims = table[table["part"] == "arm"], table[table["part"] == "claim"]
    lines, headings, places = grouped(arms["group"].tolist(), arms["label"].tolist())
    heights = [len(lines) * 0.165 + 0.5, len(claims) * 0.27 + 0.5 if len(claims) else 0]
    figure = Figure((WIDTH, sum(heights) + 0.2), layout="constrained")
    parts = figure.subplots(2 if len(claims) else 1, 1, squeeze=False, height_ratios=heights if len(claims) else [1])[:, 0]
    rows_of(parts[0], lines, headings)
    _points(parts[0], arms, places, len(lines))
    parts[0].axvspan(-study.margin, study.margin, **BAND)
    parts[0].set_xlabel("difference to clean, points")
    if len(claims):
        rows_of(parts[1], [fill(label, 42) for label in claims["label"]])
        _points(parts[1], claims, list(range(len(claims))), len(claims))
        parts[1].set_xlabel("claims: points, positive as the claim says")
    return figure


def _points(axes: "Axes", rows: "pandas.DataFrame", places: list[int], lines: int) -> None:
    axes.axvline(0, color=FAINT, linewidth=0.6, zorder=1)
    for place, (_, row) in zip(places, rows.iterrows(), strict=True):
        look = marker(row["family"]) if row["family"] else {"marker": "D", "color": INK}
        axes.plot([row["low"], row["high"]], [place, place], color=look["color"], linewidth=1.1, solid_capstyle="butt", zorder=2)
        axes.plot(row["value"], place, linestyle="none", zorder=3, **look)
    beside = axes.twinx()
    beside.set_ylim(axes.get_ylim())
    says = [f"{row['value']:+.1f} [{row['low']:+.1f}, {row['high']:+.1f}] · {row['says']}".replace("-", "−") for _, row in rows.iterrows()]
    beside.set_yticks(places, says)
    beside.tick_params(axis="y", length=0)
    beside.spines[["left", "right"]].set_visible(False)
