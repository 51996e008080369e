"""From an exception to the one message a user needs."""

import re
import sys
import traceback
from dataclasses import fields, is_dataclass

from hydra.errors import ConfigCompositionException, HydraException, MissingConfigException
from omegaconf.errors import OmegaConfBaseException

from ablate.conf import FOLDER
from ablate.config import OLD_UNTIL, RENAMED, Stage
from ablate.errors import ArmFailed, UserError, nearest


def show_mistake(error: Exception) -> int:
    """Print what a user needs to know to standard error; returns the exit code, 2 for a user's mistake and 1 for anything else."""
    message = message_of(error)
    if message is None:
        traceback.print_exception(error)
        return 1
    print(f"ablate: {message}", file=sys.stderr)
    return 1 if isinstance(error, ArmFailed) else 2


def message_of(error: Exception) -> str | None:
    """The key, what was found, what is allowed; None where the error is no mistake of the user's."""
    if isinstance(error, UserError | ArmFailed):
        return str(error)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        group, _, name = error.missing_cfg_file.rpartition("/")
        # Hydra knows the options of a single choice, not those of a list.
        options = error.options or [path.stem for path in (FOLDER / group).glob("*.yaml")]
        return f"{group}: found {name!r}. {nearest(name, list(options))}"
    if isinstance(error, ConfigCompositionException | OmegaConfBaseException):
        return _about_key(error)
    if isinstance(error, HydraException):
        return str(error)
    return None


def _about_key(error: Exception) -> str:
    """Hydra says which override failed, OmegaConf why; together they name the key."""
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    why = str(cause).splitlines()[0]
    key = getattr(cause, "full_key", None) or ""
    if "is not in struct" in why or "not in '" in why:
        tried = re.search(r"Could not override '([^']+)'", str(error))
        key = tried.group(1) if tried else key
        if key in RENAMED:
            return f"{key}: is now {RENAMED[key]}"
        return f"{key}: there is no such key. {nearest(key, known_keys())}"
    if f"Invalid value '{OLD_UNTIL}'" in why:
        return f"until: {OLD_UNTIL} is now {Stage.score}"
    return f"{key}: {why}" if key else str(error).splitlines()[0]


def known_keys() -> list[str]:
    """Every key that can be set, the config groups and the settings of every shipped perturbation among them."""
    from hydra.core.config_store import ConfigStore
    from omegaconf import OmegaConf

    # The schema that the running command registered; one may have keys of its own.
    store = ConfigStore.instance()
    keys = _keys(OmegaConf.to_object(store.load("schema.yaml").node))
    # A command that launches nothing has no launcher's.
    if "schema.yaml" in store.list("hydra/launcher"):
        keys += _keys(OmegaConf.to_object(store.load("hydra/launcher/schema.yaml").node), "hydra.launcher.")
    for path in (FOLDER / "perturb").glob("*.yaml"):
        loaded = OmegaConf.to_container(OmegaConf.load(path))
        if isinstance(loaded, dict):
            keys += [f"perturb.{name!s}.{setting}" for name in loaded for setting in loaded[name] if setting != "_target_"]
    return keys


def _keys(node: object, prefix: str = "") -> list[str]:
    found = []
    for entry in fields(node):  # type: ignore[arg-type]
        value = getattr(node, entry.name)
        found.append(prefix + entry.name)
        found += _keys(value, f"{prefix}{entry.name}.") if is_dataclass(value) else []
    return found
