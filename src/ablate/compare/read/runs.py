"""What record wrote of one run: read from its folder, without torch."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.errors import UserError
from ablate.record.folder import RunFolder, read_json

if TYPE_CHECKING:
    import pandas

NAME = re.compile(r"(?P<label>.+)-s(?P<seed>\d+)-(?P<id>[0-9a-f]{10})")
NOT_SETTING = ("runs", "study", "track", "dose", "seed", "perturb")
"""What may differ between an arm and the clean arm it is compared with."""
NOT_RESULT = ("per_device_batch_size", "strategy", "processes", "save_steps", "full")
MATCHED = ("train.match", "train.match_by")
"""What changes no clean arm, which has as many training tokens as itself."""
SCORING = ("ablate", "lm-eval", "transformers")
"""The packages whose version may change a score."""


@dataclass(frozen=True)
class Run:
    """One training run. `perturb` maps each perturbation to its settings, `families` each to its family; `base` is the base's id.

    `setting` is all else of the config by full key; runs that differ there are never compared. `axes` and `tokens` are empty where they
    were not written.
    """

    folder: Path
    label: str
    seed: int
    state: str
    perturb: Mapping[str, Mapping[str, Any]]
    dose: float
    setting: Mapping[str, Any]
    families: Mapping[str, str] = field(default_factory=dict)
    base: str | None = None
    axes: Mapping[str, float] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    traces: int | None = None
    scores: "pandas.DataFrame | None" = None

    @property
    def name(self) -> str:
        return self.folder.name


def read_run(folder: Path) -> Run:
    """The run in that folder; one that is not done has its state and no scores.

    Raises:
        UserError: a file of it can't be read; the message names the file.
    """
    import pandas

    files = RunFolder(folder)
    named = NAME.fullmatch(folder.name)
    if named is None:
        raise UserError(f"{folder}: no name of a run folder, NAME-sSEED-ID")
    config, status = _yaml(files.config), _json(files.status)
    done = status.get("state") == "done"
    scores = pandas.read_parquet(files.items) if done and files.items.is_file() else None
    perturb = config.get("perturb") or {}
    return Run(
        folder=folder,
        label=named["label"],
        seed=int(named["seed"]),
        state=str(status.get("state", "not started")) if not done or scores is not None else "done, but without scores",
        perturb=perturb,
        dose=float(config.get("dose", 1)),
        setting=setting(config),
        families=status.get("families") or {},
        base=status.get("base"),
        axes={name: float(value) for name, value in _json(folder / "axes.json").items() if isinstance(value, int | float)},
        tokens=_json(files.tokens),
        versions={name: (status.get("versions") or {}).get(name, "") for name in SCORING},
        traces=_fingerprint(files.traces),
        scores=scores,
    )


def setting(config: Mapping[str, Any]) -> dict[str, Any]:
    """The leaves of the config by full key, but for what tells arms of one study apart or changes no result."""
    found = {}
    for key, value in _leaves({key: value for key, value in config.items() if key not in NOT_SETTING}):
        if key.startswith("train.") and key.split(".")[1] in NOT_RESULT:
            continue
        found[key] = value
    if not found.get("evaluate.temperature"):
        found.pop("evaluate.batch_size", None)
    return found


def _leaves(node: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in node.items():
        pairs += _leaves(value, f"{prefix}{key}.") if isinstance(value, Mapping) else [(f"{prefix}{key}", value)]
    return pairs


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    if not path.is_file():
        return {}
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
    except yaml.YAMLError as error:
        raise UserError(f"{path}: no YAML: {str(error).splitlines()[0]}") from error


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found: dict[str, Any] = read_json(path)
    except json.JSONDecodeError as error:
        raise UserError(f"{path}: no JSON: {error}") from error
    return found


def _fingerprint(traces: Path) -> int | None:
    """Which examples were trained on, whatever was done to them: a sum over their ids and their clean answers."""
    import pandas

    if not traces.is_file():
        return None
    return int(pandas.util.hash_pandas_object(pandas.read_parquet(traces, columns=["id"])["id"], index=False).sum())
