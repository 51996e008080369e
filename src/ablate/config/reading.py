"""From what Hydra composes to a typed config, and back to a text."""

from typing import Any, cast

from ablate.config.checks import check
from ablate.config.schema import Config
from ablate.errors import UserError


def register(schema: type[Config] = Config) -> None:
    """Make the schema known to Hydra under the name that `config.yaml` begins with; a command with keys of its own has a wider one."""
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store(name="schema", node=schema)


def read(composed: Any) -> Config:
    """The typed, resolved and checked form of a composed Hydra config."""
    from omegaconf import OmegaConf

    missing = sorted(OmegaConf.missing_keys(composed))
    if missing:
        raise UserError("\n".join(f"{key}: found nothing, a value is needed" for key in missing))
    config = cast(Config, OmegaConf.to_object(composed))
    check(config)
    return config


def as_yaml(config: Config) -> str:
    """The resolved config as its run folder keeps it; it can be read back, and run again."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.structured(config))
