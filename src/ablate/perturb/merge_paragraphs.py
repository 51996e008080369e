"""Merge paragraphs."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random
from ablate.traces import Example, replace_in


@dataclass(frozen=True)
class MergeParagraphs(Perturbation):
    """A share of the line breaks between steps becomes a single space: layout alone; no other character changes.

    The control for all that cuts at paragraphs: does the blank line itself carry anything?
    """

    family: ClassVar[Family] = "structure"

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        gaps = [(end, end + len(gap)) for (_, end), gap in zip(trace.step_spans, trace.gaps, strict=False) if "\n" in gap]
        draws = random.random(len(gaps)).tolist()
        replaced = tuple((*gap, " ") for gap, draw in zip(gaps, draws, strict=True) if draw < self.dose)
        return replace(example, trace=replace_in(trace, replaced)), {"replaced": replaced}
