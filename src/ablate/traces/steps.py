"""Where the steps of a thought begin: at blank lines, at turns of thought, or where the data says."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from ablate.errors import UserError

Span = tuple[int, int]
Segmenter = Callable[[str, int, int], list[Span]]
"""Finds the gaps, the white space between steps, inside `text[start:end]`, in order."""

_BLANK_LINE = re.compile(r"\n\s*\n")
_TURNS = (
    r"(?:But |And |Oh |Oh, |So |Okay, |Ok, )?(?:"
    r"[Ww]ait|[Hh]mm|[Hh]old on|[Nn]o, |[Oo]ops|[Oo]n second thought|[Aa]ctually, |"
    r"[Aa]lternatively|[Aa]nother (?:way|approach|method|idea|thought)|[Mm]aybe (?:I|there|another)|[Pp]erhaps (?:I|there|another)|"
    r"[Ll]et(?: me|'s|’s| us) (?:just )?(?:check|verify|confirm|double[- ]check|re-?check|make sure|go back|re-?consider|re-?think|re-?do|"
    r"try|start over|step back|think (?:again|differently)|test|see if|approach|consider another)|"
    r"[Tt]o (?:verify|double[- ]check|be sure|make sure|confirm)|[Jj]ust to (?:be|make)|[Ii] should (?:check|verify|double[- ]check)|"
    r"[Ii] (?:made|think I made) a mistake|[Tt]hat (?:can't|cannot|doesn't|does not|isn't|is not) |"
    r"(?:[Tt]herefore|[Tt]hus|[Hh]ence|[Ss]o),? (?:the|my) (?:final )?answer|[Tt]he (?:final )?answer is)"
)
_TURN = re.compile(rf"(?:[.!?][\"'”’)\]*]*+\s++|\n)(?={_TURNS})")
_FORMULA = re.compile(r"\\(?:begin\{(\w++\*?)\}|end\{(\w++\*?)\}|(\[)|\])")
_DOUBLED = re.compile(r"\$\$")
_FENCE = re.compile(r"^(?:```|~~~)", re.MULTILINE)
_ITEM = re.compile(r"[ \t]{0,3}(?:[-*+•]|\d{1,3}[.)])[ \t]")
_WHOLE_ITEM = re.compile(rf"^{_ITEM.pattern}.*+(?:\n(?:[ \t]*+\n)*+[ \t]++\S.*+)*+", re.MULTILINE)
_RUNS_ON = re.compile(r"[a-z]{2}|\\\[|\$\$|\\begin\{")


def blank_lines(text: str, start: int, end: int) -> list[Span]:
    """The blank lines, save those inside a LaTeX environment, a code fence or a list item.

    Args:
        text: a whole response.
        start: where the thought begins, in characters.
        end: where it ends.
    """
    return _blank_lines(text, start, end, _whole(text, start, end))


def _blank_lines(text: str, start: int, end: int, kept: list[Span]) -> list[Span]:
    gaps = [(match.start(), _past_spaces(text, match.end(), end)) for match in _BLANK_LINE.finditer(text, start, end)]
    return [gap for gap in gaps if not _inside(gap[0], kept)]


def turns(text: str, start: int, end: int) -> list[Span]:
    """The blank lines where no sentence runs on, and the turns of thought inside paragraphs.

    After Li et al. (2502.07374, section 5): "backtracking, self-validation, reflection, or other breaks". A turn is a sentence or a line
    that begins with a phrase of doubt, return, check, new approach or conclusion. A sentence runs on where the next paragraph begins in
    lower case or with a displayed formula, or the last one ends in a colon or a comma.

    Args:
        text: a whole response.
        start: where the thought begins, in characters.
        end: where it ends.
    """
    whole = _whole(text, start, end)
    kept = [gap for gap in _blank_lines(text, start, end, whole) if not _runs_on(text, gap)]
    starts = (_before_spaces(text, match.end() - 1, start) for match in _TURN.finditer(text, start, end))
    turned = [gap for gap in starts if not _inside(gap[0], whole)]
    gaps: list[Span] = []
    for gap in sorted([*kept, *turned]):
        if gap[0] > start and (not gaps or gap[0] >= gaps[-1][1]):
            gaps.append(gap)
    return gaps


def labels(given: Sequence[int | str]) -> Segmenter:
    """The steps that the data names, by where they start in the response, or by their texts in order; as an LLM splitter leaves them.

    Raises:
        UserError: a step is not where it is said to be, or text other than white space is left between two.
    """

    def find(text: str, start: int, end: int) -> list[Span]:
        starts = _starts(given, text, start, end)
        gaps: list[Span] = []
        for earlier, later in pairwise(starts):
            before = text[earlier:later]
            gaps.append((earlier + len(before.rstrip()), later))
        return gaps

    return find


SEGMENTERS: dict[str, Segmenter] = {"blank_line": blank_lines, "turns": turns}


def _starts(given: Sequence[int | str], text: str, start: int, end: int) -> list[int]:
    starts: list[int] = []
    at = start
    for number, label in enumerate(given, start=1):
        if isinstance(label, str):
            begins = text.find(label.strip(), at, end)
            if begins < 0 or not label.strip() or text[at:begins].strip():
                raise UserError(f"step {number} of the labels does not follow the one before it in the thought: {label[:40]!r}")
            at = begins + len(label.strip())
        else:
            begins = label
            if not at <= begins < end or text[begins].isspace():
                raise UserError(f"step {number} of the labels begins at {begins}: allowed is a place in the thought, after the one before")
            at = begins + 1
        starts.append(begins)
    if starts and text[start : starts[0]].strip():
        raise UserError(f"before the first step of the labels the thought holds {text[start : starts[0]].strip()[:40]!r}")
    if given and isinstance(given[-1], str) and text[at:end].strip():
        raise UserError(f"after the last step of the labels the thought goes on: {text[at:end].strip()[:40]!r}")
    return starts


def _whole(text: str, start: int, end: int) -> list[Span]:
    """What is never cut: formulas, fences and list items."""
    return _outermost([*protected(text, start, end), *(match.span() for match in _WHOLE_ITEM.finditer(text, start, end))])


def protected(text: str, start: int, end: int) -> list[Span]:
    """LaTeX environments, displayed formulas and code fences that are closed, outermost only; what is never closed protects nothing.

    Args:
        text: a whole response.
        start: where the thought begins, in characters.
        end: where it ends.
    """
    fences = [match.start() for match in _FENCE.finditer(text, start, end)] if "```" in text or "~~~" in text else []
    spans: list[Span] = [(opened, closed + 3) for opened, closed in zip(fences[::2], fences[1::2], strict=False)]
    open_at: list[tuple[str, int]] = []
    for match in _FORMULA.finditer(text, start, end):
        begun, ended, opening = match.groups()
        if begun or opening:
            open_at.append((begun or "[", match.start()))
        elif open_at and open_at[-1][0] == (ended or "["):
            spans.append((open_at.pop()[1], match.end()))
        else:
            open_at.clear()
    doubled = [match.start() for match in _DOUBLED.finditer(text, start, end)]
    if len(doubled) % 2 == 0:
        spans += [(opened, closed + 2) for opened, closed in zip(doubled[::2], doubled[1::2], strict=True)]
    return _outermost(spans)


def _outermost(spans: list[Span]) -> list[Span]:
    outermost: list[Span] = []
    for span in sorted(spans):
        if not outermost or span[0] >= outermost[-1][1]:
            outermost.append(span)
        elif span[1] > outermost[-1][1]:
            outermost[-1] = (outermost[-1][0], span[1])
    return outermost


def _inside(at: int, spans: list[Span]) -> bool:
    before = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return before >= 0 and at < spans[before][1]


def _runs_on(text: str, gap: Span) -> bool:
    return text[gap[0] - 1] in ":," or _RUNS_ON.match(text, gap[1]) is not None


def _before_spaces(text: str, last: int, start: int) -> Span:
    """The whole stretch of white space that ends with this character."""
    first = last
    while first > start and text[first - 1].isspace():
        first -= 1
    return first, last + 1


def _past_spaces(text: str, at: int, end: int) -> int:
    while at < end and text[at] in " \t":
        at += 1
    return at
