"""A corpus on disk: its rows read and cut into steps once, in Arrow files that are mapped into memory and not loaded."""

import hashlib
import json
import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache, cached_property, lru_cache
from itertools import accumulate, chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from ablate.config import Data
from ablate.console.progress import Progress
from ablate.corpora.corpus import Corpus, Fingerprint, Part, Rejected, digest
from ablate.corpora.read import examples
from ablate.corpora.read.chunk import Chunk
from ablate.errors import UserError
from ablate.record.content import contents_hash
from ablate.record.files import write_json
from ablate.record.lock import held
from ablate.traces import Example, Trace, problem_key

if TYPE_CHECKING:
    import numpy as np
    import pyarrow

INDEX = "corpus.json"
PART = "part-{:05}.arrow"
ROWS = 1000
"""Rows of a part."""
TEXTS = ("id", "problem", "answer", "source", "short", "response")


class Stored(Sequence[Example]):
    """The right or the wrong examples of a store, in the order of their rows, or of their ids; each is built when it is asked for.

    Another process gets the folder alone, and maps the same files.
    """

    def __init__(self, folder: Path, wrong: bool = False, sorted_by_id: bool = False, limit: int | None = None) -> None:
        self._folder, self._wrong, self._sorted_by_id, self._limit = folder, wrong, sorted_by_id, limit

    def __reduce__(self) -> tuple[Any, ...]:
        return Stored, (self._folder, self._wrong, self._sorted_by_id, self._limit)

    def by_id(self) -> "Stored":
        """The same examples in the order of their ids."""
        return Stored(self._folder, self._wrong, sorted_by_id=True, limit=self._limit)

    def fingerprint(self, into: Fingerprint) -> None:
        """Add the examples, in the order of their rows, by the digests that were kept of them."""
        for each in self._column("digest").to_pylist():
            into.add_digest(each, self._wrong)

    @cached_property
    def problems(self) -> "np.ndarray":
        """`problem_key` of each example, shape (examples,)."""
        keys = self._column("problem_key").to_numpy()
        return keys[self._order] if self._sorted_by_id else keys

    @cached_property
    def _ends(self) -> list[int]:
        index = json.loads((self._folder / INDEX).read_text())
        ends = accumulate(index["wrong" if self._wrong else "right"])
        return [end if self._limit is None else min(end, self._limit) for end in ends]

    @cached_property
    def _order(self) -> "np.ndarray":
        import pyarrow.compute

        return pyarrow.compute.sort_indices(self._column("id")).to_numpy()

    def _column(self, name: str) -> "pyarrow.ChunkedArray":
        import pyarrow

        pieces = [self._rows(part).column(name).chunks for part in range(len(self._ends))]
        kinds = {"problem_key": pyarrow.uint64(), "digest": pyarrow.binary(16)}
        empty = pyarrow.array([], kinds.get(name, pyarrow.large_string()))
        return pyarrow.chunked_array([empty, *(piece for chunks in pieces for piece in chunks)])

    def _rows(self, part: int) -> "pyarrow.Table":
        """The rows of these examples in one file."""
        table = (_kept if self._sorted_by_id else _mapped)(self._folder / PART.format(part))
        first = int(table.schema.metadata[b"right"]) if self._wrong else 0
        return table.slice(first, self._ends[part] - (self._ends[part - 1] if part else 0))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, at: int) -> Example: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Example]: ...
    def __getitem__(self, at: int | slice) -> Example | Sequence[Example]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        place = int(self._order[at]) if self._sorted_by_id else at
        part = bisect_right(self._ends, place)
        return _example(self._rows(part), place - (self._ends[part - 1] if part else 0))


@dataclass(frozen=True)
class Reader:
    """Reads a numbered chunk and keeps what it came to in the folder; a part that is there is taken from there."""

    data: Data
    folder: Path

    def __call__(self, numbered: tuple[int, Chunk]) -> Part:
        number, chunk = numbered
        path = self.folder / PART.format(number)
        if path.is_file():
            return read_part(path)
        part = examples.read(chunk, self.data)
        write_part(path, part)
        return part


def key(data: Data, memory: Path) -> str:
    """What a store is called: a hash of what the source holds, of how it is read, and of the code that reads it.

    Args:
        data: of which the path, and how many processes read, have no say.
        memory: a folder in which the hashes of large files are remembered.
    """
    how = {**asdict(data), "workers": None, "path": None}
    source = Path(data.path) if data.path else None
    files = sorted(path for path in source.rglob("*") if path.is_file()) if source and source.is_dir() else []
    named = [(path.relative_to(source).as_posix(), path) for path in files] if source else []
    named += [("".join(source.suffixes), source)] if source and source.is_file() else []
    hashed = hashlib.blake2b(json.dumps(how, sort_keys=True).encode(), digest_size=8)
    hashed.update(contents_hash(named, memory).encode())
    for room in ("traces", "corpora"):
        for module in sorted((Path(__file__).parents[2] / room).rglob("*.py")):
            hashed.update(module.read_bytes())
    return hashed.hexdigest()


