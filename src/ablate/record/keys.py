"""Keys: what a result is known by, whoever asks for it and wherever it lies. Pure functions over settings."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from ablate.config import Config

DIGITS = 10
"""Hexadecimal digits of a key."""


def flat(node: Any, prefix: str = "") -> dict[str, Any]:
    """The settings of a config, or of a part of one, by full key (`train.max_length`); a mapping as a value (`perturb`) stays whole.

    Args:
        node: a config or a part of one, a dataclass.
        prefix: of the keys.
    """
    leaves: dict[str, Any] = {}
    for field in fields(node):
        key, value = f"{prefix}{field.name}", getattr(node, field.name)
        leaves |= flat(value, f"{key}.") if is_dataclass(value) else {key: value}
    return leaves


DEFAULTS = flat(Config())


def changed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are not at the schema's default.

    A default means what was done before the setting existed, so that a new setting changes no key. The default of a setting is therefore
    never changed without raising the version of the stages that read it.
    """
    return {key: value for key, value in settings.items() if key not in DEFAULTS or value != DEFAULTS[key]}


def read_by(settings: Mapping[str, Any], reads: Iterable[str]) -> dict[str, Any]:
    """Those of the settings that stand at or below one of the keys in `reads`.

    Args:
        settings: by full key.
        reads: full keys, or groups of them.
    """
    heads = tuple(reads)
    return {key: value for key, value in settings.items() if below(key, heads)}


def below(key: str, heads: Iterable[str]) -> bool:
    """Whether a full key is one of the heads or stands below one.

    Args:
        key: a full key, or that of a way of sampling.
        heads: full keys, or groups of them.
    """
    return any(key == head or key.startswith(f"{head}.") for head in heads)


def key(name: str, version: int, settings: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """The key of a result.

    Args:
        name: of the stage that makes it.
        version: of the stage, raised when what it makes changes in meaning.
        settings: those that it reads and that are not at their default.
        inputs: the keys of what it takes in, by name.

    Returns:
        `DIGITS` hexadecimal digits.
    """
    return digest([name, version, _plain(settings), dict(inputs)])


def digest(value: Any) -> str:
    """`DIGITS` hexadecimal digits of anything that JSON can hold."""
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=DIGITS // 2).hexdigest()


def _plain(value: Any) -> Any:
    """1 and 1.0 are the same setting, and so are a tuple and a list."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
