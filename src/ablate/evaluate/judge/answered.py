"""What is judged, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answered:
    """One answer: `text` is the whole response, thought and all, `gold` the answers that count as right.

    `finished` says whether it ended by itself (None: nobody says). `facts` are what a rule needs beside: a tolerance, choices, tests.
    """

    gold: tuple[str, ...]
    text: str
    finished: bool | None = True
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is correct (None: it could not be judged), and why."""

    correct: bool | None
    why: str
