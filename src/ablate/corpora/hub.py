"""The rows of a hub dataset at a pinned commit, or of a local copy of one, as a stream of chunks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ablate.config import Data
from ablate.corpora.chunk import Chunk, of_tables
from ablate.corpora.rows import selected
from ablate.errors import UserError

if TYPE_CHECKING:
    from datasets import Dataset


def chunks(data: Data, size: int) -> Iterator[Chunk]:
    """Chunks of `size` rows, from a memory-mapped Arrow file; a script in the dataset is never run.

    Raises:
        UserError: there is no such dataset, commit, subset or split, it can't be fetched, or its files can't be read.
    """
    dataset = _load(data)
    tables = dataset.select_columns(selected(dataset.column_names, data)).with_format("arrow").iter(size)
    return of_tables(tables, label(data))


def label(data: Data) -> str:
    """What messages call the dataset."""
    return data.path or f"{data.name}@{(data.revision or '')[:10]}"


def _load(data: Data) -> "Dataset":
    import datasets

    shown = datasets.utils.logging.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    try:
        # A folder is read where it lies; `revision` is of no account there.
        return datasets.load_dataset(data.path or data.name, data.subset, split=data.split, revision=data.revision)
    except (datasets.exceptions.DatasetsError, ValueError, RuntimeError, OSError, ImportError) as error:
        key = "data.path" if data.path else "data.name"
        wanted = f"{label(data)}, subset {data.subset or 'default'}, split {data.split}"
        raise UserError(f"{key}: {wanted}: can't be loaded: {str(error).splitlines()[0]}") from error
    finally:
        if shown:
            datasets.enable_progress_bars()
