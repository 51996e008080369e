"""Hydra's end of the launcher: from the overrides of a sweep to arms, and back to what Hydra expects of a job."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn, JobStatus, setup_globals
from hydra_plugins.hydra_submitit_launcher import submitit_launcher
from omegaconf import open_dict, read_write

from ablate import config
from ablate.errors import ArmFailed, UserError
from ablate.launcher import settings
from ablate.launcher.queue import State

PLACE = "hydra_plugins.ablate"
"""Where the schema's `_target_` looks: Hydra takes plugins from that namespace alone, and there it sees no editable install."""


class SlurmLauncher(submitit_launcher.SlurmLauncher):
    """`hydra/launcher=slurm`, over hydra-submitit-launcher, which can't name jobs, queue again after a time-out or come back."""

    __module__ = PLACE

    def setup(self, **context: Any) -> None:
        super().setup(**context)
        self.settings = settings.Slurm(**self.params)
        settings.check(self.settings)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """One Slurm job per arm; a job that is not waited for counts as completed, its arm's state is what it returns."""
        from ablate.launcher.launch import launch
        from ablate.screen import Screen

        assert self.config is not None
        sources = self.config.hydra.runtime.config_sources
        own = [Path.cwd(), *(Path(source.path) for source in sources if source.schema == "file")]
        standings = launch([self._arm(overrides) for overrides in job_overrides], self.settings, own, Screen())
        lost = [standing for standing in standings if standing.state in (State.failed, State.lost)]
        names = ", ".join(dict.fromkeys(standing.arm.name for standing in lost))
        error = ArmFailed(f"{len(lost)} of {len(standings)} arms did not finish: {names}; hydra.launcher.retry=true submits them again")
        returns = []
        for overrides, standing in zip(job_overrides, standings, strict=True):
            failed = standing in lost
            returned = JobReturn(overrides=overrides, status=JobStatus.FAILED if failed else JobStatus.COMPLETED)
            returned.return_value = error if failed else standing.state
            returns.append(returned)
        return returns

    def _arm(self, overrides: Sequence[str]) -> config.Config:
        assert self.hydra_context is not None
        for override in overrides:
            if override.lstrip("+~").startswith("hydra"):
                raise UserError(f"{override}: all arms of a launch are one array of one shape; launch this one by itself")
        composed = self.hydra_context.config_loader.load_sweep_config(self.config, list(overrides))
        setup_globals()
        before = HydraConfig.instance().cfg
        HydraConfig.instance().set_config(composed)
        try:
            with read_write(composed), open_dict(composed):
                del composed["hydra"]
            return config.read(composed)
        finally:
            HydraConfig.instance().cfg = before


def register() -> None:
    """Make the launcher and its settings known to Hydra."""
    settings.register()
    sys.modules[PLACE] = sys.modules[__name__]
    Plugins.instance().register(SlurmLauncher)
