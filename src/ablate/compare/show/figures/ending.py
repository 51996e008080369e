"""Termination and length: whether answers end, how right those are that do, and how long they are."""

from typing import TYPE_CHECKING

from ablate.compare.read.outcomes import Outcomes
from ablate.compare.show.figures.style import FAINT, INK, WIDTH, family, grouped, marker, ordered, rows_of, shown
from ablate.compare.statistics.comparison import POOLED, Comparison
from ablate.study.spec import Study

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

TITLE = "Termination and length"
COLUMNS = ("arm", "family", "accuracy", "finished", "finished_accuracy", "tokens")
PANELS = {"finished": "answers that end, %", "accuracy": "accuracy, %", "tokens": "tokens per answer"}


def caption(study: Study) -> str:
    return (
        "The share of answers that end before the token limit, the accuracy over all answers with that among the ended ones as a bar, and "
        "the mean length. Where the bar lies far to the right of the marker, an arm fails by not ending."
    )


def table(comparison: Comparison, outcomes: Outcomes) -> "pandas.DataFrame":
    """One row per arm whose answers' ends are known; percent and tokens.

    Args:
        comparison: of the study.
        outcomes: that were compared.
    """
    import pandas

    rows = {row.condition.label: row for row in comparison.of(POOLED) if row.finished is not None}
    conditions = ordered(row.condition for row in rows.values())
    names = shown(conditions)

    def percent(share: float | None) -> float | None:
        return None if share is None else 100 * share

    found = [
        (names[one.label], family(one), *map(percent, (row.accuracy, row.finished, row.finished_accuracy)), row.tokens)
        for one in conditions
        for row in [rows[one.label]]
    ]
    return pandas.DataFrame(found, columns=COLUMNS)


def draw(table: "pandas.DataFrame", study: Study) -> "Figure":
    from matplotlib.figure import Figure

    lines, headings, places = grouped(table["family"].tolist(), table["arm"].tolist())
    figure = Figure((WIDTH, 0.165 * len(lines) + 0.6), layout="constrained")
    panels = figure.subplots(1, len(PANELS), sharey=True, squeeze=False)[0]
    rows_of(panels[0], lines, headings)
    for axes, (column, title) in zip(panels, PANELS.items(), strict=True):
        for place, (_, row) in zip(places, table.iterrows(), strict=True):
            axes.axhline(place, color=FAINT, linewidth=0.3, alpha=0.5, zorder=0)
            axes.plot(row[column], place, linestyle="none", zorder=3, **marker(row["family"]))
            if column == "accuracy":
                axes.plot(row["finished_accuracy"], place, linestyle="none", marker="|", color=INK, markersize=8, zorder=4)
        axes.set_xlabel(title)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(*((-3, 103) if column != "tokens" else (0, 1.08 * max(1, table["tokens"].max()))))
    return figure
