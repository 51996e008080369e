"""The settings of a run by full key (`train.max_length`), in the names they have now; and the files that hold them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ablate.compare.read.outcomes import Source
from ablate.config import RENAMED
from ablate.errors import UserError
from ablate.record.keys import DEFAULTS


def by_full_key(node: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The leaves of a mapping of mappings by full key.

    Args:
        node: such as a config that was read from a file.
        prefix: what each key begins with.

    Returns:
        one value for each leaf; a list is a leaf, and an empty mapping leaves nothing.
    """
    leaves: dict[str, Any] = {}
    for key, value in node.items():
        leaves |= by_full_key(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return leaves


def renamed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings under the names they have now.

    Args:
        settings: values by full key, old or new.

    Returns:
        values by full key.
    """
    return {RENAMED.get(key, key): value for key, value in settings.items()}


def settings_of(source: Source) -> dict[str, Any]:
    """All settings of a run: how it was trained, and how it was scored for this study.

    Args:
        source: where the run lies.

    Returns:
        values by full key.

    Raises:
        UserError: its config is no YAML.
    """
    config = renamed(by_full_key(read_yaml(source.folder / "config.yaml")))
    trained = {key: value for key, value in config.items() if not key.startswith("evaluate.")}
    return {**DEFAULTS, **trained, **source.scoring}


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The keys by which two runs' settings differ.

    Args:
        one: settings that are not at their default, by full key.
        other: those of the other run.

    Returns:
        full keys in the order of the alphabet.
    """
    return sorted(key for key in {*one, *other} if value_of(one, key) != value_of(other, key))


def value_of(settings: Mapping[str, Any], key: str) -> Any:
    """A setting's value, its default where the run does not name it.

    Args:
        settings: values by full key.
        key: a full key.
    """
    return settings.get(key, DEFAULTS.get(key))


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Args:
        path: of a file, which need not be there.

    Returns:
        what it holds; nothing where there is no file.

    Raises:
        UserError: it is no YAML.
    """
    import yaml

    if not path.is_file():
        return {}
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
    except yaml.YAMLError as error:
        raise UserError(f"{path}: no YAML: {str(error).splitlines()[0]}") from error


def read_json(path: Path) -> dict[str, Any]:
    """The mapping in a JSON file.

    Args:
        path: of a file, which need not be there.

    Returns:
        what it holds; nothing where there is no file.

    Raises:
        UserError: it is no JSON.
    """
    if not path.is_file():
        return {}
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise UserError(f"{path}: no JSON: {error}") from error
    return content
