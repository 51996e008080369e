"""A short chain of thought in place of the long one."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ablate.errors import UserError
from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random
from ablate.traces import Example, replace_in


@dataclass(frozen=True)
class ShortCot(Perturbation):
    """A share of the examples answers with the short chain of thought that the data has for it, without any long thought.

    Li et al. (2502.07374, section 6) compare long with short chains of thought of the same problems.
    """

    family: ClassVar[Family] = "control"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        if random.random() >= self.dose:
            return example, {}
        if not example.short:
            raise UserError(
                f"perturb.short_cot: example {example.id!r} has no short chain of thought; "
                "the data needs a column of them, named by data.columns.short"
            )
        trace = example.trace
        replaced = ((*trace.solution_span, example.short),)
        changes = {"removed": tuple(range(len(trace.steps))), "replaced": replaced}
        return replace(example, trace=replace_in(trace, replaced).keep([])), changes
