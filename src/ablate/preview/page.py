"""One self-contained page with the clean and the perturbed traces side by side.

Traces are untrusted: their text stands in a block of JSON that nothing in it can close, the script puts it on the page as text nodes only,
and the page's policy lets nothing run but its own script and nothing be fetched.
"""

import json
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any

from ablate.preview.chosen import Preview
from ablate.preview.legend import EDITS, KINDS, Side, figures, marks
from ablate.preview.view import Part, Step, View
from ablate.preview.visible import changed, visible
from ablate.preview.words import Segment

_SIGNS = {"deleted": -1, "equal": 0, "added": 1}
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def html(preview: Preview) -> str:
    """The page; the same preview gives the same bytes."""
    page, style, script = (files(__package__).joinpath(name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "page.js"))
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    parts = {"policy": policy, "style": style, "script": script, "data": embedded(_preview(preview))}
    pieces = page.split("%%")
    return "".join(parts[piece] if at % 2 else piece for at, piece in enumerate(pieces))


def embedded(data: Any) -> str:
    """JSON that is inert inside a script element: no tag, no comment, no entity and no line end that a script would read."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _preview(preview: Preview) -> dict[str, Any]:
    return {
        "title": visible(preview.title),
        "said": preview.said,
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
    return {"name": part.name, "segments": _segments(part.segments), "edited": part.edited}


def _step(step: Step, side: Side) -> dict[str, Any]:
    """Only what there is to say, since traces have thousands of steps; a perturbed step without segments has the text of the clean one."""
    said: dict[str, Any] = {"kind": list(KINDS).index(step.kind), "length": len(step.text)}
    if step.edited:
        said |= {"state": step.state, "marks": marks(step, side)}
    if step.other:
        said["other"] = step.other
    if step.segments:
        said["segments"] = _segments(step.segments)
    elif side == "clean" or step.donor:
        said["text"] = visible(step.text)
    return said


def _segments(segments: tuple[Segment, ...]) -> list[tuple[int, str]]:
    return [(_SIGNS[segment.change], changed(segment)) for segment in segments]
