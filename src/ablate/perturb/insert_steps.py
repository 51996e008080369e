"""Insert steps."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Insertion, Perturbation, Random, choose, touched_steps, with_trace
from ablate.traces import Example


@dataclass(frozen=True)
class InsertSteps(Perturbation):
    """A share of the steps is replaced by random steps of other traces; the solution stays whole.

    Li et al. (2502.07374, section 5) call it inserting, and it replaces, so that the length is roughly kept. The released code holds none.
    Steps of other problems break structure and relevance at once; `source="same"` takes them from other traces of the same problem, right
    or wrong ones, and breaks the structure alone. A problem with a single trace then stays as it is.
    """

    source: Literal["other", "same"] = "other"
    family: ClassVar[Family] = "structure"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        same = donors.same(example) if self.source == "same" else []
        if self.source == "same" and not same:
            return example, {}
        steps = list(example.trace.steps)
        chosen = touched_steps(len(steps), self.dose, random)
        inserted = []
        for position, (which_donor, which_step) in zip(chosen, random.random((len(chosen), 2)).tolist(), strict=True):
            donor = choose(same, which_donor) if same else donors.other(example, which_donor)
            step = choose(range(len(donor.trace.steps)), which_step)
            steps[position] = donor.trace.steps[step]
            inserted.append(Insertion(position, donor.id, step))
        return with_trace(example, steps=tuple(steps)), {"inserted": tuple(inserted)}
