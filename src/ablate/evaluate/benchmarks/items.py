"""What the task files call: the items of a pinned set."""

from collections.abc import Sequence
from typing import Any

import datasets

from ablate.errors import UserError
from ablate.evaluate.benchmarks import rows
from ablate.evaluate.benchmarks.pins import pin
from ablate.evaluate.benchmarks.readers import READERS, in_window
from ablate.evaluate.benchmarks.sources import Sources


def items(name: str, reads: str, sources: Sources | None = None, only: str | None = None, **described: Any) -> dict[str, datasets.Dataset]:
    """A set's items as a test split.

    Args:
        name: of the set.
        reads: which reader of `READERS` makes an item of a row.
        sources: where the rows come from.
        only: `window` leaves out problems of other dates.
        described: the pin, as the task file has it.

    Raises:
        UserError: the rows can't be had, or one of them is not as expected.
    """
    where = sources or Sources()
    of_set = pin(name, described)
    read = rows.read(of_set, where)
    return {"test": datasets.Dataset.from_list(made(read, reads, where, of_set.name, only))}


def made(read: Sequence[dict[str, Any]], reads: str, sources: Sources, name: str, only: str | None = None) -> list[dict[str, Any]]:
    """The items of rows.

    Args:
        read: the rows.
        reads: the reader.
        sources: what is asked of it.
        name: of the set, for messages.
        only: `window` leaves out problems of other dates.

    Raises:
        UserError: a row is not as expected.
    """
    made = []
    for number, row in enumerate(read, 1):
        if only == "window" and not in_window(row, sources):
            continue
        try:
            made.append(READERS[reads](row, sources))
        except (KeyError, ValueError, TypeError, StopIteration, IndexError, AttributeError) as error:
            raise UserError(
                f"{name}, row {number}: is not as expected ({type(error).__name__}: {error}); it has {', '.join(row)}"
            ) from error
    if not made:
        raise UserError(f"{name}: no row is of the dates evaluate.window={list(sources.window or ())}")
    return made
