"""A problem with the trace that answers it."""

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
