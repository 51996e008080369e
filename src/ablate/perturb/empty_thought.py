"""Empty thought."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, with_trace
from ablate.traces import Example


@dataclass(frozen=True)
class EmptyThought(Perturbation):
    """In a share of the examples nothing stands between the thought's tags; the solution stays whole.

    The empty trace of Gandhi et al. (2503.01307). Without tags nothing of the thought is left. `delete_steps` at dose 1 takes the tags too.
    """

    family: ClassVar[Family] = "control"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        if random.random() >= self.dose:
            return example, {}
        if not example.trace.tagged:
            return replace(example, trace=example.trace.keep([])), {"removed": tuple(range(len(example.trace.steps)))}
        return with_trace(example, steps=(), gaps=()), {"emptied": True}
