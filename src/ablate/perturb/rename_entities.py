"""Rename the problem's entities."""

import re
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random, choose
from ablate.traces import Example, Replacement, replace_in

NAMES = ("Avery", "Blake", "Casey", "Devon", "Ellis", "Finley", "Harper", "Indira", "Jules", "Kiran", "Marin", "Noor", "Quinn", "Rowan")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ENTITY = re.compile(
    r"(?P<number>(?<![\d._])\d+(?:\.\d+)?(?!\d))|(?P<variable>(?<![A-Za-z\\'’])[B-HJ-Zb-hj-z](?![A-Za-z'’]))|(?P<name>\b[A-Z][a-z]{2,}\b)"
)


@dataclass(frozen=True)
class RenameEntities(Perturbation):
    """A share of the problem's own quantities, variables and names gets other values in the response, the same one at every place.

    The reasoning stays consistent in itself and no longer speaks of its problem: content without relevance, after the symbols and patterns
    of Madaan & Yazdanbakhsh (2209.07686). A number becomes one of as many digits, a variable (a letter alone, but for a and i) another
    letter, a name (a capitalised word that the problem, or the response to it, has inside a sentence) another name, none of them found in
    the trace before. What has no free letter or name left stays. `where="response"` renames in the solution too, the box included.
    """

    where: Literal["thought", "response"] = "thought"
    family: ClassVar[Family] = "content"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        renamed = self._renamed(example, random)
        if not renamed:
            return example, {}
        trace = example.trace
        text = trace.text
        regions = [trace.thought_span] + ([trace.solution_span] if self.where == "response" else [])
        names = [match for region in regions for match in _ENTITY.finditer(text, *region) if match.group() in renamed]
        replaced: tuple[Replacement, ...] = tuple((*match.span(), renamed[match.group()]) for match in names)
        return replace(example, trace=replace_in(trace, replaced)), {"replaced": replaced}

    def _renamed(self, example: Example, random: Random) -> dict[str, str]:
        """Old and new names; every entity draws, whatever the dose, so that doses nest. No new name stands for two old ones."""
        asked, answered = (list(_ENTITY.finditer(text)) for text in (example.problem, example.trace.text))
        inside = {match.group() for match in asked + answered if not _begins(match)}
        kinds = {match.group(): str(match.lastgroup) for match in asked if match.group() in inside}
        draws = random.random((len(kinds), 2)).tolist()
        taken = {match.group() for match in answered} | set(kinds)
        renamed = {}
        for (entity, kind), (hit, which) in zip(kinds.items(), draws, strict=True):
            pool = [name for name in _pool(entity, kind, which) if name not in taken]
            if pool:
                new = choose(pool, which)
                taken.add(new)
                if hit < self.dose:
                    renamed[entity] = new
        return renamed


def _begins(match: re.Match[str]) -> bool:
    """Whether a capitalised word begins a sentence, where it need not be a name."""
    before = match.string[: match.start()].rstrip(" ")[-1:]
    return match.lastgroup == "name" and not (before.isalnum() or before in (",", ";"))


def _pool(entity: str, kind: str, draw: float) -> list[str]:
    if kind == "name":
        return list(NAMES)
    if kind == "variable":
        return [letter.upper() if entity.isupper() else letter for letter in LETTERS if letter not in "aio"]
    whole, point, decimals = entity.partition(".")
    size = min(len(whole), 15)
    low, high = (10 ** (size - 1) if size > 1 else 2), 10**size
    start = low + int(draw * (high - low))
    return [f"{low + (start - low + step) % (high - low)}{whole[size:]}{point}{decimals}" for step in range(min(high - low, 50))]
