"""How the figures of a study look, for print and in grey: a family has its colour, its marker and its line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ablate.compare.read.outcomes import Condition
from ablate.perturb import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STRUCTURE, CONTENT, BOTH, CONTROL, OTHER = "structure", "content", "structure and content", "control", "arm"
FAMILIES = (STRUCTURE, CONTENT, BOTH, CONTROL)
"""The order of groups; families of a user's own come after these."""

COLORS = {STRUCTURE: "#d55e00", CONTENT: "#0072b2", BOTH: "#9a4f86", CONTROL: "#6f6f6f"}
"""Of Okabe and Ito's palette, told apart by the colour-blind."""
FACES = {CONTENT: "white", CONTROL: "white"}
"""Structure is filled and content is open, so that grey tells them apart as well."""
MARKERS = {STRUCTURE: "o", CONTENT: "s", BOTH: "D", CONTROL: "^"}
LINES: dict[str, Any] = {STRUCTURE: "-", CONTENT: "--", CONTROL: ":"}
INK, FAINT = "#222222", "#8a8a8a"
BAND: dict[str, Any] = {"color": "black", "alpha": 0.08, "linewidth": 0, "zorder": 0}
"""Of differences that count as harmless; not grey but a veil, which also shows on a dark page."""
WIDTH = 7.0
"""Inches: two columns of a paper."""

_RULES: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Helvetica", "Arial", "sans-serif"],
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "lines.linewidth": 1.2,
    "lines.markersize": 4.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "ablate",
    "pdf.fonttype": 42,
}


@contextmanager
def style() -> Iterator[None]:
    """All that is drawn or saved within looks alike, and the same data gives the same file."""
    import matplotlib

    with matplotlib.rc_context(_RULES):
        yield


def marker(family: str) -> dict[str, Any]:
    """Marker and colours of a family, as keywords of `plot` and `errorbar`."""
    color = COLORS.get(family, INK)
    return {"marker": MARKERS.get(family, "v"), "color": color, "markerfacecolor": FACES.get(family, color), "markeredgewidth": 1.1}


def family(condition: Condition) -> str:
    """The family that a condition stands under: clean, base, or that of its perturbations."""
    if not condition.trained:
        return "base"
    if not condition.doses:
        return "clean" if condition.reference is None else OTHER
    return in_words(condition.families) or OTHER


def ordered(conditions: Iterable[Condition]) -> list[Condition]:
    """By the clean condition they are held against, by family, perturbation and dose; base and clean first."""

    def key(one: Condition) -> tuple:
        return one.reference or one.label, _place(family(one)), tuple(one.doses), tuple(one.doses.values())

    return sorted(conditions, key=key)


def _place(name: str) -> tuple[int, str]:
    order = ("base", "clean", *FAMILIES)
    return (order.index(name), "") if name in order else (len(order), name)


def shown(conditions: Sequence[Condition]) -> Mapping[str, str]:
    """A short name for each label: without what all labels have at their end."""
    found = {}
    for one in conditions:
        start = one.perturbed or ("clean" if one.label.startswith("clean-") else one.label)
        found[one.label] = start if one.trained else "base"
    ends = {one.label.removeprefix(found[one.label]) for one in conditions if one.trained}
    return found if len(ends) == 1 or len(set(found.values())) == len(found) else {one.label: one.label for one in conditions}


def rows_of(axes: "Axes", labels: Sequence[str], headings: Iterable[int] = ()) -> None:
    """One row of the figure per label, from the top; those at `headings` are set in bold.

    Args:
        axes: of the figure.
        labels: one for each row.
        headings: rows set in bold.
    """
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for row in headings:
        axes.get_yticklabels()[row].set_fontweight("bold")


def grouped(families: Sequence[str], labels: Sequence[str]) -> tuple[list[str], list[int], list[int]]:
    """Labels with a heading before each new group (base and clean need none), the places of the headings, those of the labels.

    Args:
        families: of each row.
        labels: one for each row.
    """
    lines: list[str] = []
    headings, places = [], []
    last = None
    for name, label in zip(families, labels, strict=True):
        if name != last and name not in ("base", "clean"):
            headings.append(len(lines))
            lines.append(name)
        last = name
        places.append(len(lines))
        lines.append(label)
    return lines, headings, places
