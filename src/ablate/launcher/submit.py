"""Handing arms to Slurm, and the record of it in their run folders."""

import subprocess
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from ablate.errors import UserError
from ablate.launcher import script, snapshot
from ablate.launcher.job import ArmJob
from ablate.launcher.settings import Slurm
from ablate.record.files import now, write_json
from ablate.stages import PlannedArm


@dataclass(frozen=True)
class Submission:
    """One array (or, of a single arm, one job) with the code that it runs."""

    arms: Sequence[PlannedArm]
    settings: Slurm
    code: dict[Path, bytes]

    @property
    def study(self) -> Path:
        config = self.arms[0].config
        return (Path(config.runs) / config.study).absolute()

    @property
    def folder(self) -> Path:
        """Where scripts and logs are."""
        return self.study / "slurm"

    @property
    def snapshot(self) -> Path:
        return self.study / "snapshot" / snapshot.name(self.code)

    @property
    def names(self) -> list[str]:
        return [arm.name for arm in self.arms]


def text(submission: Submission) -> str:
    """The sbatch script."""
    return script.text(submission.settings, submission.study.name, submission.names, submission.folder, submission.snapshot)


def submit(submission: Submission) -> str:
    """Write the snapshot, submit the array, name its jobs after their arms, and let them start; returns the array's job id.

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
            jobs = executor.submit_array([ArmJob(arm.config, arm.folder.path) for arm in submission.arms])
    except FailedJobError as error:
        raise UserError(f"hydra/launcher: Slurm refuses the job: {error}") from error
    for arm, job in zip(submission.arms, jobs, strict=True):
        arm.folder.path.mkdir(parents=True, exist_ok=True)
        arm.folder.write_status(state="pending", traceback=None)
        log = folder / script.log_name(arm.name, job.job_id)
        write_json(arm.folder.job, {"job": job.job_id, "submitted": now(), "log": str(log), "snapshot": code.name})
        _scontrol("update", f"JobId={job.job_id}", f"JobName={arm.name}")
    array: str = jobs[0].job_id.partition("_")[0]
    _scontrol("release", array)
    return array


def _scontrol(*arguments: str) -> None:
    subprocess.run(["scontrol", *arguments], check=True, capture_output=True)
