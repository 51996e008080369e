"""Within which bounds settings are allowed, and which go together."""

import re
from dataclasses import fields, is_dataclass
from typing import Any

from ablate.config.schema import Config, Data, EngineName, Source, Strategy
from ablate.errors import UserError

AT_LEAST: dict[str, float] = {
    "seed": 0,
    "data.traces": 1,
    "data.workers": 1,
    "train.batch_size": 1,
    "train.per_device_batch_size": 1,
    "train.processes": 1,
    "train.max_length": 2,
    "train.save_steps": 1,
    "train.lora.rank": 1,
    "train.lora.alpha": 1,
    "train.weight_decay": 0,
    "axes.surprisal": 0,
    "evaluate.limit": 1,
    "evaluate.num_samples": 1,
    "evaluate.temperature": 0,
    "evaluate.max_new_tokens": 1,
    "evaluate.batch_size": 1,
    "evaluate.engine.tensor_parallel_size": 1,
    "evaluate.engine.data_parallel_size": 1,
    "evaluate.engine.max_loras": 1,
    "evaluate.engine.max_model_len": 2,
    "evaluate.engine.concurrency": 1,
    "evaluate.engine.timeout": 1,
    "track.samples": 0,
}
MORE_THAN_ZERO = ("train.learning_rate", "train.epochs")
NO_STUDY = ("arms", "students", "corpora", "base", "data")
"""Folders below `runs/` that are no study's."""


def check(config: Config) -> None:
    """Raises a `UserError` that lists every value out of bounds by its full key."""
    values = dict(_leaves(config))
    problems = [
        f"{key}: found {values[key]:g}, allowed is {least:g} or more"
        for key, least in AT_LEAST.items()
        if values[key] is not None and values[key] < least
    ]
    problems += [f"{key}: found {values[key]:g}, allowed is more than 0" for key in MORE_THAN_ZERO if values[key] <= 0]
    if config.study in NO_STUDY or not re.fullmatch(r"[\w+-][\w.+-]*", config.study):
        allowed = f"a name of letters, digits, and _ . + -, other than {', '.join(NO_STUDY)}"
        problems.append(f"study: found {config.study!r}, allowed is {allowed}")
    if not 0 <= config.dose <= 1:
        problems.append(f"dose: found {config.dose:g}, allowed is a share from 0 to 1")
    if not 0 <= config.train.warmup_ratio < 1:
        problems.append(
            f"train.warmup_ratio: found {config.train.warmup_ratio:g}, allowed is a share of the steps, 0 or more and less than 1"
        )
    problems += _data_problems(config.data)
    if not config.evaluate.tasks:
        problems.append("evaluate.tasks: found none, at least one is needed")
    if config.evaluate.num_samples > 1 and config.evaluate.temperature == 0:
        problems.append("evaluate.num_samples: found more than 1 with evaluate.temperature=0, which gives the same answer each time")
    if config.evaluate.window is not None and len(config.evaluate.window) != 2:
        problems.append(f"evaluate.window: found {config.evaluate.window}, allowed is [first, last], dates like 2024-08-01")
    if config.evaluate.engine.name is EngineName.server and not config.evaluate.engine.url:
        problems.append("evaluate.engine.url: found nothing, the address of the server is needed: http://host:port/v1")
    if len(config.data.hops) != 2 or not 2 <= config.data.hops[0] <= config.data.hops[1] <= 18:
        problems.append(f"data.hops: found {config.data.hops}, allowed is [fewest, most], from 2 to 18")
    if config.train.batch_size % config.train.per_device_batch_size:
        multiple = f"a multiple of train.per_device_batch_size={config.train.per_device_batch_size}"
        problems.append(f"train.batch_size: found {config.train.batch_size}, allowed is {multiple}")
    if config.train.strategy is Strategy.single and (config.train.processes or 1) > 1:
        others = ", ".join(strategy for strategy in Strategy if strategy is not Strategy.single)
        problems.append(f"train.processes: found {config.train.processes}, but train/strategy=single trains in one; take {others}")
    if config.train.packing and config.model.attn_implementation == "eager":
        problems.append(
            "train.packing: with model.attn_implementation=eager packed traces would see each other; use flash_attention_2 or sdpa"
        )
    if problems:
        raise UserError("\n".join(problems))


def _data_problems(data: Data) -> list[str]:
    problems = []
    if data.source is Source.file and not data.path:
        problems.append("data.path: found nothing, the file with the traces is needed")
    if data.source is Source.hub and not data.path:
        if not data.name:
            problems.append("data.name: found nothing, the hub's name of a dataset is needed, or data.path with a local copy")
        if not re.fullmatch("[0-9a-f]{40}", data.revision or ""):
            found = data.revision or "nothing"
            problems.append(
                f"data.revision: found {found}, allowed are the 40 hexadecimal digits of a commit; or give data.path, a local copy"
            )
    if (data.columns.thought is None) != (data.columns.solution is None):
        problems.append("data.columns.thought and data.columns.solution: found one of them, both or neither are allowed")
    return problems


def _leaves(node: Any, prefix: str = "") -> list[tuple[str, Any]]:
    pairs = []
    for entry in fields(node):
        value, key = getattr(node, entry.name), f"{prefix}{entry.name}"
        pairs += _leaves(value, f"{key}.") if is_dataclass(value) else [(key, value)]
    return pairs
