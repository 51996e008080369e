"""Final answers: where a text states them."""

import re

_BRACES = re.compile(r"\\boxed\{|\\.|[{}]", re.DOTALL)


def boxed_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of the content of every outermost balanced `\\boxed{…}`, in order. Linear in the text."""
    spans: list[tuple[int, int]] = []
    open_braces: list[int | None] = []
    for found in _BRACES.finditer(text, max(0, text.find("\\boxed{"))):
        brace = found.group()
        if brace == "\\boxed{":
            open_braces.append(found.end())
        elif brace == "{":
            open_braces.append(None)
        elif brace == "}" and open_braces:
            start = open_braces.pop()
            if start is not None:
                while spans and spans[-1][0] > start:
                    spans.pop()
                spans.append((start, found.start()))
    return spans


def boxed_answer(text: str) -> str | None:
    """The content of the last balanced `\\boxed{…}`, or None."""
    spans = boxed_spans(text)
    return text[slice(*spans[-1])].strip() if spans else None
