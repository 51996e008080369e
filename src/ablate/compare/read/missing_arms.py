"""Runs that a study's file plans and that nobody has started."""

from collections.abc import Mapping, Sequence
from typing import Any

from ablate.compare.read.run_settings import value_of
from ablate.compare.read.runs import Run
from ablate.record.keys import DEFAULTS
from ablate.study.spec import Study


def missing_arms(study: Study, runs: Sequence[Run]) -> list[str]:
    """A flag for each planned run that is not there.

    Args:
        study: what was planned.
        runs: those that are there, done or not.

    Returns:
        flags, in the order of the plan. Runs are matched by perturbations, dose and seed, and by other settings where a full key is given.
    """
    flags = []
    for perturbations, others, seed in study.planned():
        dose = float(others.get("dose", 1.0))
        wanted = {key: value for key, value in others.items() if key != "dose"}
        named = "+".join(f"{name}-{dose:g}" for name in perturbations) or "clean"
        if not any(_is_planned(run, named, seed, wanted) for run in runs):
            also = "".join(f" {key}={value}" for key, value in wanted.items())
            flags.append(f"missing: {named}{also} with seed {seed}, which the study plans")
    return flags


def _is_planned(run: Run, named: str, seed: int, wanted: Mapping[str, Any]) -> bool:
    """Of an arm that nobody has started its label alone is known; how one is scored shows when it is."""
    perturbed = "+".join(f"{name}-{dose:g}" for name, dose in run.doses.items()) or run.label.rpartition("-")[0]
    settings = {**run.settings, **run.match, **run.data_setting, **run.extent}
    checked = [key for key in wanted if key in {**DEFAULTS, **settings} and (run.scores or not key.startswith("evaluate."))]
    return (perturbed, run.seed) == (named, seed) and all(value_of(settings, key) == wanted[key] for key in checked)
