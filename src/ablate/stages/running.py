"""An arm while it runs: held alone, its output in its log, its stage and end in its folder, on the screen and in W&B."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ablate.config import as_yaml
from ablate.console.progress import Progress, Reporter
from ablate.console.screen import hushed
from ablate.errors import Busy, UserError
from ablate.record.files import clear_partial, now, remove, write_json, write_text
from ablate.record.live import LiveRun, live
from ablate.record.lock import held
from ablate.stages.stage import PlannedArm


class OpenedArm:
    """Where the stages of an arm tell how far they are."""

    def __init__(self, arm: PlannedArm, reporter: Reporter, run: LiveRun) -> None:
        self._arm, self._reporter, self._run = arm, reporter, run
        self._tell: Progress = lambda done, total: None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Around one stage: its name while it runs, its seconds when it ends well."""
        folder, started = self._arm.folder, time.monotonic()
        folder.write_status(stage=name)
        self._run.stage(name)
        with self._reporter.bar(name) as self._tell:
            yield
        folder.write_status(seconds={**folder.read_status().get("seconds", {}), name: round(time.monotonic() - started, 2)})

    def skipped(self, name: str) -> None:
        """A stage that left its result before."""
        self._reporter.note(f"  {name:<22} [dim]done before, skipped[/dim]")

    def progress(self, done: int, total: int) -> None:
        """So many of so many steps of the stage are done."""
        self._tell(done, total)

    def log(self, values: Mapping[str, float]) -> None:
        """What training measures at a step, by name."""
        self._run.log(values)

    def warn(self, text: str) -> None:
        """What a person has to know though the arm goes on."""
        self._reporter.warn(f"{self._arm.name}: {text}")


@contextmanager
def opened(arm: PlannedArm, reporter: Reporter) -> Iterator[OpenedArm]:
    """Hold the arm's folder while its stages run; an arm that has all that was asked of it is left as it is, to the byte.

    Args:
        arm: whose stages run.
        reporter: where they say how far they are.

    Raises:
        Busy: another process holds it.
    """
    reporter.say(f"[bold]{arm.name}[/bold]")
    if arm.done:
        yield OpenedArm(arm, reporter, LiveRun(arm.tracked, None))
        return
    folder = arm.folder
    with _cleared_on_mistake(arm), held(folder.path, patient=False), hushed(folder.log):
        clear_partial(folder.path)
        if not folder.card.is_file():
            write_json(folder.card, arm.card())
        if not folder.model.is_dir():
            write_text(folder.config, as_yaml(arm.config))
        with folder.running(), live(arm.tracked) as run:
            yield OpenedArm(arm, reporter, run)
        folder.write_status(state="done" if arm.whole else "stopped", stage=None, ended=now())


@contextmanager
def _cleared_on_mistake(arm: PlannedArm) -> Iterator[None]:
    """A user's mistake that shows before training (no such model, no wrong traces) leaves no folder that was not there before."""
    folder, existed = arm.folder, arm.folder.path.exists()
    try:
        yield
    except Busy:
        raise
    except UserError:
        if not existed and not folder.checkpoints.exists() and not folder.model.exists():
            remove(folder.path)
        raise
