"""Hydra's end of the launcher: from the overrides of a sweep to arms, and back to what Hydra expects of a job."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from omegaconf import DictConfig

from ablate import config
from ablate.errors import ArmFailed, require
from ablate.launcher import settings
from ablate.launcher.queue import UNFINISHED
from ablate.study.compose import compose


class SlurmLauncher(Launcher):
    """`hydra/launcher=slurm`, over submitit; hydra-submitit-launcher can't name jobs, queue again after a time-out or come back."""

    def __init__(self, score: Mapping[str, Any], **given: Any) -> None:
        self.settings = settings.Slurm(score=settings.Scoring(**score), **given)

    def setup(self, *, hydra_context: Any, task_function: Any, config: DictConfig) -> None:
        require("submitit", "slurm", "hydra/launcher=slurm")
        settings.check(self.settings)
        self.hydra_context, self.config = hydra_context, config

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """One Slurm job per arm; a job that is not waited for counts as completed, its arm's state is what it returns."""
        from ablate.console.screen import Screen
        from ablate.launcher.launch import launch

        sources = self.config.hydra.runtime.config_sources
        own = [Path.cwd(), *(Path(source.path) for source in sources if source.schema == "file")]
        standings = launch(self._arms(job_overrides), self.settings, own, Screen())
        lost = [standing for standing in standings if standing.state in UNFINISHED]
        names = ", ".join(dict.fromkeys(standing.arm.name for standing in lost))
        error = ArmFailed(f"{len(lost)} of {len(standings)} arms did not finish: {names}; the same command runs them again")
        returns = []
        for overrides, standing in zip(job_overrides, standings, strict=True):
            failed = standing in lost
            returned = JobReturn(overrides=overrides, status=JobStatus.FAILED if failed else JobStatus.COMPLETED)
            returned.return_value = error if failed else standing.state
            returns.append(returned)
        return returns

    def _arms(self, job_overrides: Sequence[Sequence[str]]) -> list[config.Config]:
        return [compose(self.hydra_context.config_loader, self.config, overrides) for overrides in job_overrides]
