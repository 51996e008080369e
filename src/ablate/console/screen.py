"""What a person sees: the stage, a progress bar with the time left, one table. Library noise goes to the log file."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ablate.console.progress import Progress


class Screen:
    """Writes to a copy of the terminal, so that libraries can be sent elsewhere; without a terminal it shows no progress."""

    def __init__(self) -> None:
        from rich.console import Console

        self._stream = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        width = None if self._stream.isatty() else 120
        self.console = Console(file=self._stream, highlight=False, width=width)

    def say(self, text: str) -> None:
        """A line that stays."""
        self.console.print(text, soft_wrap=True)

    def note(self, text: str) -> None:
        """A line for someone who watches; left out without a terminal."""
        if self.console.is_terminal:
            self.console.print(text)

    def warn(self, text: str) -> None:
        """What a person has to know though the arm goes on."""
        from rich.markup import escape

        self.say(f"[yellow]note:[/yellow] {escape(text)}")

    @contextmanager
    def bar(self, stage: str) -> Iterator[Progress]:
        """A progress bar with the time left; yields the function to tell how many of how many are done."""
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        columns = (
            TextColumn("  {task.description:<22}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        # Rich would take what libraries write to standard error, and show it above the bar.
        shown = self.console.is_terminal
        with Bars(*columns, console=self.console, redirect_stdout=False, redirect_stderr=False, disable=not shown) as progress:
            task = progress.add_task(stage, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)
            if progress.tasks[0].total is None:
                progress.update(task, completed=1, total=1)


@contextmanager
def hushed(log: Path) -> Iterator[None]:
    """Sends all that this process and its children write to standard output and error into `log`, C libraries included."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with log.open("a", encoding="utf-8") as file:
        try:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            with warnings.catch_warnings():
                warnings.simplefilter("default")
                logging.captureWarnings(True)
                yield
        finally:
            logging.captureWarnings(False)
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(kept[0], 1)
            os.dup2(kept[1], 2)
            os.close(kept[0])
            os.close(kept[1])
