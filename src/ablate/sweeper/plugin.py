"""Hydra's end of the sweeper: from the arguments of `-m` to arms that run, here or through a launcher."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra.plugins.sweeper import Sweeper
from omegaconf import DictConfig

from ablate.config import Config
from ablate.study import grid, members
from ablate.study.compose import compose
from ablate.sweeps import FOLDER


class StudySweeper(Sweeper):
    """`python -m ablate -m +sweep=NAME`, or a plain sweep (`-m +perturb=a,b dose=0.33,1.0`); what is done is not done again."""

    def __init__(self, dry_run: bool, workers: int | None, studies: Sequence[str] = ()) -> None:
        self.dry_run, self.workers, self.studies = dry_run, workers, studies

    def setup(self, *, hydra_context: Any, task_function: Any, config: DictConfig) -> None:
        self._loader, self._master = hydra_context.config_loader, config
        context = {"hydra_context": hydra_context, "task_function": task_function, "config": config}
        self.launcher: Any = Plugins.instance().instantiate_launcher(**context)

    def sweep(self, arguments: list[str]) -> Sequence[Sequence[JobReturn]]:
        """All arms at once; raises what the first failed arm raised, after all others have ended."""
        from ablate.sweeper import sweep

        paths = [grid.find(name, self._folders()) for name in self.studies]
        by_path = {path: grid.of_study(path, arguments) for path in paths}
        overrides = [each for arms in by_path.values() for each in arms] if paths else grid.cartesian(arguments)
        configs = [compose(self._loader, self._master, each) for each in overrides]
        if not self.dry_run:
            self._keep(by_path, configs)
        if self._master.hydra.runtime.choices["hydra/launcher"] == "basic":
            sweep.run(configs, self.workers, self.dry_run)
            return []
        if self.dry_run:
            sweep.run(configs, self.workers, dry_run=True)
            self.launcher.settings.dry_run = True
        returns = self.launcher.launch(overrides, 0)
        for returned in returns:
            returned.return_value  # noqa: B018  (raises where the arm failed)
        return [returns]

    @staticmethod
    def _keep(by_path: Mapping[Path, Sequence[Any]], configs: Sequence[Config]) -> None:
        """Each study's file beside its arms, before any of them has a result."""
        rest = iter(configs)
        for path, arms in by_path.items():
            folders = {Path(config.runs) / config.study: None for config in islice(rest, len(arms))}
            for note in members.keep(path, list(folders)):
                print(note)

    def _folders(self) -> list[Path]:
        """Where studies are: the user's own, then ours."""
        sources = self._master.hydra.runtime.config_sources
        return [*(Path(source.path) / "sweep" for source in sources if source.schema == "file"), FOLDER]
