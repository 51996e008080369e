"""What an arm is called and by what it is known: the same condition has the same id wherever it runs."""

import hashlib
import json
from dataclasses import asdict, replace
from typing import Any

from ablate.config import Config

# Where results go and how they are shown does not change them; `dose` reaches an arm through its perturbations, and the data through
# its fingerprint, whatever file or recipe it came from.
NOT_IDENTITY = ("runs", "study", "track", "dose", "data")
# Nor do how much runs at once and how often the trainer saves.
NOT_RESULT = {"train": ("per_device", "checkpoint_every"), "evaluate": ("batch",)}


def arm_id(config: Config, fingerprint: str) -> str:
    """Ten hexadecimal digits: a hash of the resolved config and of the data's fingerprint."""
    return _hash({**_condition(config), "data": fingerprint})


def base_id(config: Config) -> str:
    """The id of the untrained student under the same evaluation; greedy answers have no seed."""
    condition = _condition(config)
    seed = config.seed if config.evaluate.temperature else None
    return _hash({"model": condition["model"], "evaluate": condition["evaluate"], "seed": seed})


def arm_name(config: Config) -> str:
    """A readable name, `shuffle_steps-0.33-lora-s0`; `clean-lora-s0` without a perturbation."""
    parts = [f"{name}-{settings['dose']:g}" if "dose" in settings else name for name, settings in config.perturb.items()]
    return "-".join(["+".join(parts) or "clean", config.train.method, f"s{config.seed}"])


def clean(config: Config) -> Config:
    """The same arm without any perturbation."""
    return replace(config, perturb={})


def _condition(config: Config) -> dict[str, Any]:
    condition = {key: value for key, value in asdict(config).items() if key not in NOT_IDENTITY}
    for section, keys in NOT_RESULT.items():
        condition[section] = {key: value for key, value in condition[section].items() if key not in keys}
    return condition


def _hash(value: dict[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=5).hexdigest()
