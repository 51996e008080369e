"""Reverse steps."""

from dataclasses import dataclass
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, touched_steps, with_trace
from ablate.traces import Example


@dataclass(frozen=True)
class ReverseSteps(Perturbation):
    """A share of the steps stands in reversed order, in the places of that share; the solution stays whole.

    Not in Li et al.: beside `shuffle_steps` it keeps neighbours together at dose 1 and turns every dependence round. Doses nest in the
    steps that are chosen; the middle one of an odd number stays in its place.
    """

    family: ClassVar[Family] = "structure"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        steps = example.trace.steps
        chosen = sorted(touched_steps(len(steps), self.dose, random))
        source = dict(zip(chosen, reversed(chosen), strict=True))
        moved = tuple((new, old) for new, old in source.items() if new != old)
        return with_trace(example, steps=tuple(steps[source.get(at, at)] for at in range(len(steps)))), {"moved": moved}
