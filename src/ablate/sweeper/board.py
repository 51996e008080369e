"""What a person sees of a study that runs: lines of arms that ended, and below them what runs, what waits and the time left."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ablate.console.screen import Screen
from ablate.sweeper.workers import Update

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass
class Board:
    """Which arm is where; `names` are all the arms of the study, `known` those that were done before."""

    names: Sequence[str]
    known: int
    workers: int
    screen: Screen
    running: dict[int, tuple[Update, float]] = field(default_factory=dict)
    ended: dict[int, Update] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def take(self, update: Update) -> None:
        """Note news of an arm, and say so where it ended."""
        if update.warning:
            self.screen.warn(update.warning)
            return
        began = self.running.get(update.arm, (update, time.monotonic()))[1]
        if not update.ended:
            self.running[update.arm] = (update, began)
            return
        self.running.pop(update.arm, None)
        if update.ended == "busy":
            return
        self.ended[update.arm] = update
        took = time.monotonic() - began
        if update.ended == "done":
            self.seconds.append(took)
        colour = "green" if update.ended == "done" else "red"
        self.screen.say(f"  [{colour}]{update.ended:<7}[/{colour}] {self.names[update.arm]}  [dim]{clock(took)}[/dim]")

    @contextmanager
    def live(self) -> Iterator[None]:
        """While this lasts, the board is drawn below the lines; without a terminal there are the lines alone."""
        from rich.live import Live

        if not self.screen.console.is_terminal:
            yield
            return
        drawn = Live(console=self.screen.console, get_renderable=self._drawn, redirect_stdout=False, redirect_stderr=False, transient=True)
        with drawn:
            yield

    def _drawn(self) -> "RenderableType":
        from rich.table import Table

        table = Table(box=None, pad_edge=False, show_header=False)
        for number, (update, began) in sorted(self.running.items()):
            share = f"{update.done}/{update.total}" if update.total else ""
            table.add_row("  running", self.names[number], update.stage, share, f"[dim]{clock(time.monotonic() - began)}[/dim]")
        failed = sum(update.ended == "failed" for update in self.ended.values())
        waiting = len(self.names) - len(self.ended) - len(self.running)
        counts = f"{self.known + len(self.ended) - failed} done · {failed} failed · {len(self.running)} running · {waiting} waiting"
        table.caption = f"{counts} · {self._left()} left"
        table.caption_justify = "left"
        return table

    def _left(self) -> str:
        """From the arms that ended so far; those that run count as half done."""
        if not self.seconds:
            return "?"
        arms = len(self.names) - len(self.ended) - len(self.running) / 2
        return clock(arms * sum(self.seconds) / len(self.seconds) / self.workers)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds as a person reads them."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
