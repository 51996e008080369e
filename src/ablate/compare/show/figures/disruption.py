"""Harm against disruption: points lost over how much of the traces was changed, on axes that all perturbations share."""

from typing import TYPE_CHECKING

from ablate.compare.read.outcomes import Outcomes
from ablate.compare.show.figures.style import BAND, COLORS, FAINT, INK, LINES, WIDTH, family, marker, ordered
from ablate.compare.statistics.comparison import POOLED, Comparison
from ablate.study.spec import AXES, Contrast, Study

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Harm against disruption"
COLUMNS = ("arm", "family", "perturbation", "dose", "lost", "low", "high")
NAMES = {
    "characters_changed": "share of characters changed",
    "tokens_changed": "share of tokens changed",
    "token_ratio": "tokens, as a ratio to the clean traces",
    "answer_survived": "share of answers that survived",
    "kendall_tau": "Kendall's tau of the steps' order",
    "surprisal": "surprisal of the traces under the base",
}
USUAL = ("tokens_changed", "characters_changed")


def caption(study: Study) -> str:
    return (
        "Points lost against the clean arm, with 95 % intervals, over how much the traces were changed; lines join the doses of one "
        f"perturbation. At the same place on the axis, families are compared at equal disruption; grey band: ±{study.margin:g} points."
    )


def table(comparison: Comparison, outcomes: Outcomes) -> "pandas.DataFrame":
    """One row per arm whose traces were measured: points lost, and its place on the axes that the study's claims name, else the usual.

    Args:
        comparison: of the study.
        outcomes: that were compared.
    """
    import pandas

    rows = {row.condition.label: row for row in comparison.of(POOLED) if row.difference is not None and row.condition.axes}
    conditions = ordered(row.condition for row in rows.values() if row.condition.doses)
    axes = [axis for axis in _wanted(comparison.study) if any(axis in one.axes for one in conditions)]
    found: list[tuple[object, ...]] = []
    for one in conditions:
        difference = rows[one.label].difference
        if difference is None or not axes:
            continue
        low, high = difference.interval()
        lost = (-100 * float(x) for x in (difference.value, high, low))
        dose = next(iter(one.doses.values())) if len(one.doses) == 1 else None
        found.append((one.label, family(one), "+".join(one.doses), dose, *lost, *(one.axes.get(axis) for axis in axes)))
    return pandas.DataFrame(found, columns=[*COLUMNS, *axes])


def _wanted(study: Study) -> tuple[str, ...]:
    named = dict.fromkeys(axis for claim in study.claims if isinstance(claim, Contrast) and claim.at == "disruption" for axis in claim.axes)
    return tuple(named) or USUAL


def draw(table: "pandas.DataFrame", study: Study) -> "Figure":
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    axes_names = [column for column in table if column in AXES]
    figure = Figure((WIDTH, 3.5), layout="constrained")
    panels = figure.subplots(1, len(axes_names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, axes_names, strict=True):
        _panel(axes, table[table[name].notna()], name)
        axes.axhspan(-study.margin, study.margin, **BAND)
        axes.axhline(0, color=FAINT, linewidth=0.6, zorder=1)
        axes.set_xlabel(NAMES[name])
    panels[0].set_ylabel("points lost against clean")
    kinds = list(dict.fromkeys(table["family"]))
    handles = [Line2D([], [], linestyle=LINES.get(kind, "-"), label=kind, **marker(kind)) for kind in kinds]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))
    return figure


def _panel(axes: "Axes", rows: "pandas.DataFrame", name: str) -> None:
    ends = []
    for perturbation, group in rows.groupby("perturbation", sort=False):
        kind = group["family"].iloc[0]
        group = group.sort_values(["dose", name])
        off = [group["lost"] - group["low"], group["high"] - group["lost"]]
        axes.plot(group[name], group["lost"], linestyle=LINES.get(kind, "-"), linewidth=0.8, color=COLORS.get(kind, INK), alpha=0.6)
        axes.errorbar(group[name], group["lost"], off, linestyle="none", elinewidth=0.7, zorder=3, **marker(kind))
        last = group.loc[group[name].idxmax()]
        ends.append((float(last[name]), float(last["lost"]), str(perturbation), COLORS.get(kind, INK)))
    _label(axes, ends)


def _label(axes: "Axes", ends: list[tuple[float, float, str, str]]) -> None:
    """The perturbations' names to the right of the panel, at their heights but never on each other, each led to its point."""
    low, high = axes.get_ylim()
    gap = (high - low) / 22
    right = axes.get_xlim()[1]
    at = high + gap
    for x, y, name, color in sorted(ends, key=lambda end: -end[1]):
        at = min(at - gap, y)
        axes.annotate(
            name,
            (x, y),
            (right, at),
            color=color,
            fontsize=6.5,
            verticalalignment="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": FAINT, "linewidth": 0.4, "shrinkA": 1, "shrinkB": 3},
        )
