"""Accuracy against dose, a panel for each perturbation."""

from typing import TYPE_CHECKING, Any

from ablate.compare.read.outcomes import Outcomes
from ablate.compare.show.figures.style import COLORS, FAINT, INK, WIDTH, family, marker, ordered
from ablate.compare.statistics.comparison import POOLED, Comparison
from ablate.study.spec import Study

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Dose and response"
COLUMNS = ("curve", "perturbation", "family", "against", "dose", "arm", "accuracy", "low", "high", "monotone", "base")
ACROSS = (4, 3)
"""Panels beside each other: the number that leaves fewer places empty."""
STYLES: tuple[Any, ...] = ("-", "--", ":", "-.")


def caption(study: Study) -> str:
    return (
        "Accuracy against the share of the trace that is perturbed, the clean arm as dose 0, with bands of 95 %. Thin dashes: the monotone "
        "fit, where the study claims a dose-response; dotted: the base before training."
    )


def table(comparison: Comparison, outcomes: Outcomes) -> "pandas.DataFrame":
    """As `rows`.

    Args:
        comparison: of the study.
        outcomes: that were compared.
    """
    return rows(comparison)


def rows(comparison: Comparison) -> "pandas.DataFrame":
    """One row per perturbation and dose, for perturbations alone in an arm and at two doses or more; percent."""
    import pandas

    pooled = {row.condition.label: row for row in comparison.of(POOLED)}
    bases = {row.condition.reference: 100 * row.accuracy for row in pooled.values() if not row.condition.trained}
    fits = {finding.claim.perturb: finding.curve for finding in comparison.findings if finding.curve}  # type: ignore[union-attr]
    single = [one for one in ordered(row.condition for row in pooled.values()) if len(one.doses) == 1 and one.reference in pooled]
    groups: dict[tuple[str, str], list] = {}
    for one in single:
        groups.setdefault((next(iter(one.doses)), str(one.reference)), []).append(one)
    found: list[tuple[object, ...]] = []
    for (name, against), members in groups.items():
        if len({one.doses[name] for one in members}) < 2:
            continue
        curve = f"{name}, against {against}" if len({reference for _, reference in groups}) > 1 else name
        fit = {round(dose, 9): monotone for dose, level, monotone in fits.get(name, ())}
        for dose, label in [(0.0, against), *((one.doses[name], one.label) for one in members)]:
            row = pooled[label]
            levels = 100 * row.accuracy, 100 * row.low, 100 * row.high
            found.append((curve, name, family(members[0]), against, dose, label, *levels, fit.get(round(dose, 9)), bases.get(against)))
    return pandas.DataFrame(found, columns=COLUMNS)


def draw(table: "pandas.DataFrame", study: Study) -> "Figure":
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(table["perturbation"]))
    across = min(ACROSS, key=lambda columns: (-(-len(names) // columns) * columns - len(names), -columns)) if len(names) > 3 else len(names)
    down = -(-len(names) // across)
    figure = Figure((WIDTH if across > 2 else WIDTH / 2, 1.9 * down + 0.3), layout="constrained")
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    against = list(dict.fromkeys(table["against"]))
    for place, axes in enumerate(panels.flat):
        if place >= len(names):
            axes.set_axis_off()
            panels[place // across - 1, place % across].tick_params(labelbottom=True)
            panels[place // across - 1, place % across].set_xlabel("dose")
            continue
        rows = table[table["perturbation"] == names[place]]
        axes.set_title(f"{names[place]}, {rows['family'].iloc[0]}", loc="left")
        for clean, group in rows.groupby("against", sort=False):
            _curve(axes, group.drop_duplicates("dose"), STYLES[against.index(str(clean)) % len(STYLES)])
    panels[0, 0].set_ylim(-3, 103)
    for axes in panels[:, 0]:
        axes.set_ylabel("accuracy, %")
    for axes in panels[-1]:
        axes.set_xlabel("dose")
    if len(against) > 1:
        from matplotlib.lines import Line2D

        lines = [Line2D([], [], color=INK, linestyle=STYLES[at % len(STYLES)], label=clean) for at, clean in enumerate(against)]
        figure.legend(handles=lines, loc="outside upper left", ncols=len(lines))
    return figure


def _curve(axes: "Axes", rows: "pandas.DataFrame", line: str) -> None:
    kind = rows["family"].iloc[0]
    rows = rows.sort_values("dose")
    axes.fill_between(rows["dose"], rows["low"], rows["high"], color=COLORS.get(kind, INK), alpha=0.18, linewidth=0)
    axes.plot(rows["dose"], rows["accuracy"], linestyle=line, **marker(kind))
    if rows["monotone"].notna().all():
        axes.plot(rows["dose"], rows["monotone"], color=INK, linewidth=0.7, linestyle=(0, (4, 3)))
    if rows["base"].notna().all():
        axes.axhline(rows["base"].iloc[0], color=FAINT, linewidth=0.8, linestyle=":")
