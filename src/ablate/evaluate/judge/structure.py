"""The outside of an answer: its items, and the brackets around them. What is inside an item is mathematics."""

import re
from dataclasses import dataclass

_OPEN, _CLOSE = "([{", ")]}"
_MATRIX = re.compile(r"^\\begin\{([pbvBV]?matrix|array)\}(?:\{[^}]*\})?(.*)\\end\{\1\}$", re.DOTALL)
_IN = re.compile(r"^[A-Za-z](?:_\{?\w+\}?)?(?:\([a-z]\))?\s*\\in(?![A-Za-z])")
_SIMPLE = re.compile(
    r"^(?:\\?[A-Za-z]+|\\angle\s*[A-Za-z\s_{}\d]+|[A-Za-z]{1,3})(?:_\{?[^{}=]*\}?)?(?:\^\{?\w+\}?)?(?:\([^()=]*\))?'*$|^\\[a-z]+\{[A-Za-z]+\}$"
)


@dataclass(frozen=True)
class Group:
    """Items in brackets, whose order and brackets bind; `open` and `close` are empty for a list of items, whose order doesn't."""

    open: str
    close: str
    items: tuple["Group | str", ...]


def read(text: str) -> "Group | str":
    """A normalised answer as its items and brackets; a text where it has none.

    Args:
        text: normalised.
    """
    text = _IN.sub("", text).strip()
    matrix = _MATRIX.match(text)
    if matrix:
        rows = [row for row in matrix[2].split("\\newrow") if row.strip()]
        return Group("matrix", "matrix", tuple(Group("row", "row", tuple(read(cell.strip()) for cell in row.split("&"))) for row in rows))
    parts = split(text, r"\cup")
    if len(parts) > 1:
        return Group("union", "union", tuple(read(part) for part in parts))
    items = [part for part in split(text, ",;") if part.strip()]
    if len(items) > 1:
        return Group("", "", tuple(read(one) for item in items for one in _expanded(item.strip())))
    expanded = _expanded(text)
    if len(expanded) > 1:
        return Group("", "", tuple(expanded))
    opened = _bracketed(text)
    if opened is None:
        return text
    left, inner, right = opened
    inside = [part.strip() for part in split(inner, ",;")]
    if len(inside) == 1 and left == "(" and right == ")":
        return read(inner)
    if len(inside) == 1 and left != "{":
        return text
    if left == "{":
        return Group("", "", tuple(one for part in inside for one in _expanded(part)))
    return Group(left, right, tuple(read(part) for part in inside))


def split(text: str, at: str) -> list[str]:
    """The parts of a text between separators that stand in no brackets.

    Args:
        text: normalised.
        at: separators of one sign each, or one command.
    """
    parts, depth, start, place = [], 0, 0, 0
    while place < len(text):
        sign = text[place]
        if sign == "\\" and not text.startswith(at, place):
            place += 1
            if place < len(text) and text[place] in "{}":
                depth += 1 if text[place] == "{" else -1
        elif sign in _OPEN:
            depth += 1
        elif sign in _CLOSE:
            depth -= 1
        elif depth <= 0 and (text.startswith(at, place) if at.startswith("\\") else sign in at):
            parts.append(text[start:place])
            start = place + (len(at) if at.startswith("\\") else 1)
            place = start - 1
        place += 1
    return [*parts, text[start:]]


def value_side(text: str) -> str:
    """What an assignment assigns (`x=5`, `BC^2=19`, `a+b=11+9=20`): the side after its last equals sign; a text that is none stays.

    Args:
        text: an item.
    """
    sides = split(text, "=")
    if len(sides) < 2 or any(sign in text for sign in ("\\le ", "\\ge ", "<", ">")):
        return text
    if len(sides) > 2 or _SIMPLE.match(sides[0].strip()):
        return sides[-1].strip()
    return text


def name_side(text: str) -> str | None:
    """What an assignment gives a value to; None where a text is none."""
    sides = split(text, "=")
    return sides[0].strip() if len(sides) == 2 and _SIMPLE.match(sides[0].strip()) else None


def as_interval(text: str) -> Group | None:
    """An inequality in one variable as the interval that it says: `x<3`, `-2\\le x<7`; None for what is none.

    Args:
        text: an item.
    """
    text = text.replace("\\le ", "≤").replace("\\ge ", "≥").replace("\\le", "≤").replace("\\ge", "≥")
    parts = re.split(r"([<>≤≥])", text)
    variable = re.compile(r"^\s*[a-zA-Z]\s*$")
    if len(parts) == 3 and variable.match(parts[0]) != variable.match(parts[2]):
        left, sign, right = parts
        if variable.match(right):
            left, right, sign = right, left, {"<": ">", ">": "<", "≤": "≥", "≥": "≤"}[sign]
        bound = right.strip()
        if sign in "<≤":
            return Group("(", "]" if sign == "≤" else ")", ("-\\infty", bound))
        return Group("[" if sign == "≥" else "(", ")", (bound, "\\infty"))
    if len(parts) == 5 and variable.match(parts[2]):
        low, first, _, second, high = (part.strip() for part in parts)
        if first in ">≥" and second in ">≥":
            low, high = high, low
            first, second = {">": "<", "≥": "≤"}[second], {">": "<", "≥": "≤"}[first]
        if first in "<≤" and second in "<≤":
            return Group("[" if first == "≤" else "(", "]" if second == "≤" else ")", (low, high))
    return None


def _expanded(item: str) -> list[str]:
    """`2\\pm\\sqrt{3}` is two items."""
    if item.count("\\pm") != 1:
        return [item]
    return [item.replace("\\pm", sign).replace("  ", " ") for sign in "+-"]


def _bracketed(text: str) -> tuple[str, str, str] | None:
    """The outermost brackets and what is between them, where they hold the whole text."""
    if text.startswith("\\{") and text.endswith("\\}"):
        return "{", text[2:-2], "}"
    if not text or text[0] not in "([" or text[-1] not in ")]":
        return None
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in _OPEN) - (sign in _CLOSE)
        if depth == 0 and place < len(text) - 1:
            return None
    return (text[0], text[1:-1], text[-1]) if depth == 0 else None
