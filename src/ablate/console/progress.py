"""How long stages tell how far they are."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

Progress = Callable[[int, int], None]
"""Told how many of how many steps are done."""

Log = Callable[[Mapping[str, float]], None]
"""Told what is measured at a step of training, by name, `step` among it."""


class Reporter(Protocol):
    """Where an arm says what it does: a terminal, or the process that runs many arms."""

    def say(self, text: str) -> None:
        """A line that stays."""

    def note(self, text: str) -> None:
        """A line for someone who watches."""

    def warn(self, text: str) -> None:
        """What a person has to know though the arm goes on."""

    def bar(self, stage: str) -> AbstractContextManager[Progress]:
        """Around one stage; yields the function to tell its progress."""
