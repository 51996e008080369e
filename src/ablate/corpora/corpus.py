"""What a corpus is: the examples to train on, wrong traces to draw from, and the rows that could not be used."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from ablate.traces import Example


@dataclass(frozen=True)
class Rejected:
    """A row that can't be used, by its number in the file (from 1), and why."""

    row: int
    id: str
    reason: str


@dataclass(frozen=True)
class Corpus:
    """Examples with right answers, traces that end in wrong ones, and the rejected rows."""

    examples: tuple[Example, ...]
    wrong: tuple[Example, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that can reach the training data, whatever file or recipe it came from."""
        digest = hashlib.blake2b(digest_size=16)
        for kind, examples in (("right", self.examples), ("wrong", self.wrong)):
            for example in examples:
                for part in (kind, example.id, example.problem, example.answer, example.trace.text):
                    digest.update(part.encode(errors="surrogatepass") + b"\0")
        return digest.hexdigest()
