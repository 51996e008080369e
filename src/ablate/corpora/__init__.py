"""Where traces come from: as a stream, `checked(map(read_chunk, chunks))`, or whole, `load`."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ablate.config import Data, Source
from ablate.console.progress import Progress, Reporter
from ablate.corpora.corpus import Corpus, Fingerprint, Part, Rejected
from ablate.corpora.read import examples, file, hub, store, tiny
from ablate.corpora.read.chunk import Chunk
from ablate.corpora.read.store import Stored
from ablate.parallel import in_order
from ablate.record.arm_folder import CORPORA, HASHES
from ablate.traces import Example

__all__ = ["Chunk", "Corpus", "Fingerprint", "Part", "Rejected", "Stored", "checked", "chunks", "load", "opened", "read_chunk", "stored"]

ROWS = 256


def chunks(data: Data, rows_per_chunk: int = ROWS) -> Iterator[Chunk]:
    """The raw rows of the corpus in order, in memory that does not grow with it.

    Args:
        data: what to read, and how.
        rows_per_chunk: rows that are decoded at once.

    Raises:
        UserError: the source is not there or can't be read.
    """
    if data.source == Source.tiny:
        return tiny.chunks(data, rows_per_chunk)
    if data.path is None:
        return hub.fetched(data, rows_per_chunk)
    path = Path(data.path)
    return hub.copied(data, rows_per_chunk) if path.is_dir() else file.chunks(path, data, rows_per_chunk)


def read_chunk(chunk: Chunk, data: Data) -> Part:
    """The examples of a chunk and the rows that can't be used; pure, so that any process can do it.

    Args:
        chunk: raw rows.
        data: what to read, and how.
    """
    return (tiny if data.source == Source.tiny else examples).read(chunk, data)


def checked(parts: Iterable[Part], data: Data) -> Iterator[Part]:
    """The parts in order, bounded by `data.traces`; raises a `UserError` for a repeated id, or at the end for what can't be used.

    Args:
        parts: what chunks came to, in order.
        data: what to read, and how.
    """
    return examples.checked(parts, data, "tiny" if data.source == Source.tiny else hub.label(data))


def load(data: Data) -> Corpus:
    """The whole corpus in memory; raises a `UserError` that names file and row where it can't be used."""
    fingerprint = Fingerprint()
    right: list[Example] = []
    wrong: list[Example] = []
    rejected: list[Rejected] = []
    for part in checked((read_chunk(chunk, data) for chunk in chunks(data)), data):
        fingerprint.add(part)
        right += part.examples
        wrong += part.wrong
        rejected += part.rejected
    return Corpus(right, wrong, rejected, fingerprint.hexdigest())


def stored(data: Data, folder: Path, tell: Progress) -> Corpus:
    """The corpus on disk, in a folder of its own below `folder`; read from its source once, by `data.workers` processes.

    However many of its traces are asked for, there is one copy of it. A killed reading goes on from the parts it wrote.

    Args:
        data: what to read, and how.
        folder: the store, or the folder that stores are below.
        tell: told how many parts are done.
    """
    whole = replace(data, traces=None)
    home = folder / store.key(whole, folder.parent / HASHES)
    if not (home / store.INDEX).is_file():
        with store.building(home):
            parts = in_order(store.Reader(whole, home), enumerate(chunks(whole, store.ROWS)), data.workers)
            store.write_index(home, checked(parts, whole), tell)
    return store.open_corpus(home, data.traces)


def opened(data: Data, runs: Path, reporter: Reporter) -> Corpus:
    """The corpus as arms have it: below the runs folder, read with a bar; the tiny world, which is written on the spot, in memory.

    Args:
        data: what to read, and how.
        runs: the folder that results go below.
        reporter: where the reading is shown.
    """
    if data.source is Source.tiny:
        return load(data)
    with reporter.bar("read") as tell:
        return stored(data, runs / CORPORA, tell)
