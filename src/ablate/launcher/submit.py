"""Handing jobs to Slurm: arrays, each job with a name of its own."""

import subprocess
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from ablate.errors import UserError
from ablate.launcher import script, snapshot
from ablate.launcher.settings import Slurm


@dataclass(frozen=True)
class Submission:
    """One array (or one job) of a study, with the code that it runs: `jobs` are what is called in each, `names` what it is called."""

    study: Path
    names: Sequence[str]
    jobs: Sequence[Callable[[], None]]
    settings: Slurm
    code: dict[Path, bytes]

    @property
    def folder(self) -> Path:
        """Where scripts and logs are."""
        return self.study / "slurm"

    @property
    def snapshot(self) -> Path:
        return self.study / "snapshot" / snapshot.name(self.code)


@dataclass(frozen=True)
class Submitted:
    """A job that Slurm took: its id, and its log."""

    id: str
    log: Path

    @property
    def array(self) -> str:
        """The id of the array that it is of."""
        return self.id.partition("_")[0]


def text(submission: Submission) -> str:
    """The sbatch script."""
    return script.text(submission.settings, submission.study.name, submission.names, submission.folder, submission.snapshot)


def submit(submission: Submission, note: Callable[[list[Submitted]], None]) -> list[Submitted]:
    """Write the snapshot, submit the array, name its jobs, and let them start.

    Args:
        submission: what is submitted.
        note: told of the jobs before they start.

    Raises:
        UserError: Slurm refuses it; the message is Slurm's.
    """
    from submitit import SlurmExecutor
    from submitit.core.utils import FailedJobError

    settings, folder, code = submission.settings, submission.folder, submission.snapshot
    snapshot.write(submission.code, code)
    executor = SlurmExecutor(folder, max_num_timeout=settings.timeouts, python=script.python(settings))
    executor.update_parameters(**script.parameters(settings, submission.study.name, submission.names, folder, code))
    try:
        with redirect_stderr(StringIO()):  # submitit prints what it raises
            jobs = executor.submit_array(submission.jobs)
    except FailedJobError as error:
        raise UserError(f"hydra/launcher: Slurm refuses the job: {error}") from error
    submitted = [
        Submitted(job.job_id, folder / script.log_name(name, job.job_id)) for name, job in zip(submission.names, jobs, strict=True)
    ]
    note(submitted)
    for name, job in zip(submission.names, submitted, strict=True):
        _scontrol("update", f"JobId={job.id}", f"JobName={name}")
    _scontrol("release", submitted[0].array)
    return submitted


def _scontrol(*arguments: str) -> None:
    subprocess.run(["scontrol", *arguments], check=True, capture_output=True)
