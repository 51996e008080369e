"""Repeat steps."""

from dataclasses import dataclass
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, touched_steps, with_trace
from ablate.traces import Example


@dataclass(frozen=True)
class RepeatSteps(Perturbation):
    """A share of the steps stands twice in a row; the solution stays whole.

    Not in Li et al.: nothing is lost, moved or foreign, and the trace grows as `delete_steps` shrinks it. The copy stands behind the gap
    before its step.
    """

    family: ClassVar[Family] = "structure"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        repeated = set(touched_steps(len(trace.steps), self.dose, random))
        before = [*trace.gaps[:1], *trace.gaps] or ["\n\n"]
        steps: list[str] = []
        gaps: list[str] = []
        for position, step in enumerate(trace.steps):
            for _ in range(1 + (position in repeated)):
                steps.append(step)
                gaps.append(before[position])
        return with_trace(example, steps=tuple(steps), gaps=tuple(gaps[1:])), {"repeated": tuple(sorted(repeated))}
