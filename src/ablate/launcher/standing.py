"""Where an arm stands under Slurm."""

from dataclasses import dataclass

from ablate.launcher.queue import Queued, State
from ablate.stages import PlannedArm


@dataclass(frozen=True)
class Standing:
    """An arm's state, the id of its last job, that job's log, and its line of the queue where there is one.

    `told` says that a client has shown how this job failed.
    """

    arm: PlannedArm
    state: State
    job: str | None = None
    log: str | None = None
    queued: Queued | None = None
    told: bool = False
