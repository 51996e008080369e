"""From chunks to examples, and what is checked over all of them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b

from ablate.config import Data, Unusable
from ablate.corpora.corpus import Part, Rejected
from ablate.corpora.read.chunk import Chunk, decoded
from ablate.corpora.read.rows import attempts, example
from ablate.errors import UserError
from ablate.traces import Example

SHOWN = 5


def read(chunk: Chunk, data: Data) -> Part:
    """The examples of a chunk, right and wrong, and the rows that can't be used; pure, so any process can do it.

    Args:
        chunk: raw rows.
        data: what to read, and how.

    Raises:
        UserError: with `data.unusable=stop`, a row is not of the form that the config describes.
    """
    right: list[Example] = []
    wrong: list[Example] = []
    rejected: list[Rejected] = []
    ids: list[tuple[int, str]] = []
    rows = 0
    for number, row in decoded(chunk):
        rows += 1
        try:
            if isinstance(row, str):
                raise UserError(row)
            tried = attempts(row, number, data)
        except UserError as error:
            if data.unusable == Unusable.stop:
                raise UserError(f"{chunk.source}: row {number}: {error}") from None
            rejected.append(Rejected(number, f"row-{number}", str(error)))
            continue
        for attempt in tried:
            ids.append((number, attempt.id))
            try:
                (right if attempt.correct else wrong).append(example(attempt, data, chunk.source))
            except UserError as error:
                rejected.append(Rejected(number, attempt.id, str(error)))
    return Part(tuple(right), tuple(wrong), tuple(rejected), rows, tuple(ids))


def checked(parts: Iterable[Part], data: Data, source: str) -> Iterator[Part]:
    """The parts in order, their right examples bounded by `data.traces`; memory grows by a hash for each id, and no more.

    Args:
        parts: what chunks came to, in order.
        data: what to read, and how.
        source: what messages call the data.

    Raises:
        UserError: two rows have the same id; or, at the end, no row was usable, or with `data.unusable=stop` one was not.
    """
    seen: dict[bytes, int] = {}
    shown: list[Rejected] = []
    rows = right = rejected = 0
    for part in parts:
        for number, name in part.ids:
            known = seen.setdefault(blake2b(name.encode(), digest_size=8).digest(), number)
            if known != number:
                raise UserError(f"{source}: row {number}: id {name[:40]!r} was already used by row {known}; allowed is each id once")
        left = None if data.traces is None else max(0, data.traces - right)
        rows, right, rejected = rows + part.rows, right + len(part.examples), rejected + len(part.rejected)
        shown += part.rejected[: SHOWN - len(shown)]
        yield replace(part, examples=part.examples[:left])
    reasons = _reasons(shown, rejected)
    if rows == 0:
        raise UserError(f"{source}: the file is empty; at least one row is needed")
    if rejected and data.unusable == Unusable.stop:
        skipping = "data.unusable=skip goes on without them and lists them in the run folder."
        raise UserError("\n".join([f"{source}: {rejected} of {rows} rows can't be used:", *reasons, skipping]))
    if not right:
        head = f"{source}: found no usable trace with a right answer in {rows} rows; at least one is needed"
        raise UserError("\n".join([head, *reasons]))


def _reasons(shown: list[Rejected], rejected: int) -> list[str]:
    more = [f"  and {rejected - len(shown)} more"] if rejected > len(shown) else []
    return [*(f"  row {row.row} (id {row.id[:40]}): {row.reason}" for row in shown), *more]
