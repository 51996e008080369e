"""How an arm that runs among many tells how far it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ablate.console.progress import Progress

OFTEN = 0.2
"""Seconds between two updates of one stage."""


@dataclass(frozen=True)
class Relay:
    """A `Reporter`, as `Screen` is one for a single arm.

    `update` gets the stage, and how many of how many steps are done; `warn` what a person has to know though the arm goes on.
    """

    update: Callable[[str, int, int], None]
    warn: Callable[[str], None]

    def say(self, text: str) -> None:
        """A single arm's lines have no place among many arms; its table is the study's."""

    def note(self, text: str) -> None:
        """As `say`."""

    @contextmanager
    def bar(self, stage: str) -> Iterator[Progress]:
        """Passes on the stage at once, then its progress now and then."""
        self.update(stage, 0, 0)
        last = time.monotonic()

        def tell(done: int, total: int) -> None:
            nonlocal last
            if time.monotonic() - last > OFTEN:
                last = time.monotonic()
                self.update(stage, done, total)

        yield tell
