"""What an arm is called and by what it is known: the same condition has the same id wherever it runs."""

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ablate.config import Config, Match, Method

# Where results go and how they are shown does not change them; `dose` reaches an arm through its perturbations, and the data through
# its fingerprint, whatever file or recipe it came from.
NOT_IDENTITY = ("runs", "study", "until", "track", "dose", "data", "axes")
# Nor do how much runs at once, over which processes, and how often the trainer saves; the learning rate of the method stands in
# `train.learning_rate`.
NOT_RESULT = ("per_device_batch_size", "strategy", "processes", "save_steps", "full")


def arm_id(config: Config, data: str, model: str) -> str:
    """Ten hexadecimal digits: a hash of the resolved config and of the fingerprints of the data and the student."""
    condition = _condition(config, model)
    return _hash({**condition, "data": data, "own": _own_sources(config)})


def base_id(config: Config, model: str) -> str:
    """The id of the untrained student under the same evaluation; greedy answers have no seed."""
    condition = _condition(config, model)
    seed = config.seed if config.evaluate.temperature else None
    return _hash({"model": condition["model"], "evaluate": condition["evaluate"], "seed": seed})


def arm_name(config: Config) -> str:
    """A readable name, `shuffle_steps-0.33-lora-s0`; `clean-lora-s0` without a perturbation."""
    parts = [f"{name}-{settings['dose']:g}" if "dose" in settings else name for name, settings in config.perturb.items()]
    return "-".join(["+".join(parts) or "clean", config.train.method, f"s{config.seed}"])


def clean(config: Config) -> Config:
    """The same arm without any perturbation."""
    return replace(config, perturb={})


def _condition(config: Config, model: str) -> dict[str, Any]:
    condition = {key: value for key, value in asdict(config).items() if key not in NOT_IDENTITY}
    condition["train"] = {key: value for key, value in condition["train"].items() if key not in NOT_RESULT}
    condition["perturb"] = list(condition["perturb"].items())  # a list, since their order counts and the hash sorts keys
    if not config.perturb or config.train.match is Match.none:  # the clean arm matches itself
        del condition["train"]["match"], condition["train"]["match_by"]
    adapter = condition["train"].pop("lora")
    if config.train.method is Method.lora:
        condition["train"] |= {"rank": adapter["rank"], "alpha": adapter["alpha"]}
    if not config.evaluate.temperature:
        condition["evaluate"].pop("batch_size")  # who shares a batch decides what is sampled, and nothing else
    condition["model"] = {**condition["model"], "path": model}
    return condition


def _own_sources(config: Config) -> list[str]:
    """The module of each perturbation class that is not ours: a user's own changes while it is being written."""
    import inspect

    from hydra.utils import get_class

    targets = [str(settings["_target_"]) for settings in config.perturb.values()]
    own = [get_class(target) for target in targets if not target.startswith("ablate.")]
    return [Path(inspect.getfile(each)).read_text(encoding="utf-8") for each in own]


def _hash(value: dict[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=5).hexdigest()
