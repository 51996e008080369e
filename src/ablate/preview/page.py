"""One self-contained page with the clean and the perturbed traces side by side."""

from typing import Any

from ablate.page import assembled, signed
from ablate.page.visible import visible
from ablate.preview.chosen import Preview
from ablate.preview.legend import EDITS, KINDS, Side, figures, marks
from ablate.preview.view import Part, Step, View


def html(preview: Preview) -> str:
    """The page; the same preview gives the same bytes."""
    return assembled(__package__, "page", _preview(preview))


def _preview(preview: Preview) -> dict[str, Any]:
    return {
        "title": visible(preview.title),
        "said": preview.heading,
        "seed": preview.seed,
        "kinds": list(KINDS.items()),
        "edits": EDITS,
        "examples": [_example(view) for view in preview.views],
    }


def _example(view: View) -> dict[str, Any]:
    """Steps in order, and rows as pairs of step numbers, 0 for an empty place."""
    clean = [row.clean for row in view.rows if row.clean]
    perturbed = [row.perturbed for row in view.rows if row.perturbed]
    return {
        "id": visible(view.id),
        "figures": figures(view.figures),
        "above": [_part(part) for part in view.above],
        "clean": [_step(step, "clean") for step in clean],
        "perturbed": [_step(step, "perturbed") for step in perturbed],
        "rows": [[row.clean.number if row.clean else 0, row.perturbed.number if row.perturbed else 0] for row in view.rows],
        "below": [_part(part) for part in view.below],
    }


def _part(part: Part) -> dict[str, Any]:
    return {"name": part.name, "segments": signed(part.segments), "edited": part.edited}


def _step(step: Step, side: Side) -> dict[str, Any]:
    """Only what there is to say, since traces have thousands of steps; a perturbed step without segments has the text of the clean one."""
    data: dict[str, Any] = {"kind": list(KINDS).index(step.kind), "length": len(step.text)}
    if step.edited:
        data |= {"state": step.state, "marks": marks(step, side)}
    if step.other:
        data["other"] = step.other
    if step.segments:
        data["segments"] = signed(step.segments)
    elif side == "clean" or step.donor:
        data["text"] = visible(step.text)
    return data
