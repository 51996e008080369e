"""Which item each arm gets right: arms down, items across, from those that most get right to those that fewest do."""

from typing import TYPE_CHECKING, Any

from ablate.compare.read.outcomes import Outcomes
from ablate.compare.show.figures.style import WIDTH, family, grouped, ordered, rows_of, shown
from ablate.compare.statistics.comparison import Comparison
from ablate.study.spec import Study

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

TITLE = "Items and arms"
ROW = 14


def caption(study: Study) -> str:
    return (
        "Each column is one item, each row one arm; the bar tells the share of its runs' answers that were right. Items go from easy to "
        "hard, by the mean over all arms."
    )


def table(comparison: Comparison, outcomes: Outcomes) -> "pandas.DataFrame":
    """One row per task and item, one column per arm with the share of its answers that were right; columns are named `family: arm`.

    Args:
        comparison: of the study.
        outcomes: that were compared.
    """
    import pandas

    scores = outcomes.scores[outcomes.scores["task"].isin(comparison.study.primary)]
    shares = scores.groupby(["task", "item", "condition"])["correct"].mean().unstack("condition")
    conditions = [one for one in ordered(outcomes.conditions) if one.label in shares]
    names = shown(conditions)
    shares = shares[[one.label for one in conditions]]
    shares.columns = [f"{family(one)}: {names[one.label]}" for one in conditions]
    shares = shares.assign(mean=shares.mean(axis=1)).reset_index()
    order = shares["task"].map(comparison.study.primary.index).rename("order")
    places = pandas.concat([order, -shares["mean"], shares["item"]], axis=1).sort_values(["order", "mean", "item"]).index
    shares = shares.loc[places]
    return shares.drop(columns="mean").reset_index(drop=True)


def draw(table: "pandas.DataFrame", study: Study) -> "Figure":
    import numpy as np
    from matplotlib.figure import Figure

    arms = [column for column in table if column not in ("task", "item")]
    families, names = zip(*(column.split(": ", 1) for column in arms), strict=True)
    lines, headings, places = grouped(families, names)
    tasks = list(dict.fromkeys(table["task"]))
    counts = [int((table["task"] == task).sum()) for task in tasks]
    figure = Figure((WIDTH, 0.165 * len(lines) + 0.8), layout="constrained")
    widths = [max(count, sum(counts) / 8) for count in counts]
    panels = figure.subplots(1, len(tasks), squeeze=False, width_ratios=widths)[0]
    image: Any = None
    for number, (axes, task, count) in enumerate(zip(panels, tasks, counts, strict=True)):
        # Many pixels a row, the last one empty, for programs that smooth images.
        filled = np.full((len(lines), ROW, count), np.nan)
        filled[places, :-1] = table.loc[table["task"] == task, arms].to_numpy(float).T[:, None]
        pixels = filled.reshape(-1, count).repeat(2, axis=1)
        extent = (-0.5, count - 0.5, len(lines) - 0.5, -0.5)
        image = axes.imshow(pixels, cmap="Greys_r", vmin=0, vmax=1, aspect="auto", interpolation="none", extent=extent)
        rows_of(axes, lines if not number else [""] * len(lines), headings if not number else ())
        axes.set_xticks([0, count - 1], ["1", str(count)])
        axes.set_title(task, loc="left")
        axes.spines["bottom"].set_visible(False)
    figure.supxlabel("items, easy to hard", fontsize=8)
    bar = figure.colorbar(image, ax=list(panels), shrink=min(1, 8 / len(lines)), aspect=12, pad=0.01, ticks=[0, 0.5, 1])
    bar.ax.set_yticklabels(["wrong", "half", "right"])
    bar.outline.set_linewidth(0.4)
    return figure
