"""The elements of a JSON array, cut out of a file of any size without decoding them."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ablate.errors import UserError

BLOCK = 1 << 20
_OUTSIDE = re.compile(rb'["{}\[\],]')
_INSIDE = re.compile(rb'["\\]')


def elements(path: Path) -> Iterator[bytes]:
    """The bytes of each element; broken ones come out broken, for whoever decodes them to say so.

    Raises:
        UserError: the array is not closed.
    """
    depth, inside, escaped = 0, False, False
    element = bytearray()
    with path.open("rb") as file:
        for block in iter(partial(file.read, BLOCK), b""):
            at = start = 0
            if escaped:
                at, escaped = 1, False
            while found := (_INSIDE if inside else _OUTSIDE).search(block, at):
                at, token = found.end(), found.group()
                if token == b"\\":
                    escaped = at == len(block)
                    at += 1
                elif token == b'"':
                    inside = not inside
                elif token in b"{[":
                    depth += 1
                    if depth == 1:
                        start = at
                elif depth == 1:  # a comma between elements, or the end of the array
                    element += block[start : at - 1]
                    start = at
                    if element.strip():
                        yield bytes(element)
                    element.clear()
                    if token != b",":
                        return
                elif token in b"}]":
                    depth -= 1
            element += block[start:]
    raise UserError(f"{path}: can't be read as JSON: the array that it begins with is not closed")
