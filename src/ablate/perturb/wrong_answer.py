"""Wrong answers."""

import re
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, choose
from ablate.traces import Example, boxed_answer, boxed_spans, replace_in

MISSES = (-10, -2, -1, 1, 2, 10)
# Not an exponent, an index, a denominator or a decimal place.
_INTEGER = re.compile(r"(?<![\^_.\d])(?<!\^\{)(?<!_\{)(?<!\}\{)\d{1,18}(?!\d)")


@dataclass(frozen=True)
class WrongAnswer(Perturbation):
    """A share of the examples ends in a wrong answer.

    Li et al. (2502.07374, section 5): the same number of *other* traces whose final answer is wrong, which is `by="trace"`: a wrong trace
    of the same problem where the data holds one, else one of another problem with its problem. The released code takes responses that
    failed the checker, which is the same. `by="answer"` keeps the reasoning and boxes another problem's answer in the solution; `by="near"`
    boxes a near miss, the last whole number of the answer off by 1, 2 or 10 (an answer without one: another problem's). A box that holds
    something else than the answer stays.
    """

    by: Literal["trace", "answer", "near"] = "trace"
    family: ClassVar[Family] = "content"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        chosen, which = random.random(2).tolist()
        if chosen >= self.dose:
            return example, {}
        if self.by == "trace":
            donor = donors.wrong(example, which)
            swapped = replace(example, problem=donor.problem, answer=donor.answer, trace=donor.trace, short=donor.short)
            return swapped, {"swapped_with": donor.id}
        solution, start = example.trace.solution, example.trace.solution_span[0]
        right = boxed_answer(solution) or ""
        wrong = _near(right, which) if self.by == "near" else None
        wrong = wrong or donors.other_answer(example, which)
        boxes = [span for span in boxed_spans(solution) if solution[slice(*span)].strip() == right]
        replaced = tuple((start + opened, start + closed, wrong) for opened, closed in boxes)
        return replace(example, trace=replace_in(example.trace, replaced)), {"replaced": replaced}


def _near(answer: str, draw: float) -> str | None:
    """The answer with its last whole number missed by a little, never below zero; None without one."""
    numbers = list(_INTEGER.finditer(answer))
    if not numbers:
        return None
    start, end = numbers[-1].span()
    value = int(answer[start:end])
    missed = choose([value + miss for miss in MISSES if value + miss >= 0], draw)
    width = end - start if answer[start] == "0" else 1
    return f"{answer[:start]}{missed:0{width}}{answer[end:]}"
