"""Swap the thought."""

from dataclasses import dataclass
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, with_trace
from ablate.traces import Example


@dataclass(frozen=True)
class SwapThought(Perturbation):
    """A share of the examples gets the whole thought of another problem; the solution stays.

    After Stechly et al. (2505.13775), who swap whole traces. Each thought is coherent in itself and irrelevant to its problem, where
    `insert_steps` breaks both at once.
    """

    family: ClassVar[Family] = "structure"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        chosen, which = random.random(2).tolist()
        if chosen >= self.dose:
            return example, {}
        donor = donors.other(example, which)
        return with_trace(example, steps=donor.trace.steps, gaps=donor.trace.gaps), {"thought_of": donor.id}
