"""Where arms stand, from what Slurm and the run folders say."""

import getpass
import subprocess
from dataclasses import dataclass
from enum import StrEnum

from ablate.errors import UserError

ENDED = ("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "TIMEOUT")
STARTED = ("RUNNING", "COMPLETING", "STOPPED", "SUSPENDED")

State = StrEnum("State", ["new", "pending", "running", "done", "failed", "lost"])
ACTIVE = (State.pending, State.running)
UNFINISHED = (State.failed, State.lost)


@dataclass(frozen=True)
class Queued:
    """One line of the queue: Slurm's state in its own words, why the job waits, and its name."""

    state: str
    reason: str
    name: str


def state(finished: bool, status: str | None, job: Queued | None, submitted: bool) -> State:
    """An arm's state from what its run folder says and `job`, its line of the queue, where Slurm still has one.

    The run folder alone says that an arm is done or failed; a job that ended without either is lost: cancelled, killed, out of memory.

    Args:
        finished: whether the arm has all that was asked of it.
        status: its own last word.
        job: its line of the queue, or its number.
        submitted: whether it ever was.
    """
    if finished:
        return State.done
    if not submitted:
        return State.new
    if job and job.state not in ENDED:
        return State.running if job.state in STARTED else State.pending
    if status == "stopped":  # it did what was asked of it then, and more is asked now
        return State.new
    return State.failed if status == "failed" else State.lost


def read() -> dict[str, Queued]:
    """The user's jobs by their id (`12_0` in an array), with those that ended a short while ago."""
    command = ["squeue", f"--user={getpass.getuser()}", "--states=all", "--array", "--noheader", "--format=%i|%T|%r|%j"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise UserError("hydra/launcher: Slurm's commands are not on the PATH; hydra.launcher.dry_run=true works without them") from None
    except subprocess.CalledProcessError as error:
        raise UserError(f"hydra/launcher: Slurm does not answer: {error.stderr.strip()}") from error
    return parse(asked.stdout)


def parse(lines: str) -> dict[str, Queued]:
    """The lines that `read` asks squeue for."""
    rows = [line.split("|", maxsplit=3) for line in lines.splitlines()]
    return {job: Queued(state, reason, name) for job, state, reason, name in rows}
