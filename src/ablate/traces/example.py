"""A problem with the trace that answers it."""

import hashlib
from dataclasses import dataclass

from ablate.traces.trace import Trace


@dataclass(frozen=True)
class Example:
    """One training example; `answer` is the reference answer, `source` names where the trace came from.

    `short` is a short chain of thought that answers the same problem, where the data has one.
    """

    id: str
    problem: str
    answer: str
    trace: Trace
    source: str
    short: str | None = None


def problem_key(problem: str) -> int:
    """A hash of 64 bits that stands for a problem's text."""
    return int.from_bytes(hashlib.blake2b(problem.encode(errors="surrogatepass"), digest_size=8).digest(), "little")
