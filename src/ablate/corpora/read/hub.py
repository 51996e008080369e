"""The rows of a hub dataset at a pinned commit, or of a local copy of one, as a stream of chunks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ablate.config import Data
from ablate.corpora.read import file
from ablate.corpora.read.chunk import Chunk, of_tables
from ablate.corpora.read.rows import selected
from ablate.errors import UserError

if TYPE_CHECKING:
    from datasets import Dataset


def fetched(data: Data, size: int) -> Iterator[Chunk]:
    """Chunks of `size` rows of the dataset at its commit, from a memory-mapped Arrow file; a script in it is never run.

    Args:
        data: what to read, and how.
        size: rows of a chunk.

    Raises:
        UserError: there is no such dataset, commit, subset or split, or it can't be fetched.
    """
    dataset = _fetch(data)
    return of_tables(dataset.select_columns(selected(dataset.column_names, data)).with_format("arrow").iter(size), label(data))


def copied(data: Data, size: int) -> Iterator[Chunk]:
    """Chunks of up to `size` rows of the files that a local copy holds for the subset and the split, numbered through all files.

    Args:
        data: what to read, and how.
        size: rows of a chunk.

    Raises:
        UserError: the folder holds no such subset or split, or a file can't be read.
    """
    return _numbered((file.chunks(path, data, size) for path in _files(data)), label(data))


def label(data: Data) -> str:
    """What messages call the dataset."""
    return data.path or f"{data.name}@{(data.revision or '')[:10]}"


def _fetch(data: Data) -> "Dataset":
    import datasets

    if Path(str(data.name)).exists():  # the library would take it in place of the dataset, whatever the commit
        raise UserError(f"data.name: {data.name} is a folder here, and would be read in place of the hub's; data.path={data.name} takes it")
    # Where the hub can't be reached, the library takes the latest cached version, whatever the commit; so each has a cache of its own.
    cache = Path(datasets.config.HF_DATASETS_CACHE) / str(data.revision)
    shown = datasets.utils.logging.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    try:
        with _said(f"data.name: {_wanted(data)}", "; data.path can name a local copy"):
            return datasets.load_dataset(data.name, data.subset, split=data.split, revision=data.revision, cache_dir=str(cache))
    finally:
        if shown:
            datasets.enable_progress_bars()


def _files(data: Data) -> list[Path]:
    """As the dataset's card or its file names say. The library would also load them, but may take a cached folder of the same name."""
    import datasets

    with _said(f"data.path: {_wanted(data)}"):
        splits = datasets.load_dataset_builder(str(data.path), data.subset).config.data_files
        if data.split not in splits:
            raise ValueError(f"it holds the splits {', '.join(splits)}")
        return [Path(name) for name in splits[data.split]]


def _wanted(data: Data) -> str:
    return f"{label(data)}, subset {data.subset or 'default'}, split {data.split}"


@contextmanager
def _said(what: str, advice: str = "") -> Iterator[None]:
    import datasets

    try:
        yield
    except (datasets.exceptions.DatasetsError, ValueError, RuntimeError, OSError, ImportError) as error:
        raise UserError(f"{what}: can't be loaded: {str(error).splitlines()[0]}{advice}") from error


def _numbered(files: Iterator[Iterator[Chunk]], source: str) -> Iterator[Chunk]:
    before = 0
    for chunks in files:
        last = 0
        for chunk in chunks:
            last = chunk.first + chunk.count - 1
            yield replace(chunk, source=source, first=before + chunk.first)
        before += last
