"""Final answers: where a text states them."""

import re

_BRACES = re.compile(r"\\boxed\{|\\.|[{}]", re.DOTALL)


def boxed_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of the content of every outermost balanced `\\boxed{…}`, in order. Linear in the text."""
    return [(start, end) for _, start, end in boxes(text, _BRACES)]


def boxes(text: str, braces: re.Pattern[str]) -> list[tuple[int, int, int]]:
    """Of every outermost balanced box, in order, where it begins, and its content from and to; it ends a brace later. Linear in the text.

    Args:
        text: any text.
        braces: finds what opens a box, by words that begin with a backslash and end with a brace, escaped signs, and braces.
    """
    spans: list[tuple[int, int, int]] = []
    opened: list[tuple[int, int] | None] = []
    for found in braces.finditer(text, max(0, text.find("boxed") - 2)):
        brace = found.group()
        if brace[0] == "\\" and brace[-1] == "{" and len(brace) > 2:
            opened.append(found.span())
        elif brace == "{":
            opened.append(None)
        elif brace == "}" and opened:
            box = opened.pop()
            if box is not None:
                while spans and spans[-1][0] > box[0]:
                    spans.pop()
                spans.append((*box, found.start()))
    return spans


def boxed_answer(text: str) -> str | None:
    """The content of the last balanced `\\boxed{…}`, or None."""
    spans = boxed_spans(text)
    return text[slice(*spans[-1])].strip() if spans else None
