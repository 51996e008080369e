"""What runs inside a Slurm job: one arm, or the scoring of many; either can be stopped at any time and queued again."""

import os
import signal
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ablate import arm
from ablate.config import Config, Strategy
from ablate.console.screen import Screen
from ablate.errors import ArmFailed, UserError
from ablate.record.arm_folder import ArmFolder
from ablate.record.files import now
from ablate.stages import wave
from ablate.study.planned import plan

if TYPE_CHECKING:
    from submitit.helpers import DelayedSubmission


@dataclass(frozen=True)
class ArmJob:
    """One arm, and the run folder it had when it was submitted."""

    config: Config
    folder: Path

    def __call__(self) -> None:
        """Run what is missing of the arm. Of several nodes the first does; the others take part where the training is shared out.

        Raises:
            UserError: the arm's folder is another one by now, since its data or its student changed after it was submitted.
        """
        import submitit

        # The signal to stop reaches every process of a job; a forked one would queue the job again, and once more.
        os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGUSR2, signal.SIG_IGN))
        screen, first = Screen(), submitit.JobEnvironment().global_rank == 0
        if first:
            self._still_as_submitted(screen)
        if first or self.config.train.strategy is not Strategy.single:
            arm.run(self.config, screen)

    def checkpoint(self) -> "DelayedSubmission":
        """The same call again: the run folder has what is done, and the trainer's checkpoints."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)

    def _still_as_submitted(self, screen: Screen) -> None:
        try:
            (arm_now,) = plan([self.config], screen)
            if arm_now.folder.path != self.folder:
                raise UserError(f"{self.folder}: the data or the student changed after this arm was submitted; submit it again")
        except Exception:
            ArmFolder(self.folder).write_status(state="failed", ended=now(), traceback=traceback.format_exc())
            raise


@dataclass(frozen=True)
class ScoringJob:
    """The scoring of arms that have trained, by the engines that serve many of them."""

    configs: Sequence[Config]

    def __call__(self) -> None:
        """Score what has trained and is not scored, and bring those arms to their end.

        Raises:
            ArmFailed: some could not be scored; all others were.
        """
        os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGUSR2, signal.SIG_IGN))
        screen = Screen()
        arms = [one for one in plan(self.configs, screen) if one.folder.model.is_dir() and not one.done]
        failed = wave.score(arms, screen) if arms else {}
        for one in arms:
            if one.name in failed:
                one.folder.write_status(state="failed", ended=now(), traceback="".join(traceback.format_exception(failed[one.name])))
            else:
                arm.run(one.config, screen)
        if failed:
            raise ArmFailed(f"{len(failed)} of {len(arms)} arms were not scored: {next(iter(failed.values()))}")

    def checkpoint(self) -> "DelayedSubmission":
        """The same call again: answers are kept as they come."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)
