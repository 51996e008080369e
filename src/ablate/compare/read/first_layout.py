"""A run as the first layout kept it: the folder `runs/<study>/<label>-s<seed>-<id>`, with the base under `runs/base/<id>`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ablate.compare.read.planned_scores import ITEM_COLUMNS, PACKAGES, TaskScores
from ablate.compare.read.run_settings import by_full_key, read_json, read_yaml, renamed
from ablate.compare.read.runs import NAME, Run, Untrained, label_and_seed
from ablate.record.keys import changed

BASE = "base"
NOT_SETTING = ("runs", "study", "until", "track", "axes", "dose", "seed", "perturb")
"""What tells arms of one study apart, or changes no result."""
EXECUTION = (
    "train.per_device_batch_size",
    "train.strategy",
    "train.processes",
    "train.save_steps",
    "train.full.learning_rate",
    "data.workers",
)
EXTENT = ("evaluate.tasks", "evaluate.limit", "evaluate.num_samples")
MATCH = ("train.match", "train.match_by")


def run_folders(study: Path) -> list[Path]:
    """The runs in a study's folder.

    Args:
        study: the folder `runs/<study>`.

    Returns:
        their folders in the order of the alphabet.
    """
    return [path for path in sorted(study.iterdir()) if path.is_dir() and NAME.fullmatch(path.name)]


def read_run(folder: Path) -> Run:
    """The run in that folder; one that is not done has its state and no scores.

    Args:
        folder: one of `run_folders`.

    Returns:
        the run, its settings in the names they have now.

    Raises:
        UserError: a file of it can't be read; the message names the file.
    """
    label, seed = label_and_seed(folder)
    config, status = read_yaml(folder / "config.yaml"), read_json(folder / "status.json")
    settings = changed(renamed(by_full_key({key: value for key, value in config.items() if key not in NOT_SETTING})))
    perturb, done = config.get("perturb") or {}, status.get("state") == "done"
    scores = read_scores(folder, {name: (status.get("versions") or {}).get(name, "") for name in PACKAGES}) if done else ()
    data = _fingerprint(folder / "traces") if scores else ""
    base = status.get("base")
    return Run(
        folder=folder,
        label=label,
        seed=seed,
        state="done, but without scores" if done else str(status.get("state", "not started")),
        perturb=perturb,
        doses={name: float(given.get("dose", config.get("dose", 1))) for name, given in perturb.items()},
        families=status.get("families") or {},
        setting={key: value for key, value in settings.items() if _is_setting(key) and not (data and key == "data.path")},
        scoring=_scoring(settings),
        match={key: value for key, value in settings.items() if key in MATCH},
        data_setting={key: value for key, value in settings.items() if key == "data.path"},
        extent={key: value for key, value in settings.items() if key in EXTENT},
        data=data,
        untrained=Untrained(base, folder.parent.parent / BASE / base) if base else None,
        axes={name: float(value) for name, value in read_json(folder / "axes.json").items() if isinstance(value, int | float)},
        tokens=read_json(folder / "tokens.json"),
        scores=scores,
    )


def read_scores(folder: Path, answered_by: Mapping[str, str] | None = None) -> tuple[TaskScores, ...]:
    """All scores in a run's or a base's folder.

    Args:
        folder: the one that holds `items.parquet`.
        answered_by: versions of the packages that made them, where they are known.

    Returns:
        the scores of each task; nothing where there are none.
    """
    import pandas

    items = folder / "items.parquet"
    if not items.is_file():
        return ()
    table = pandas.read_parquet(items)[[*ITEM_COLUMNS]]
    return tuple(
        TaskScores(str(task), rows, folder / "samples.jsonl.gz", folder / "status.json", answered_by=answered_by or {})
        for task, rows in table.groupby("task", sort=False)
    )


def _is_setting(key: str) -> bool:
    return not key.startswith("evaluate.") and key not in (*EXECUTION, *MATCH)


def _scoring(settings: Mapping[str, Any]) -> dict[str, Any]:
    """How answers were drawn; who shares a batch decides what is sampled, and nothing else."""
    scoring = {key: value for key, value in settings.items() if key.startswith("evaluate.") and key not in EXTENT}
    if not scoring.get("evaluate.temperature"):
        scoring.pop("evaluate.batch_size", None)
    return scoring


def _fingerprint(traces: Path) -> str:
    """Which examples were trained on, whatever was done to them: by their ids and their clean texts; empty where they are gone."""
    import pandas

    if not any(traces.glob("part-*.parquet")):
        return ""
    clean = pandas.read_parquet(traces, columns=["id", "clean"])
    return f"{int(pandas.util.hash_pandas_object(clean, index=False).sum()):016x}"
