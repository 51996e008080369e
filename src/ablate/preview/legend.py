"""What kinds and edits look like wherever traces are shown: a symbol and a word each, so that nothing is told by colour alone."""

from typing import Literal

from ablate.page.visible import spaces, visible
from ablate.preview.view import Figures, Step
from ablate.traces import Kind

Side = Literal["clean", "perturbed"]

KINDS: dict[Kind, str] = {"set-up": "◇", "derivation": "→", "check": "✓", "backtrack": "↶", "conclusion": "■"}
EDITS = {"moved": "⇅", "removed": "−", "replaced": "−", "inserted": "+", "repeated": "⟳", "changed": "✎", "layout": "¶"}


def marks(step: Step, side: Side) -> list[str]:
    """What became of a step, in the fewest words: `⇅ was 12`."""
    found = []
    if step.state == "moved":
        found.append(f"now {step.other}" if side == "clean" else f"was {step.other}")
    elif step.state == "inserted" and step.donor:
        found.append(f"from {visible(step.donor[0])}, step {step.donor[1]}")
    elif step.state == "repeated":
        found.append(f"step {step.other} again")
    elif step.state != "kept":
        found.append(step.state)
    said = [f"{EDITS[step.state]} {mark}" for mark in found]
    if step.segments:
        said.append(f"{EDITS['changed']} changed")
    if step.layout:
        said.append(f"{EDITS['layout']} {spaces(step.layout[0]) or 'nothing'} became {spaces(step.layout[1]) or 'nothing'}")
    return said


def figures(found: Figures) -> list[tuple[str, str]]:
    """The figures of one trace as pairs of what and how much."""
    said = [("steps", _change(*found.steps))]
    said += [(name, f"{count} · {share:.0%}") for name, (count, share) in found.edits.items()]
    if found.places:
        said.append(("places replaced", f"{found.places:,}"))
    if found.keywords_left is not None:
        said.append(("keywords left", f"{found.keywords_left:,}"))
    said.append(("characters", _change(*found.characters)))
    if found.tokens:
        said.append(("tokens", _change(*found.tokens)))
    before, after = (visible(answer) if answer is not None else "none" for answer in found.answer)
    said.append(("answer", f"{after} survived" if found.answer_survived else f"{before} → {after} changed"))
    return said


def _change(before: int, after: int) -> str:
    ratio = f" · {after / before:.0%}" if before and before != after else ""
    return f"{before:,} → {after:,}{ratio}" if before != after else f"{before:,}"
