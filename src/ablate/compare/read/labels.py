"""What conditions are called: by what was done to the traces, and where that is not enough by what else differs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ablate.compare.read.run_settings import value_of
from ablate.compare.read.runs import Run

DIGITS = 6
"""Of a fingerprint, as many as a person compares at a glance."""


def labels(runs: Sequence[Run]) -> list[str]:
    """A label for each condition, no two alike.

    Args:
        runs: one of each condition.

    Returns:
        the runs' own labels in the same order; those that share one are followed by the settings that tell them apart, then by where their
        data came from, then by the fingerprints of their data and of their student.
    """
    named = [run.label for run in runs]
    for differing in (_settings, lambda run: run.data_setting, _fingerprints):
        named = _told_apart(named, runs, differing)
    return named


def _told_apart(named: Sequence[str], runs: Sequence[Run], properties: Callable[[Run], Mapping[str, Any]]) -> list[str]:
    longer = []
    for label, run in zip(named, runs, strict=True):
        same = [properties(other) for other, shared in zip(runs, named, strict=True) if shared == label]
        apart = sorted(key for key in set().union(*same) if len({repr(value_of(one, key)) for one in same}) > 1)
        longer.append(" ".join([label, *(f"{key}={value_of(properties(run), key)}" for key in apart)]))
    return longer


def _settings(run: Run) -> dict[str, Any]:
    perturbations = {f"perturb.{name}.{key}": value for name, settings in run.perturb.items() for key, value in settings.items()}
    return {**run.settings, **(run.match if run.perturb else {}), **perturbations}


def _fingerprints(run: Run) -> dict[str, Any]:
    return {"data": run.data[:DIGITS] or "unknown", "student": run.student[:DIGITS] or "unknown"}
