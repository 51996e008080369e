"""A run in W&B while its arm goes on: the stage, the loss, and how it ended. The folder stays the truth."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ablate.record import tracking
from ablate.record.tracked_arm import TrackedArm

if TYPE_CHECKING:
    import wandb


class LiveRun:
    """What goes to the run; nothing where none is open. W&B's failures never stop an arm."""

    def __init__(self, arm: TrackedArm, run: "wandb.Run | None") -> None:
        self._arm, self._run = arm, run
        self._logged = int(arm.mirrored()["logged"]) if run else 0

    def stage(self, name: str) -> None:
        """The stage that runs now."""
        if self._run:
            self._run.summary["stage"] = name

    def log(self, values: Mapping[str, float]) -> None:
        """What training measures at a step; steps that are there, of a training that was interrupted, are passed over."""
        step = int(values["step"])
        if self._run and step > self._logged:
            self._run.log({f"train/{name}": value for name, value in values.items()})
            self._logged = step
            self._arm.remember(logged=step)


@contextmanager
def live(arm: TrackedArm) -> Iterator[LiveRun]:
    """Around the stages of an arm: its run, where W&B is online; an arm that dies leaves a run that says so, and the next try goes on
    with it."""
    run = _opened(arm)
    try:
        yield LiveRun(arm, run)
    except BaseException as error:
        _close(run, 1, f"{type(error).__name__}: {error}".splitlines()[0])
        raise
    _close(run, 0, None)


def _opened(arm: TrackedArm) -> "wandb.Run | None":
    if tracking.mode_of(str(arm.track.mode)) != "online":
        return None
    try:
        run = arm.start("online")
        run.define_metric("train/*", step_metric="train/step")
        run.summary["error"] = None
    except Exception:
        logging.getLogger(__name__).exception("W&B online failed; the files on disk have it all")
        tracking.let_go()
        return None
    return run


def _close(run: "wandb.Run | None", code: int, error: str | None) -> None:
    """End the run, unless the mirror ended it."""
    if run is None or not tracking.is_open(run):
        return
    try:
        run.summary["error"] = error
        tracking.finish(run, code)
    except Exception:
        logging.getLogger(__name__).exception("W&B failed; the files on disk have it all")
        tracking.let_go()
