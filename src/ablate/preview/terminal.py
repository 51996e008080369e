"""The inline diff that a terminal shows."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from ablate.page.visible import changed, visible
from ablate.page.words import Change, Segment
from ablate.preview.chosen import Preview
from ablate.preview.legend import KINDS, Side, figures, marks
from ablate.preview.view import Part, Row, Step, View
from ablate.traces import Kind

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

CONTEXT = 60
"""How many unchanged characters stand on either side of a change."""
LONGEST = 240
"""How many characters are shown of a stretch that went, came or moved as it is; the page shows all."""
COLOURS: dict[Kind, str] = {
    "set-up": "bright_black",
    "derivation": "blue",
    "check": "green",
    "backtrack": "yellow",
    "conclusion": "magenta",
}
STYLES: dict[Change, str] = {"equal": "", "deleted": "red strike", "added": "green underline"}
SIGNS: dict[Change, tuple[str, str]] = {"equal": ("", ""), "deleted": ("[-", "-]"), "added": ("{+", "+}")}

Line = tuple[str, "Text", "Text"]
"""The number of a step, what kind it is, and what is to be read of it."""


def show(preview: Preview, console: "Console") -> None:
    """Print every view: figures on top, moved steps with their old number, changed words in place, unchanged stretches folded.

    Args:
        preview: what is shown.
        console: to print on.
    """
    from rich.rule import Rule
    from rich.table import Table
    from rich.text import Text

    # Without colours the signs of wdiff tell what went and what came.
    signs = console.color_system is None
    console.print(Text.assemble((visible(preview.title), "bold"), (f"   {preview.heading}", "dim")))
    for number, view in enumerate(preview.views, start=1):
        console.print()
        console.print(
            Rule(Text.assemble((visible(view.id), "bold"), (f"  {number} of {len(preview.views)}", "dim")), align="left", style="dim")
        )
        console.print(Text("   ").join(Text.assemble((f"{name} ", "dim"), value) for name, value in figures(view.figures)))
        console.print()
        table = Table.grid(padding=(0, 1))
        table.add_column(justify="right", min_width=4, no_wrap=True)
        table.add_column(min_width=12, no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        for line in _lines(view, signs):
            table.add_row(*line)
        console.print(table)


def _lines(view: View, signs: bool) -> Iterator[Line]:
    for part in view.above:
        yield from _part(part, signs)
    for edited, rows in groupby(view.rows, key=lambda row: row.edited):
        if edited:
            for row in rows:
                yield from _row(row, signs)
        else:
            yield _folded(len(list(rows)))
    for part in view.below:
        yield from _part(part, signs)


def _part(part: Part, signs: bool) -> Iterator[Line]:
    """An answer that stayed is among the figures, a solution that stayed need not be read again."""
    from rich.text import Text

    if part.edited or part.name == "problem":
        yield "", Text(part.name, "dim"), _words(part.segments, signs)


def _row(row: Row, signs: bool) -> Iterator[Line]:
    if row.clean and row.clean.state in ("removed", "replaced"):
        yield _step(row.clean, "clean", (Segment("deleted", row.clean.text),), signs)
    if row.perturbed:
        change: Change = "added" if row.perturbed.state in ("inserted", "repeated") else "equal"
        yield _step(row.perturbed, "perturbed", row.perturbed.segments or (Segment(change, row.perturbed.text),), signs)


def _step(step: Step, side: Side, segments: tuple[Segment, ...], signs: bool) -> Line:
    from rich.text import Text

    heading = [Text(mark, "cyan") for mark in marks(step, side) if step.state != "kept" or step.layout]
    kind = Text(f"{KINDS[step.kind]} {step.kind}", COLOURS[step.kind])
    return str(step.number), kind, Text("  ").join([*heading, _words(segments, signs)])


def _words(segments: tuple[Segment, ...], signs: bool) -> "Text":
    from rich.text import Text

    text = Text()
    for at, segment in enumerate(segments):
        opened, closed = SIGNS[segment.change] if signs else ("", "")
        shown = changed(replace(segment, text=_shortened(segment, at == 0, at == len(segments) - 1)))
        text.append(f"{opened}{shown}{closed}", STYLES[segment.change])
    return text


def _shortened(segment: Segment, first: bool, last: bool) -> str:
    """Of an unchanged stretch what stands next to the changes, of any other one its beginning."""
    text = segment.text
    if segment.change != "equal" or (first and last):
        return text if len(text) <= LONGEST else f"{text[:LONGEST]} … {len(text) - LONGEST:,} more characters"
    if len(text) <= 2 * CONTEXT + 3:
        return text
    return f"{'' if first else text[:CONTEXT]} … {'' if last else text[-CONTEXT:]}"


def _folded(rows: int) -> Line:
    from rich.text import Text

    return "", Text(""), Text(f"… {rows} {'step' if rows == 1 else 'steps'} unchanged", "dim")
