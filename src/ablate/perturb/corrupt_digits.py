"""Corrupt digits."""

import re
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random
from ablate.traces import Example, Replacement, replace_in

_NAMES = [str(number) for number in range(11)]
_NUMBER = re.compile(r"\b\d+(?:\.\d+)?\b", re.ASCII)
_RESULT = re.compile(r"=[^=\n\d]{0,40}+(\d[\d,]*(?:\.\d+)?(?:(?:/|\}\{)\d+)?)", re.ASCII)


@dataclass(frozen=True)
class CorruptDigits(Perturbation):
    """Each digit of the thought becomes, with probability `dose`, a random digit, which may be the same one.

    Li et al. (2502.07374, section 5) as published: `unit="digit"`, `where="thought"`. Their released code replaces each whole number by a
    random integer 0 to 10, in thought and solution alike, the boxed answer included: `unit="number"`, `where="response"`. Every
    occurrence is drawn by itself, or with `mapping="consistent"` equal ones become equal, so that the trace agrees with itself.
    `only="last_result"` leaves all but the last number after an equals sign (Cui et al., 2503.19326).
    """

    unit: Literal["digit", "number"] = "digit"
    where: Literal["thought", "solution", "response"] = "thought"
    mapping: Literal["independent", "consistent"] = "independent"
    only: Literal["all", "last_result"] = "all"
    family: ClassVar[Family] = "content"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        text = trace.text
        regions = {"thought": trace.thought_span, "solution": trace.solution_span}
        chosen = list(regions.values()) if self.where == "response" else [regions[self.where]]
        if self.only == "last_result":
            chosen = _last_result(text, chosen)
        find, choices = (_digits, 10) if self.unit == "digit" else (_numbers, 11)
        spans = np.concatenate([np.empty((0, 2), int), *(find(text, *region) for region in chosen)])
        kinds = _kinds(text, spans) if self.mapping == "consistent" else np.arange(len(spans))
        draws = random.random((int(kinds.max(initial=-1)) + 1, 2))[kinds]
        hit = draws[:, 0] < self.dose
        new = map(_NAMES.__getitem__, (draws[hit, 1] * choices).astype(int).tolist())
        replaced: tuple[Replacement, ...] = tuple(zip(*spans[hit].T.tolist(), new, strict=True))
        return replace(example, trace=replace_in(trace, replaced)), {"replaced": replaced}


def _digits(text: str, start: int, end: int) -> np.ndarray:
    """Spans of the ASCII digits, shape (digits, 2); an array of code points is many times faster than a regular expression."""
    codes = np.frombuffer(text[start:end].encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    places = np.flatnonzero((codes >= ord("0")) & (codes <= ord("9"))) + start
    return np.stack([places, places + 1], axis=1)


def _numbers(text: str, start: int, end: int) -> np.ndarray:
    """Spans of the whole numbers, shape (numbers, 2)."""
    return np.array([found.span() for found in _NUMBER.finditer(text, start, end)], dtype=int).reshape(-1, 2)


def _kinds(text: str, spans: np.ndarray) -> np.ndarray:
    """The number of each span's text among the different ones, in the order in which they first appear."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(text[start:end], len(known)) for start, end in spans.tolist()], dtype=int)


def _last_result(text: str, regions: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The span of the last number, or fraction, that follows an equals sign, in the last region that holds one."""
    for region in reversed(regions):
        results = [found.span(1) for found in _RESULT.finditer(text, *region)]
        if results:
            return results[-1:]
    return []
