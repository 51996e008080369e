"""From the overrides of one arm of a sweep to its config."""

from collections.abc import Sequence
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import setup_globals
from omegaconf import open_dict, read_write

from ablate import config
from ablate.errors import UserError


def compose(loader: Any, master: Any, overrides: Sequence[str]) -> config.Config:
    """The arm's config, typed, resolved and checked.

    Args:
        loader: Hydra's.
        master: the config of the sweep.
        overrides: of this arm.

    Raises:
        UserError: a value is out of bounds, or an override is of Hydra itself, which is the same for all arms of a sweep.
    """
    for override in overrides:
        if override.lstrip("+~").startswith("hydra"):
            raise UserError(f"{override}: all arms of a launch are one array of one shape; launch this one by itself")
    composed = loader.load_sweep_config(master, list(overrides))
    setup_globals()
    before = HydraConfig.instance().cfg
    HydraConfig.instance().set_config(composed)
    try:
        with read_write(composed), open_dict(composed):
            del composed["hydra"]
        return config.read(composed)
    finally:
        HydraConfig.instance().cfg = before
