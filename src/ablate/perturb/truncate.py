"""Truncate the thought."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random
from ablate.traces import Example


@dataclass(frozen=True)
class Truncate(Perturbation):
    """A share of the steps is cut off at the end of the thought; the solution stays whole.

    After Lanham et al. (2307.13702, section 2.3), who cut a thought short to see whether the answer changes. The same number of steps goes
    as in `delete_steps` at that dose, so the two tell scattered holes from a missing end. At dose 1 both leave the solution block alone.
    """

    family: ClassVar[Family] = "structure"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        kept = len(trace.steps) - int(self.dose * len(trace.steps) + 0.5)
        if kept == len(trace.steps):
            return example, {}
        removed = tuple(range(kept, len(trace.steps)))
        return replace(example, trace=trace.keep(range(kept))), {"removed": removed}
