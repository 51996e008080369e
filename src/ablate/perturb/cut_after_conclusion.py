"""Cut after the first conclusion."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random
from ablate.traces import Example, kinds


@dataclass(frozen=True)
class CutAfterConclusion(Perturbation):
    """In a share of the examples all steps after the first one that states a conclusion are cut off; the solution stays whole.

    After He et al. (2605.29288): what is lost is the checking of an answer already found. A thought without a conclusion, or with it
    at its end as in the tiny world, stays as it is.
    """

    family: ClassVar[Family] = "control"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        found = kinds(trace.steps)
        if random.random() >= self.dose or "conclusion" not in found:
            return example, {}
        kept = found.index("conclusion") + 1
        return replace(example, trace=trace.keep(range(kept))), {"removed": tuple(range(kept, len(found)))}
