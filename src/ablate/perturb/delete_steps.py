"""Delete steps."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, touched_steps
from ablate.traces import Example


@dataclass(frozen=True)
class DeleteSteps(Perturbation):
    """A share of the steps is removed; the solution stays whole.

    Li et al. (2502.07374, section 5): at dose 1 only the solution block remains, so the thought's tags go too. The released code holds no
    deletion. Shorter traces mean fewer training tokens at equal epochs: see `characters_after`, and the run's count of tokens.
    """

    family: ClassVar[Family] = "structure"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        removed = set(touched_steps(len(trace.steps), self.dose, random))
        if not removed:
            return example, {}
        kept = [position for position in range(len(trace.steps)) if position not in removed]
        return replace(example, trace=trace.keep(kept)), {"removed": tuple(sorted(removed))}