@contextmanager
def building(folder: Path) -> Iterator[None]:
    """Hold the store alone while it is built; a source that can't be used leaves no folder that was not there before."""
    existed = folder.is_dir()
    try:
        with held(folder, patient=True):
            for partial in folder.glob(".*.arrow.*"):
                partial.unlink()
            yield
    except UserError:
        for part in [] if existed else folder.glob("part-*"):
            part.unlink()
        for above in (folder, folder.parent, folder.parent.parent):
            with suppress(OSError):  # which holds something else
                above.rmdir()
        raise


def write_index(folder: Path, parts: Iterable[Part], tell: Progress) -> None:
    """Go through all parts in order, and write last what makes the store whole.

    Args:
        folder: the store, or the folder that stores are below.
        parts: what chunks came to, in order.
        tell: told how many parts are done.
    """
    counts: dict[str, list[int]] = {"right": [], "wrong": []}
    rejected: list[Rejected] = []
    for number, part in enumerate(parts, start=1):
        counts["right"].append(len(part.examples))
        counts["wrong"].append(len(part.wrong))
        rejected += part.rejected
        tell(number, number)
    write_json(folder / INDEX, {**counts, "rejected": [asdict(row) for row in rejected]})


def open_corpus(folder: Path, limit: int | None) -> Corpus:
    """The corpus of a whole store: its first `limit` right examples (None: all), and every wrong one.

    Args:
        folder: the store, or the folder that stores are below.
        limit: right examples at most; None: all.
    """
    index = json.loads((folder / INDEX).read_text())
    rejected = [Rejected(**row) for row in index["rejected"]]
    right, wrong, fingerprint = Stored(folder, limit=limit), Stored(folder, wrong=True), Fingerprint()
    right.fingerprint(fingerprint)
    wrong.fingerprint(fingerprint)
    return Corpus(right, wrong, rejected, fingerprint.hexdigest())


def write_part(path: Path, part: Part) -> None:
    """Write what a chunk came to, whole or not at all.

    Args:
        path: the file.
        part: what a chunk came to.
    """
    import pyarrow

    rows = [*part.examples, *part.wrong]
    table: dict[str, Any] = {name: pyarrow.array([getattr(row, name) for row in rows], pyarrow.large_string()) for name in TEXTS[:-1]}
    table["response"] = pyarrow.array([row.trace.text for row in rows], pyarrow.large_string())
    table["pieces"] = pyarrow.array([_pieces(row.trace) for row in rows], pyarrow.large_list(pyarrow.int32()))
    table["digest"] = pyarrow.array([digest(row) for row in rows], pyarrow.binary(16))
    table["problem_key"] = pyarrow.array([problem_key(row.problem) for row in rows], pyarrow.uint64())
    rest = {"rejected": [asdict(row) for row in part.rejected], "rows": part.rows, "ids": part.ids}
    arrow = pyarrow.table(table).replace_schema_metadata({"right": str(len(part.examples)), "rest": json.dumps(rest)})
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with pyarrow.ipc.new_file(partial, arrow.schema) as file:
        file.write_table(arrow)
    os.replace(partial, path)


def read_part(path: Path) -> Part:
    """What `write_part` wrote."""
    table = _table(path)
    right, rest = int(table.schema.metadata[b"right"]), json.loads(table.schema.metadata[b"rest"])
    rows = [_example(table, at) for at in range(table.num_rows)]
    rejected = tuple(Rejected(**row) for row in rest["rejected"])
    return Part(tuple(rows[:right]), tuple(rows[right:]), rejected, rest["rows"], tuple((number, name) for number, name in rest["ids"]))


def _table(path: Path) -> "pyarrow.Table":
    import pyarrow

    return pyarrow.ipc.open_file(pyarrow.memory_map(str(path))).read_all()


_mapped = lru_cache(maxsize=4)(_table)
"""For going through a store in order: what is behind is let go."""
_kept = cache(_table)
"""For donors, which come from anywhere: files stay mapped, and the system takes their pages back when it needs them."""


def _pieces(trace: Trace) -> list[int]:
    """The lengths of the trace's parts in order; its ending is what remains."""
    thought = chain.from_iterable(zip_longest(trace.steps, trace.gaps, fillvalue=""))
    lengths = [len(piece) for piece in (trace.opening, *thought, trace.closing, trace.solution)]
    if trace.steps:
        del lengths[-3]  # the empty string that stands behind the last step
    return lengths


def _example(table: "pyarrow.Table", at: int) -> Example:
    name, problem, answer, source, short, response = (table.column(column)[at].as_py() for column in TEXTS)
    ends = list(accumulate(table.column("pieces")[at].as_py()))
    parts = [response[start:end] for start, end in zip([0, *ends], [*ends, len(response)], strict=True)]
    opening, *thought, closing, solution, ending = parts
    return Example(
        name, problem, answer, Trace(opening, tuple(thought[::2]), tuple(thought[1::2]), closing, solution, ending), source, short
    )
