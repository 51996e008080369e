"""Split paragraphs."""

import re
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random
from ablate.traces import Example, replace_in

_SENTENCE_GAP = re.compile(r"(?<=[^\d\W][.!?]|[)}\]$][.!?]) +(?=[A-Z\\(])")


@dataclass(frozen=True)
class SplitParagraphs(Perturbation):
    """A share of the sentences inside steps gets a paragraph of its own: layout alone; no other character changes.

    The steps stay the same steps, with blank lines inside.
    """

    family: ClassVar[Family] = "structure"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        text = trace.text
        spans = [found.span() for step in trace.step_spans for found in _SENTENCE_GAP.finditer(text, *step)]
        draws = random.random(len(spans)).tolist()
        replaced = tuple((*span, "\n\n") for span, draw in zip(spans, draws, strict=True) if draw < self.dose)
        return replace(example, trace=replace_in(trace, replaced)), {"replaced": replaced}
