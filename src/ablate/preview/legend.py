"""What kinds and edits look like wherever traces are shown: a symbol and a word each, so that nothing is told by colour alone."""

from typing import Literal

from ablate.page.visible import spaces, visible
from ablate.preview.view import Figures, Step
from ablate.traces import Kind

Side = Literal["clean", "perturbed"]

KINDS: dict[Kind, str] = {"set-up": "◇", "derivation": "→", "check": "✓", "backtrack": "↶", "conclusion": "■"}
EDITS = {"moved": "⇅", "removed": "−", "replaced": "−", "inserted": "+", "repeated": "⟳", "changed": "✎", "layout": "¶"}


def marks(step: Step, side: Side) -> list[str]:
    """What became of a step, in the fewest words: `⇅ was 12`.

    Args:
        step: of a trace.
        side: clean or perturbed.
    """
    totals = []
    if step.state == "moved":
        totals.append(f"now {step.other}" if side == "clean" else f"was {step.other}")
    elif step.state == "inserted" and step.donor:
        totals.append(f"from {visible(step.donor[0])}, step {step.donor[1]}")
    elif step.state == "repeated":
        totals.append(f"step {step.other} again")
    elif step.state != "kept":
        totals.append(step.state)
    lines = [f"{EDITS[step.state]} {mark}" for mark in totals]
    if step.segments:
        lines.append(f"{EDITS['changed']} changed")
    if step.layout:
        lines.append(f"{EDITS['layout']} {spaces(step.layout[0]) or 'nothing'} became {spaces(step.layout[1]) or 'nothing'}")
    return lines


def figures(totals: Figures) -> list[tuple[str, str]]:
    """The figures of one trace as pairs of what and how much."""
    lines = [("steps", _change(*totals.steps))]
    lines += [(name, f"{count} · {share:.0%}") for name, (count, share) in totals.edits.items()]
    if totals.places:
        lines.append(("places replaced", f"{totals.places:,}"))
    if totals.keywords_left is not None:
        lines.append(("keywords left", f"{totals.keywords_left:,}"))
    lines.append(("characters", _change(*totals.characters)))
    if totals.tokens:
        lines.append(("tokens", _change(*totals.tokens)))
    before, after = (visible(answer) if answer is not None else "none" for answer in totals.answer)
    lines.append(("answer", f"{after} survived" if totals.answer_survived else f"{before} → {after} changed"))
    return lines


def _change(before: int, after: int) -> str:
    ratio = f" · {after / before:.0%}" if before and before != after else ""
    return f"{before:,} → {after:,}{ratio}" if before != after else f"{before:,}"
