"""The Hydra application: from the command line to one arm."""

import sys

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from ablate import config
from ablate.cli import plugins
from ablate.cli.mistakes import show_mistake
from ablate.errors import UserError

config.register()
plugins.register()


@hydra.main(version_base="1.3", config_path="pkg://ablate.conf", config_name="config")
def app(composed: DictConfig) -> None:
    """Check the config, run the arm, show what came out."""
    try:
        _run(composed)
    except Exception as error:
        if HydraConfig.get().mode is RunMode.MULTIRUN:
            raise
        # Hydra would print the overrides above the message; a single arm ends here.
        sys.exit(show_mistake(error))


def _run(composed: DictConfig) -> None:
    launcher = HydraConfig.get().runtime.choices["hydra/launcher"]
    if HydraConfig.get().mode is RunMode.RUN and launcher != "basic":
        raise UserError(f"hydra/launcher: found {launcher!r} without -m, where Hydra runs the arm here; python -m ablate -m launches it")
    settings = config.read(composed)

    from ablate import arm
    from ablate.cli import summary
    from ablate.console.screen import Screen

    screen = Screen()
    outcome = arm.run(settings, screen)
    if outcome:
        summary.show(outcome, HydraConfig.get().overrides.task, screen)
