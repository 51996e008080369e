"""Cut a span."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, touched_steps
from ablate.traces import Example, replace_in


@dataclass(frozen=True)
class CutSpan(Perturbation):
    """One random span of the thought is cut out, as many tokens as `delete_steps` would remove, wherever steps begin and end.

    The partner of deletion: the same length lost, but in one piece and across steps; after the random cut of He et al. (2605.29288).
    The gap at the seam stays, and the solution whole. Tokens are the student's.
    """

    family: ClassVar[Family] = "control"
    draws_as: ClassVar[str | None] = "delete_steps"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        chosen = touched_steps(len(trace.steps), self.dose, random)
        draw = random.random()
        if not chosen:
            return example, {}
        first, last = trace.thought_span
        # Tokens that end inside one character can't be cut apart, and count as one.
        ends = [first + end for end in dict.fromkeys(donors.token_ends(trace.thought))]
        spans = trace.step_spans
        following = [*(start for start, _ in spans[1:]), last]
        count = sum(bisect_right(ends, following[at]) - bisect_right(ends, spans[at][0]) for at in chosen)
        begun = int(draw * (len(ends) - count + 1))
        start, end = ends[begun - 1] if begun else first, ends[begun + count - 1] if count else first
        inside = range(bisect_left(spans, start, key=lambda span: span[0]), bisect_right(spans, end, key=lambda span: span[1]))
        cut = [(max(start, low), min(end, high), "") for low, high in spans if max(start, low) < min(end, high)]
        whole = set(spans)
        replaced = tuple(piece for piece in cut if piece[:2] not in whole)
        kept = [position for position in range(len(spans)) if position not in inside]
        return replace(example, trace=replace_in(trace, replaced).keep(kept)), {"removed": tuple(inside), "replaced": replaced}
