"""Filler in place of steps."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, touched_steps
from ablate.traces import Example, replace_in


@dataclass(frozen=True)
class FillSteps(Perturbation):
    """The steps that `delete_steps` would remove become dots, as many tokens as each had: the same loss without the shorter trace.

    Filler tokens after Pfau et al. (2404.15758) and Lanham et al. (2307.13702, section 2.5). Tokens are the student's.
    """

    family: ClassVar[Family] = "control"
    draws_as: ClassVar[str | None] = "delete_steps"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        chosen = sorted(touched_steps(len(trace.steps), self.dose, random))
        spans = trace.step_spans
        replaced = tuple((*spans[position], _filler(len(donors.token_ends(trace.steps[position])), donors)) for position in chosen)
        return replace(example, trace=replace_in(trace, replaced)), {"replaced": replaced}


def _filler(tokens: int, donors: Donors) -> str:
    dots = " ".join("." * tokens)
    return dots[: donors.token_ends(dots)[tokens - 1]] if tokens else ""
