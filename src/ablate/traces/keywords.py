"""Reflection keywords, the words at which long reasoning doubts, turns or checks, and the sentences that hold them."""

import re
from functools import cache

# The kinds of phrase that Li et al. (2502.07374, section 5) count as reflection.
REFLECTION = (
    "wait",
    "alternatively",
    "hmm",
    "just to be thorough",
    "just to make sure",
    "double check",
    "double-check",
    "let me check",
    "let me verify",
    "let me try another",
    "let me go back",
    "let me reconsider",
    "maybe i should",
    "maybe i can",
    "on second thought",
)
_SENTENCE_END = re.compile(r"""[.!?]["')\]]*\s+|\n+""")
_ASCII_LOWER = str.maketrans({chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)})


def occurrences(text: str, keywords: tuple[str, ...] = REFLECTION) -> list[tuple[int, int]]:
    """Start and end of each keyword in the text, as whole words, whatever their case.

    Args:
        text: a whole response.
        keywords: what is looked for.
    """
    lowered = text.lower()
    if len(lowered) != len(text):  # a few characters grow when lowered, and places would shift
        lowered = text.translate(_ASCII_LOWER)
    spans = (found.span() for found in _pattern(keywords).finditer(lowered))
    return [(start, end) for start, end in spans if not (start and lowered[start - 1].isalnum())]


def sentences(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence with the white space that follows it; together they are the text."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    return list(zip([0, *ends], ends, strict=False))


def sentence_start(text: str, at: int) -> int:
    """Where the sentence begins that holds this place.

    Args:
        text: a whole response.
        at: a place in the text.
    """
    return max((match.end() for match in _SENTENCE_END.finditer(text, 0, at)), default=0)


@cache
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str]:
    # Plain literals without a leading \b let the engine skip ahead to their first letters: five times faster.
    return re.compile("(?:" + "|".join(re.escape(word.lower()) for word in sorted(keywords, key=len, reverse=True)) + r")\b")
