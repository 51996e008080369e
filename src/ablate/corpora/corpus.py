"""What a corpus is: the examples to train on, wrong traces to draw from, and the rows that could not be used."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from ablate.traces import Example


@dataclass(frozen=True)
class Rejected:
    """A row that can't be used, by its number in the file (from 1), and why."""

    row: int
    id: str
    reason: str


@dataclass(frozen=True)
class Part:
    """What a chunk of rows came to. `ids` pairs the id of every example and every rejected trace with the number of its row."""

    examples: tuple[Example, ...] = ()
    wrong: tuple[Example, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    rows: int = 0
    ids: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Corpus:
    """Examples with right answers, traces that end in wrong ones, and the rejected rows; in memory or on disk.

    `fingerprint` is a hash of all that can reach the training data, whatever file or recipe it came from.
    """

    examples: Sequence[Example]
    wrong: Sequence[Example]
    rejected: Sequence[Rejected]
    fingerprint: str


class Fingerprint:
    """The fingerprint of a corpus, taken from its parts in order; how the rows were cut into parts does not change it."""

    def __init__(self) -> None:
        self._right = hashlib.blake2b(digest_size=16)
        self._wrong = hashlib.blake2b(digest_size=16)

    def add(self, part: Part) -> None:
        """Add the examples of a part."""
        for examples, wrong in ((part.examples, False), (part.wrong, True)):
            for example in examples:
                self.add_digest(digest(example), wrong)

    def add_digest(self, digest: bytes, wrong: bool) -> None:
        """Add an example by its digest."""
        (self._wrong if wrong else self._right).update(digest)

    def hexdigest(self) -> str:
        """32 hexadecimal digits."""
        return hashlib.blake2b(self._right.digest() + self._wrong.digest(), digest_size=16).hexdigest()


def digest(example: Example) -> bytes:
    """16 bytes of an example's texts and cuts; each text goes in with its length, so that none can be taken for another."""
    trace = example.trace
    pieces = (trace.opening, *chain.from_iterable(zip_longest(trace.steps, trace.gaps, fillvalue="")), trace.closing, trace.solution)
    cuts = ",".join(str(len(piece)) for piece in pieces)
    hashed = hashlib.blake2b(digest_size=16)
    for text in (example.id, example.problem, example.answer, trace.text, cuts, *([] if example.short is None else [example.short])):
        encoded = text.encode()
        hashed.update(b"%d:" % len(encoded))
        hashed.update(encoded)
    return hashed.digest()
