"""The rows of a local JSON Lines, JSON, Parquet or CSV file, as a stream of chunks; never the whole file in memory."""

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.config import Data
from ablate.corpora.read.chunk import Chunk, Line, chunked, of_tables
from ablate.corpora.read.json_array import elements
from ablate.corpora.read.rows import selected
from ablate.errors import UserError

if TYPE_CHECKING:
    import pyarrow

KINDS = (".jsonl", ".jsonl.gz", ".json", ".parquet", ".csv")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_CELL = 2**31 - 1


def chunks(path: Path, data: Data, size: int) -> Iterator[Chunk]:
    """Chunks of `size` rows.

    Args:
        path: the file.
        data: what to read, and how.
        size: rows of a chunk.

    Raises:
        UserError: the file is missing, of another kind, or can't be read.
    """
    if not path.is_file():
        raise UserError(f"data.path: {path} is no file; allowed is a file that ends in {', '.join(KINDS)}")
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        return chunked(_lines(path), str(path), size)
    if path.suffix == ".json":
        return chunked(_json(path), str(path), size)
    if path.suffix == ".parquet":
        return of_tables(_tables(path, data, size), str(path))
    if path.suffix == ".csv":
        return chunked(_cells(path), str(path), size)
    raise UserError(f"data.path: found {path.name}; allowed is a file that ends in {', '.join(KINDS)}")


def _lines(path: Path) -> Iterator[bytes]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as lines:
        try:
            for number, line in enumerate(lines):
                yield line if number else line.removeprefix(BYTE_ORDER_MARK)
        except (OSError, EOFError, zlib.error) as error:
            raise UserError(f"{path}: can't be read: {error}; allowed is text, compressed by gzip where the name ends in .gz") from None


def _json(path: Path) -> Iterable[bytes]:
    """One array of objects, or an object in each line."""
    with path.open("rb") as file:
        opening = file.read(1024).removeprefix(BYTE_ORDER_MARK).lstrip()
    return elements(path) if opening.startswith(b"[") else _lines(path)


def _tables(path: Path, data: Data, size: int) -> Iterator["pyarrow.RecordBatch"]:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path, pre_buffer=False) as file:
            yield from file.iter_batches(size, columns=selected(file.schema_arrow.names, data))
    except (pyarrow.ArrowException, OSError) as error:
        raise UserError(f"{path}: can't be read as parquet: {error}") from None


def _cells(path: Path) -> Iterator[Line]:
    """The rows of a CSV file by the names in its first row. Bytes that are no UTF-8 become lone surrogates, and their rows are rejected."""
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = csv.reader(file)
        try:
            names = next(rows, [])
            for cells in rows:
                if cells:
                    yield _by_name(names, cells)
        except csv.Error as error:
            raise UserError(f"{path}: can't be read as csv: line {rows.line_num}: {error}") from None


def _by_name(names: list[str], cells: list[str]) -> dict[str, Any] | str:
    if len(cells) != len(names):
        return f"found {len(cells)} cells, the first line names {len(names)}: {', '.join(names)}"
    return dict(zip(names, cells, strict=True))
