"""Wrong answers."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random
from ablate.traces import Example, boxed_spans, replace_in


@dataclass(frozen=True)
class WrongAnswer(Perturbation):
    """A share of the examples ends in a wrong answer.

    Li et al. (2502.07374, section 5): the same number of *other* traces whose final answer is wrong, which is `by="trace"`: a wrong trace
    of the same problem where the data holds one, else one of another problem with its problem. The released code takes responses that
    failed the checker, which is the same. `by="answer"` keeps the reasoning and boxes another problem's answer in the solution.
    """

    by: Literal["trace", "answer"] = "trace"
    family: ClassVar[Family] = "content"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        chosen, which = random.random(2).tolist()
        if chosen >= self.dose:
            return example, {}
        if self.by == "trace":
            donor = donors.wrong(example, which)
            return replace(example, problem=donor.problem, answer=donor.answer, trace=donor.trace), {"swapped_with": donor.id}
        answer = donors.other_answer(example, which)
        start = example.trace.solution_span[0]
        replaced = tuple((start + opened, start + closed, answer) for opened, closed in boxed_spans(example.trace.solution))
        return replace(example, trace=replace_in(example.trace, replaced)), {"replaced": replaced}
