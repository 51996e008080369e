"""Raw rows on their way to a reader, and how they are decoded; a chunk can be sent to another process."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow

Row = dict[str, Any]
Line = bytes | Row | str
"""A JSON object not decoded yet, a row, or the reason why it can't be one."""

LONGEST_NUMBER = 4300
"""Digits of the longest number that Python converts; a longer one stays text."""


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows of one source: `count` lines, or a table as an Arrow stream. `first` is the number of the first one, from 1."""

    source: str
    first: int
    count: int
    rows: tuple[Any, ...] | bytes


def chunked(lines: Iterable[Any], source: str, size: int) -> Iterator[Chunk]:
    """Chunks of `size` lines.

    Args:
        lines: raw rows.
        source: what messages call the data.
        size: rows of a chunk.
    """
    rest, first = iter(lines), 1
    while rows := tuple(islice(rest, size)):
        yield Chunk(source, first, len(rows), rows)
        first += len(rows)


def of_tables(tables: Iterable["pyarrow.RecordBatch | pyarrow.Table"], source: str) -> Iterator[Chunk]:
    """A chunk for each table. Pickled as they are, slices would take the whole table along.

    Args:
        tables: Arrow tables or batches.
        source: what messages call the data.
    """
    import pyarrow

    first = 1
    for table in tables:
        stream = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(stream, table.schema) as writer:
            writer.write(table)
        yield Chunk(source, first, table.num_rows, stream.getvalue().to_pybytes())
        first += table.num_rows


def decoded(chunk: Chunk) -> Iterator[tuple[int, Row | str]]:
    """Each row with its number, or the reason why it is none; empty lines are passed over, and counted."""
    rows = _table_rows(chunk.rows) if isinstance(chunk.rows, bytes) else map(_line, chunk.rows)
    for number, row in enumerate(rows, start=chunk.first):
        if row is not None:
            yield number, row


def _line(line: Line) -> Row | str | None:
    if not isinstance(line, bytes):
        return line
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return f"can't be read: {error}; allowed is UTF-8 text"
    if not text.strip():
        return None
    try:
        # Floating-point numbers stay text, so that an answer of 1.50 is not changed.
        row = json.loads(text, parse_int=_integer, parse_float=str)
    except json.JSONDecodeError as error:
        return f"not JSON ({error.msg} at column {error.colno}); found {text[:60]!r}"
    except RecursionError:
        return f"not JSON (nested too deeply); found {text[:60]!r}"
    return row if isinstance(row, dict) else f"found a JSON {type(row).__name__}, allowed is an object"


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else digits


def _table_rows(stream: bytes) -> Iterator[Row | str]:
    import pyarrow

    table = pyarrow.ipc.open_stream(stream).read_all()
    try:
        yield from table.to_pylist()
    except (ValueError, OverflowError):  # one bad value would take all rows with it
        yield from (_table_row(table.slice(at, 1)) for at in range(table.num_rows))


def _table_row(table: "pyarrow.Table") -> Row | str:
    try:
        row: Row = table.to_pylist()[0]
    except (ValueError, OverflowError) as error:
        return f"can't be read: {error}"
    return row
