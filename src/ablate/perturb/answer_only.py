"""The answer alone."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random
from ablate.traces import Example, boxed_answer, replace_in


@dataclass(frozen=True)
class AnswerOnly(Perturbation):
    """A share of the examples answers with the box alone: no thought, no explanation. The control for what any reasoning adds."""

    family: ClassVar[Family] = "control"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        if random.random() >= self.dose:
            return example, {}
        answer = boxed_answer(trace.solution) or example.answer
        replaced = ((*trace.solution_span, f"\\boxed{{{answer}}}"),)
        changes = {"removed": tuple(range(len(trace.steps))), "replaced": replaced}
        return replace(example, trace=replace_in(trace, replaced).keep([])), changes
