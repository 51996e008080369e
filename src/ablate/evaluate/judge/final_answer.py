"""Where a response says its final answer: after the thought, in its last box or boxes, else in what it says last."""

import re

from ablate.traces.answers import boxes
from ablate.traces.trace import FORMATS

_SOLUTION_TAGS = re.compile("|".join(re.escape(tag) for tags in FORMATS.values() for tag in tags.solution or ()))
_BRACES = re.compile(r"\\f?boxed\s*\{|\\.|[{}]", re.DOTALL)
_BARE_BOX = re.compile(r"\\f?boxed\s*(?!\s*\{)(\\?[A-Za-z]+|-?[\d.,]*\d|\S)")
_JOINT = r"[\s$,;\\()]*"
_BETWEEN = re.compile(
    rf"{_JOINT}(?:\\?(?:text|mbox|mathrm)\s*\{{\s*(?:and|or)\s*\}}|and|or|\\quad)?{_JOINT}(?:[A-Za-z]\w{{0,2}}\s*=\s*)?[\s$]*"
)
_ANSWER_IS = re.compile(
    r"(?:answer|result)(?:\s+(?:to|of|for)\s[^.\n]{0,60}?)?\s*(?:is|are|:|=)\s*:?\s*"
    r"(?:therefore\s+|thus\s+|simply\s+)?(.+?)(?=\.\s|\.$|\n|$)",
    re.IGNORECASE,
)
_IS_THE_ANSWER = re.compile(r"(\S+)\s+is\s+(?:the|our|my)\s+(?:\w+\s+)?answer", re.IGNORECASE)
_MATHEMATICS = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.])-?\$?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?<=\d)(?:\s*/\s*\d+)?%?(?![\w])")


def after_thought(text: str) -> str:
    """What a response says after its thought, without the tags of a solution."""
    for tags in FORMATS.values():
        text = text.rpartition(tags.thought[1])[2]
    return _SOLUTION_TAGS.sub("", text).strip()


def in_words(text: str) -> str:
    """The last box after the thought, else all that is said there."""
    solution = after_thought(text)
    box = boxed(solution)
    return box if box is not None else solution.removesuffix(".")


def in_mathematics(text: str) -> str:
    """The last box after the thought, several that stand together as one answer; else what is called the answer, the last formula of
    the last line that has one, or the last number.

    Args:
        text: the whole response.
    """
    solution = after_thought(text)
    box = boxed(solution, together=True)
    return box if box is not None else _said(solution)


def boxed(solution: str, together: bool = False) -> str | None:
    """The content of the last box, also of one without braces; None where there is none.

    Args:
        solution: what is said after the thought.
        together: boxes with no more than "and" or a comma between them are one answer.
    """
    spans = _boxes(solution)
    if not spans:
        return None
    first = len(spans) - 1
    while together and first and _BETWEEN.fullmatch(solution[spans[first - 1][3] : spans[first][0]]):
        first -= 1
    return ", ".join(solution[start:end].strip() for _, start, end, _ in spans[first:])


def _boxes(text: str) -> list[tuple[int, int, int, int]]:
    """Of every outermost box in order, with braces or without: where it begins, its content from and to, and where it ends."""
    spans = [(begin, start, end, end + 1) for begin, start, end in boxes(text, _BRACES)]
    bare = [(found.start(), *found.span(1), found.end()) for found in _BARE_BOX.finditer(text)]
    return sorted([*spans, *(one for one in bare if not any(begin <= one[0] < end for begin, _, _, end in spans))])


def _said(solution: str) -> str:
    plain = solution.replace("**", "").replace("__", "")
    named = [*_ANSWER_IS.finditer(plain), *_IS_THE_ANSWER.finditer(plain)]
    if named:
        said = max(named, key=lambda found: found.start())[1].strip()
        formula = [next(filter(None, found.groups())) for found in _MATHEMATICS.finditer(said)]
        return formula[-1] if formula else said
    for line in reversed([line for line in re.split(r"\n|(?<=[.!?])\s+", plain) if line.strip()]):
        formula = [next(filter(None, found.groups())) for found in _MATHEMATICS.finditer(line)]
        numbers = _NUMBER.findall(line)
        if formula:
            return formula[-1]
        if numbers:
            return str(numbers[-1])
    return plain.removesuffix(".")
