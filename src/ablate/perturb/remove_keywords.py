"""Remove reflection keywords."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, ClassVar, Literal

from ablate.errors import UserError
from ablate.perturb.donors import Donors
from ablate.perturb.perturbation import Family, Perturbation, Random
from ablate.traces import Example, Replacement, replace_in
from ablate.traces.keywords import REFLECTION, occurrences, sentences


@dataclass(frozen=True)
class RemoveKeywords(Perturbation):
    """A share of the thought's sentences that hold a reflection keyword is removed.

    Li et al. (2502.07374, section 5) as published: `unit="sentence"`. Their released code has an LLM rewrite a share of the *traces*;
    `unit="trace"` takes that share, and removes all such sentences of a chosen trace in place of the LLM. A step that loses all
    its sentences goes as a whole; with the last step the thought's tags go.
    """

    unit: Literal["sentence", "trace"] = "sentence"
    keywords: Sequence[str] = REFLECTION
    family: ClassVar[Family] = "content"

    def __post_init__(self) -> None:
        super().__post_init__()
        words = [] if isinstance(self.keywords, str) else list(self.keywords)
        if not words or not all(word.strip() and word[-1].isalnum() for word in words):
            raise UserError(f"keywords: found {self.keywords!r}, allowed is a list of words or phrases that end in a letter or digit")

    def edit(self, example: Example, random: Random, donors: Donors) -> tuple[Example, dict[str, Any]]:
        trace = example.trace
        offset = trace.thought_span[0]
        keywords = deque(occurrences(trace.thought, tuple(self.keywords)))
        total, gone = len(keywords), 0
        one_draw = random.random() if self.unit == "trace" else None
        removed: list[int] = []
        replaced: list[Replacement] = []
        at = 0
        for position, (step, gap) in enumerate(zip_longest(trace.steps, trace.gaps, fillvalue="")):
            spans = []
            if keywords and keywords[0][0] < at + len(step):
                for start, end in sentences(step):
                    held = 0
                    while keywords and keywords[0][0] < at + end:
                        keywords.popleft()
                        held += 1
                    if held and (random.random() if one_draw is None else one_draw) < self.dose:
                        spans.append((offset + at + start, offset + at + end, ""))
                        gone += held
            if spans and sum(end - start for start, end, _ in spans) == len(step):
                removed.append(position)
            else:
                replaced += spans
            at += len(step) + len(gap)
        if removed or replaced:
            trace = replace_in(trace, replaced)
            kept = set(range(len(trace.steps))).difference(removed)
            trace = trace.keep(sorted(kept))
        changes = {"removed": tuple(removed), "replaced": tuple(replaced), "keywords_left": total - gone}
        return replace(example, trace=trace), changes
