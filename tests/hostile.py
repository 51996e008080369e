"""Hostile text: what breaks parsers, scaled to any length, and the 200 kinds of rows that the pieces make."""

import random
from collections.abc import Callable
from itertools import product
from typing import Any

Piece = Callable[[int], str]


def repeated(text: str) -> Piece:
    """The text over and over, to a length of about `length` characters."""
    return lambda length: text * max(1, length // len(text))


PIECES: dict[str, Piece] = {
    "one long line": repeated("abcdefghij"),
    "one line over and over": repeated("Wait, let me check that 2+2=4 again.\n"),
    "one paragraph over and over": repeated("Let me compute 12*3=36 once more.\n\n"),
    "digits": repeated("9"),
    "signed numbers": repeated("-1.5e-3+"),
    "foreign digits": repeated("٣१৪𝟙"),
    "spaces": repeated(" "),
    "line feeds": repeated("\n"),
    "spaces and line feeds": repeated(" \n"),
    "tabs and line feeds": repeated("\t\n\n"),
    "CRLF": repeated("A line.\r\n"),
    "CRLF paragraphs": repeated("A paragraph.\r\n\r\n"),
    "carriage returns": repeated("A line.\r"),
    "other line ends": repeated("A line.\x85\u2028\u2029\x0b\x0c"),
    "empty steps": repeated("\n\n \n\n"),
    "NUL": repeated("a\x00"),
    "control characters": repeated("".join(map(chr, range(1, 32)))),
    "byte order marks": repeated("\ufeff"),
    "right-to-left marks": repeated("\u202eabc\u202c\u200f"),
    "zero width": repeated("\u200b\u200d"),
    "combining marks": repeated("é̂̃"),
    "characters that grow when lowered": repeated("İ"),
    "emoji": repeated("👩‍👩‍👧‍👦🏳️‍🌈"),
    "high surrogates": repeated("\ud800"),
    "low surrogates": repeated("x\udfff"),
    "opening tags": repeated("<think>"),
    "closing tags": repeated("</think>"),
    "tag pairs": repeated("<think>a</think>"),
    "Sky-T1 tags": repeated("<|begin_of_thought|>\n\na\n\n<|end_of_thought|><|begin_of_solution|>b<|end_of_solution|>"),
    "broken tags": repeated("<thi</thi<|begin_of_"),
    "boxes that never close": repeated("\\boxed{"),
    "boxes in boxes": lambda length: "\\boxed{" * (length // 8) + "}" * (length // 8),
    "closing braces": repeated("}"),
    "opening braces": repeated("{"),
    "empty boxes": repeated("\\boxed{}"),
    "escaped braces": repeated("\\{\\}\\\\"),
    "backslashes": repeated("\\"),
    "begun environments": repeated("\\begin{align}\n\n"),
    "ended environments": repeated("\\end{align}\n\n\\]"),
    "displayed formulas": repeated("\\[ x=1 \\]\n\n"),
    "code fences": repeated("```\n\n"),
    "a fence that never closes": lambda length: "```python\n" + "x = 1\n\n" * (length // 7),
    "list items": repeated("- item\n\n  more\n\n"),
    "numbered items": repeated("1. item\n\n"),
    "full stops": repeated("."),
    "full stops and spaces": repeated(". "),
    "ends and brackets": repeated("!?\"')]"),
    "turns": repeated("Wait. "),
    "turns without an end": repeated("Wait Hmm Alternatively "),
    "equations": repeated("a=b=c+d*e/f "),
    "relations": repeated("x \\le y \\equiv z < 3, "),
    "names": repeated("Aya and Bob walk. "),
    "conclusions": repeated("So the answer is 4. Therefore, the final answer is "),
    "quotes": repeated("\"'`“”"),
    "commas and quotes": repeated('",,"'),
    "JSON": repeated('{"a": [1, {"b": null}], '),
    "escapes": repeated("\\u0000\\n\\ud800"),
    "formulas of a spreadsheet": repeated('=cmd()|"@SUM(1)\n'),
    "markup": repeated("<a href='x'>&amp;</a>"),
    "words for nothing": repeated("NaN null None "),
}
AT_LEAST = {"one long line": 1_000_000, "one line over and over": 30_000 * 37, "digits": 10_000}
"""How long a piece is at least, in the rows."""
FIELDS = ("response", "problem", "answer", "id", "short", "thought", "solution", "correct")
PLACES = ("before", "inside", "after", "instead")


def row(number: int) -> dict[str, Any]:
    """A row as it should be."""
    return {
        "id": f"row-{number}-given",
        "problem": f"What is {number}+1?",
        "answer": str(number + 1),
        "response": response("First, 2+2=4.\n\nWait, let me check: 2+2=4.\n\nSo Aya has 4 coins.", f"It is \\boxed{{{number + 1}}}."),
        "short": f"Add one. It is \\boxed{{{number + 1}}}.",
        "correct": "false" if number % 7 == 0 else "true",
    }


def response(thought: str, solution: str) -> str:
    return f"<think>\n{thought}\n</think>\n\n{solution}"


def spoilt(text: str, hostile: str, place: str) -> str:
    """The text with something hostile in it."""
    middle = len(text) // 2
    return {"before": hostile + text, "inside": text[:middle] + hostile + text[middle:], "after": text + hostile, "instead": hostile}[place]


def rows(count: int, length: int) -> list[dict[str, Any]]:
    """`count` kinds of hostile rows: every piece, then random pairs of pieces, each in a field and a place of its own."""
    chosen = random.Random("hostile rows")
    where = list(product(FIELDS, PLACES))
    names = list(PIECES)
    made = []
    for number in range(count):
        alone = number < len(names)
        field, place = ("thought", PLACES[number % 3]) if alone else where[number % len(where)]
        pieces = [names[number]] if alone else chosen.sample(names, 2)
        hostile = "\n\n".join(PIECES[name](max(length, AT_LEAST.get(name, 0))) for name in pieces)
        made.append(with_hostile(row(number + 1), field, hostile, place))
    return made


def with_hostile(good: dict[str, Any], field: str, hostile: str, place: str) -> dict[str, Any]:
    """The row with something hostile in one field; thought and solution are parts of the response."""
    if field in ("thought", "solution"):
        before, between, solution = good["response"].partition("\n</think>\n\n")
        parts = {"thought": before.removeprefix("<think>\n"), "solution": solution}
        parts[field] = spoilt(parts[field], hostile, place)
        return {**good, "response": f"<think>\n{parts['thought']}{between}{parts['solution']}"}
    return {**good, field: spoilt(good[field], hostile, place)}
