"""What a reasoning trace is: steps inside a thought block, then a solution block, and every character between them."""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from ablate.errors import UserError

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
BLANK_LINE = re.compile(r"(\n\s*\n)")


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
    def solution_span(self) -> tuple[int, int]:
        """Where the solution stands in the text."""
        start = self.thought_span[1] + len(self.closing)
        return start, start + len(self.solution)

    def keep(self, positions: Sequence[int]) -> "Trace":
        """Only the steps at these increasing positions, each with the gap that stood before it.

        Without any step the thought block goes as a whole, tags included: what remains is the solution block, and what stood before the
        thought.
        """
        if not positions:
            thought = next((tags.thought for tags in FORMATS.values() if tags.thought[0] in self.opening), ("", ""))
            before = self.opening.partition(thought[0])[0] if thought[0] else self.opening
            after = self.closing.partition(thought[1])[2] if thought[1] else self.closing
            return replace(self, opening=before, steps=(), gaps=(), closing=after.lstrip())
        return replace(
            self,
            steps=tuple(self.steps[position] for position in positions),
            gaps=tuple(self.gaps[position - 1] for position in positions[1:]),
        )


def replace_in(trace: Trace, replacements: Sequence[Replacement]) -> Trace:
    """The trace with spans of its text replaced; in order, without overlap, each inside one step or inside the solution."""
    if not replacements:
        return trace
    if all(end - start == len(new) == 1 for start, end, new in replacements):
        return _with_characters(trace, replacements)
    at, pending = len(trace.opening), deque(replacements)
    steps = []
    for step, gap in zip_longest(trace.steps, trace.gaps, fillvalue=""):
        steps.append(_replaced(step, at, pending) if pending and pending[0][0] < at + len(step) else step)
        at += len(step) + len(gap)
    return replace(trace, steps=tuple(steps), solution=_replaced(trace.solution, at + len(trace.closing), pending))


def _with_characters(trace: Trace, replacements: Sequence[Replacement]) -> Trace:
    """Character for character, many at once: no part changes its length, so the new text is cut at the old places."""
    characters = list(trace.text)
    for start, _, new in replacements:
        characters[start] = new
    text = "".join(characters)
    at, steps = len(trace.opening), []
    for step, gap in zip_longest(trace.steps, trace.gaps, fillvalue=""):
        steps.append(text[at : at + len(step)])
        at += len(step) + len(gap)
    return replace(trace, steps=tuple(steps), solution=text[slice(*trace.solution_span)])


def _replaced(text: str, offset: int, pending: deque[Replacement]) -> str:
    """The text, which starts at `offset`, after the pending replacements inside it, which are used up."""
    pieces: list[str] = []
    at, limit = 0, offset + len(text)
    while pending and pending[0][0] < limit:
        start, end, new = pending.popleft()
        pieces += (text[at : start - offset], new)
        at = end - offset
    return "".join((*pieces, text[at:]))


def parse(text: str) -> Trace:
    """Cut a response at its tags and its thought at blank lines; lossless: `parse(text).text == text`.

    Raises:
        UserError: no known opening tag stands in the text.
    """
    found = {at: tags for tags in FORMATS.values() if (at := text.find(tags.thought[0])) >= 0}
    if not found:
        openings = " or ".join(tags.thought[0] for tags in FORMATS.values())
        raise UserError(f"no thought block: expected {openings}, found {text[:40]!r}")
    start = min(found)
    tags = found[start]
    start += len(tags.thought[0])
    end = text.find(tags.thought[1], start)
    opening, steps, gaps, trailing = _cut_thought(text[start:] if end < 0 else text[start:end])
    rest = "" if end < 0 else text[end:]
    before, solution, ending = _cut_solution(rest, tags)
    return Trace(text[:start] + opening, steps, gaps, trailing + before, solution, ending)


def _cut_thought(thought: str) -> tuple[str, tuple[str, ...], tuple[str, ...], str]:
    """Leading white space, steps, gaps, trailing white space."""
    stripped = thought.lstrip()
    leading = thought[: len(thought) - len(stripped)]
    body = stripped.rstrip()
    trailing = stripped[len(body) :]
    if not body:
        return leading, (), (), trailing
    pieces = BLANK_LINE.split(body)
    return leading, tuple(pieces[::2]), tuple(pieces[1::2]), trailing


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
