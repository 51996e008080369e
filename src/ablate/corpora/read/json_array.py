"""The elements of a JSON array, cut out of a file of any size without decoding them."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

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
                        _nothing_follows(path, block[at:], file)
                        return
                elif token in b"}]":
                    depth -= 1
            element += block[start:]
    raise UserError(f"{path}: can't be read as JSON: the array that it begins with is not closed")


def _nothing_follows(path: Path, rest: bytes, file: BinaryIO) -> None:
    """Raises a `UserError` for anything but white space behind the array."""
    for block in chain([rest], iter(partial(file.read, BLOCK), b"")):
        if found := block.strip():
            shown = found[:40].decode(errors="replace")
            raise UserError(f"{path}: can't be read as JSON: behind the end of the array it goes on with {shown!r}; allowed is one array")
