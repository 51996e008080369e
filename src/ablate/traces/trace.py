"""What a reasoning trace is: steps inside a thought block, then a solution block, and every character between them."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, zip_longest

from ablate.errors import UserError
from ablate.traces.answers import boxed_spans
from ablate.traces.keywords import sentence_start
from ablate.traces.steps import Segmenter, protected, turns

Replacement = tuple[int, int, str]
"""Start and end of a span of a text, and what stands there afterwards."""


@dataclass(frozen=True)
class Tags:
    """The plain-text tags of one trace format; without solution tags the solution is all that follows the thought."""

    thought: tuple[str, str]
    solution: tuple[str, str] | None = None


FORMATS = {
    "begin_of_thought": Tags(("<|begin_of_thought|>", "<|end_of_thought|>"), ("<|begin_of_solution|>", "<|end_of_solution|>")),
    "think": Tags(("<think>", "</think>")),
}


@dataclass(frozen=True)
class Trace:
    """A response cut into parts that join to its source text, byte for byte.

    `gaps[i]` stands between `steps[i]` and `steps[i + 1]`. `opening` holds the opening tag, `closing` all between the last step and
    the solution, `ending` all after it. An unfinished trace has empty `closing`, `solution` or `ending`.
    """

    opening: str
    steps: tuple[str, ...]
    gaps: tuple[str, ...]
    closing: str
    solution: str
    ending: str

    @property
    def thought(self) -> str:
        """The steps and what stands between them."""
        return "".join(chain.from_iterable(zip_longest(self.steps, self.gaps, fillvalue="")))

    @property
    def text(self) -> str:
        """The source text."""
        return "".join((self.opening, self.thought, self.closing, self.solution, self.ending))

    @property
    def thought_span(self) -> tuple[int, int]:
        """Where the thought stands in the text."""
        start = len(self.opening)
        return start, start + sum(map(len, self.steps)) + sum(map(len, self.gaps))

    @property
    def step_spans(self) -> list[tuple[int, int]]:
        """Where each step stands in the text."""
        lengths = chain.from_iterable(zip_longest(map(len, self.steps), map(len, self.gaps), fillvalue=0))
        places = list(accumulate(lengths, initial=len(self.opening)))
        return list(zip(places[:-1:2], places[1::2], strict=True))

    @property
    def solution_span(self) -> tuple[int, int]:
        """Where the solution stands in the text."""
        start = self.thought_span[1] + len(self.closing)
        return start, start + len(self.solution)

    @property
    def tagged(self) -> bool:
        """Whether tags stand around the thought."""
        return bool(self._tags[0])

    @property
    def _tags(self) -> tuple[str, str]:
        return next((tags.thought for tags in FORMATS.values() if tags.thought[0] in self.opening), ("", ""))

    def keep(self, positions: Sequence[int]) -> "Trace":
        """Only the steps at these increasing positions, each with the gap that stood before it.

        Without any step the thought block goes as a whole, tags included: what remains is the solution block, and what stood before the
        thought.
        """
        if not positions:
            thought = self._tags
            before = self.opening.partition(thought[0])[0] if thought[0] else self.opening
            after = self.closing.partition(thought[1])[2] if thought[1] else self.closing
            return replace(self, opening=before, steps=(), gaps=(), closing=after.lstrip())
        return replace(
            self,
            steps=tuple(self.steps[position] for position in positions),
            gaps=tuple(self.gaps[position - 1] for position in positions[1:]),
        )


def replace_in(trace: Trace, replacements: Sequence[Replacement]) -> Trace:
    """The trace with spans of its text replaced; in order, without overlap, each inside one step, one gap, or the solution.

    Args:
        trace: to change.
        replacements: in order, without overlap.
    """
    if not replacements:
        return trace
    if all(end - start == len(new) == 1 for start, end, new in replacements):
        return _with_characters(trace, replacements)
    at, pending = len(trace.opening), deque(replacements)
    pieces: list[str] = []
    for piece in chain.from_iterable(zip_longest(trace.steps, trace.gaps, fillvalue="")):
        pieces.append(_replaced(piece, at, pending) if pending and pending[0][0] < at + len(piece) else piece)
        at += len(piece)
    solution = _replaced(trace.solution, at + len(trace.closing), pending)
    return replace(trace, steps=tuple(pieces[::2]), gaps=tuple(pieces[1 : 2 * len(trace.gaps) : 2]), solution=solution)


def _with_characters(trace: Trace, replacements: Sequence[Replacement]) -> Trace:
    """Character for character, many at once: no part changes its length, so the new text is cut at the old places."""
    characters = list(trace.text)
    for start, _, new in replacements:
        characters[start] = new
    text = "".join(characters)
    at, pieces = len(trace.opening), []
    for piece in chain.from_iterable(zip_longest(trace.steps, trace.gaps, fillvalue="")):
        pieces.append(text[at : at + len(piece)])
        at += len(piece)
    steps, gaps = tuple(pieces[::2]), tuple(pieces[1 : 2 * len(trace.gaps) : 2])
    return replace(trace, steps=steps, gaps=gaps, solution=text[slice(*trace.solution_span)])


def _replaced(text: str, offset: int, pending: deque[Replacement]) -> str:
    """The text, which starts at `offset`, after the pending replacements inside it, which are used up."""
    pieces: list[str] = []
    at, limit = 0, offset + len(text)
    while pending and pending[0][0] < limit:
        start, end, new = pending.popleft()
        pieces += (text[at : start - offset], new)
        at = end - offset
    return "".join((*pieces, text[at:]))


def parse(text: str, segment: Segmenter = turns) -> Trace:
    """Cut a response at its tags, and its thought into steps; lossless: `parse(text).text == text`.

    Args:
        text: a whole response.
        segment: what cuts the thought into steps.

    Raises:
        UserError: no known opening tag stands in the text.
    """
    found = {at: tags for tags in FORMATS.values() if (at := text.find(tags.thought[0])) >= 0}
    if not found:
        openings = " or ".join(tags.thought[0] for tags in FORMATS.values())
        raise UserError(f"no thought block: expected {openings}, found {text[:40]!r}")
    tags = found[min(found)]
    start = min(found) + len(tags.thought[0])
    end = text.find(tags.thought[1], start)
    end = len(text) if end < 0 else end
    first, last, steps, gaps = _cut_thought(text, start, end, segment)
    before, solution, ending = _cut_solution(text[end:], tags)
    return Trace(text[:first], steps, gaps, text[last:end] + before, solution, ending)


def parse_untagged(text: str, segment: Segmenter = turns) -> Trace:
    """Cut a response without tags, a short chain of thought; lossless as `parse`.

    Its solution is the sentence that holds the last `\boxed{…}`, with all after it; without a box all is thought.

    Args:
        text: a whole response.
        segment: what cuts the thought into steps.
    """
    boxed = boxed_spans(text)
    end = _solution_start(text, boxed[-1][0]) if boxed else len(text)
    first, last, steps, gaps = _cut_thought(text, 0, end, segment)
    solution = text[end:].rstrip()
    return Trace(text[:first], steps, gaps, text[last:end], solution, text[end + len(solution) :])


def _solution_start(text: str, boxed_at: int) -> int:
    """Where the sentence begins that holds the box; of a displayed formula, the one that leads up to it."""
    formula = next((start for start, end in protected(text, 0, len(text)) if start < boxed_at < end), None)
    if formula is None:
        return sentence_start(text, boxed_at)
    lead = text[:formula].rstrip()
    leads = lead and lead[-1] not in ".!?" and text.count("\n", len(lead), formula) < 2
    return sentence_start(text, len(lead) - 1) if leads else formula


def _cut_thought(text: str, start: int, end: int, segment: Segmenter) -> tuple[int, int, tuple[str, ...], tuple[str, ...]]:
    """Where the first step starts and the last one ends, the steps, the gaps."""
    body = text[start:end]
    first, last = end - len(body.lstrip()), start + len(body.rstrip())
    if first >= last:
        return start, start, (), ()
    gaps = segment(text, first, last)
    starts, ends = [first, *(gap[1] for gap in gaps)], [*(gap[0] for gap in gaps), last]
    steps = tuple(text[begin:stop] for begin, stop in zip(starts, ends, strict=True))
    return first, last, steps, tuple(text[slice(*gap)] for gap in gaps)


def _cut_solution(rest: str, tags: Tags) -> tuple[str, str, str]:
    """All before the solution (the thought's closing tag first), the solution, all after it."""
    start, end = len(tags.thought[1]) if rest else 0, len(rest)
    if tags.solution:
        opened = rest.find(tags.solution[0])
        start = opened + len(tags.solution[0]) if opened >= 0 else start
        closed = rest.find(tags.solution[1], start)
        end = closed if closed >= 0 else end
    inner = rest[start:end]
    solution = inner.strip()
    at = start + inner.find(solution)
    return rest[:at], solution, rest[at + len(solution) :]
