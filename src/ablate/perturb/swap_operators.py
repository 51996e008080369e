"""Swap operators."""

import re
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random
from ablate.traces import Example, replace_in

OPPOSITE = {
    "+": "-",
    "-": "+",
    "−": "+",
    "*": "/",
    "/": "*",
    "×": "÷",
    "÷": "×",
    "<": ">",
    ">": "<",
    "≤": "≥",
    "≥": "≤",
    r"\times": r"\div",
    r"\cdot": r"\div",
    r"\div": r"\times",
    r"\leq": r"\geq",
    r"\geq": r"\leq",
    r"\le": r"\ge",
    r"\ge": r"\le",
}
# An operand ends in a digit, a bracket, or a letter that stands alone, as a variable does; so `well-known` and `and/or` are left.
_OPERATOR = re.compile(
    r"(?:(?<=[\d)}\]])|(?<=[\d)}\]] )|(?<=\b[A-Za-z])|(?<=\b[A-Za-z] ))"
    r"(?:[-+−*/×÷<>≤≥]|\\(?:times|cdot|div|leq?|geq?)(?![A-Za-z]))"
    r"(?= ?(?:[\d({\[\\]|[A-Za-z]\b))"
)


@dataclass(frozen=True)
class SwapOperators(Perturbation):
    """Each operator between two operands of the thought becomes, with probability `dose`, its opposite.

    Plus and minus, times and divided, less and more: the symbols of Madaan & Yazdanbakhsh (2209.07686), varied while numbers and words
    stay. Not in Li et al.
    """

    family: ClassVar[Family] = "content"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        operators = list(_OPERATOR.finditer(trace.text, *trace.thought_span))
        draws = random.random(len(operators)).tolist()
        replaced = tuple(
            (*operator.span(), OPPOSITE[operator.group()]) for operator, draw in zip(operators, draws, strict=True) if draw < self.dose
        )
        return replace(example, trace=replace_in(trace, replaced)), {"replaced": replaced}
