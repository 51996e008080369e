"""Delete steps."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, touched_steps
from ablate.traces import Example, Kind, kinds


@dataclass(frozen=True)
class DeleteSteps(Perturbation):
    """A share of the steps is removed, of all or of one kind; the solution stays whole.

    Li et al. (2502.07374, section 5): at dose 1 only the solution block remains, so the thought's tags go too, as they do whenever no step
    is left. The released code holds no deletion. `kind` deletes a behaviour, as Gandhi et al. (2503.01307) vary them. Shorter traces mean
    fewer training tokens at equal epochs: see `train.match`, and the controls `fill_steps` and `cut_span`.
    """

    kind: Literal["any", Kind] = "any"
    family: ClassVar[Family] = "structure"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        fitting = [at for at, kind in enumerate(kinds(trace.steps)) if self.kind in ("any", kind)]
        removed = {fitting[rank] for rank in touched_steps(len(fitting), self.dose, random)}
        if not removed:
            return example, {}
        kept = [position for position in range(len(trace.steps)) if position not in removed]
        return replace(example, trace=trace.keep(kept)), {"removed": tuple(sorted(removed))}
