"""Hydra's end of the launcher: from the overrides of a sweep to arms, and back to what Hydra expects of a job."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn, JobStatus
from hydra_plugins.hydra_submitit_launcher import submitit_launcher

from ablate import config
from ablate.errors import ArmFailed
from ablate.launcher import settings
from ablate.launcher.queue import UNFINISHED
from ablate.study.compose import compose


class SlurmLauncher(submitit_launcher.SlurmLauncher):
    """`hydra/launcher=slurm`, over hydra-submitit-launcher, which can't name jobs, queue again after a time-out or come back."""

    def setup(self, **context: Any) -> None:
        super().setup(**context)
        self.settings = settings.Slurm(**self.params)
        settings.check(self.settings)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """One Slurm job per arm; a job that is not waited for counts as completed, its arm's state is what it returns."""
        from ablate.console.screen import Screen
        from ablate.launcher.launch import launch

        assert self.config is not None
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
        assert self.hydra_context is not None
        return [compose(self.hydra_context.config_loader, self.config, overrides) for overrides in job_overrides]
