"""From the arguments of a sweep to the overrides of each arm."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ablate.errors import UserError, nearest
from ablate.study.spec import read_study


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The studies that `+sweep=` names, with commas between, and the other arguments."""
    lists = [argument.partition("=")[2] for argument in arguments if argument.lstrip("+").startswith("sweep=")]
    names = [name for names in lists for name in names.split(",")]
    return names, [argument for argument in arguments if not argument.lstrip("+").startswith("sweep=")]


def find(name: str, folders: Sequence[Path]) -> Path:
    """The study's file: a path, or the name of one in the folders, first found first.

    Raises:
        UserError: there is none.
    """
    if name.endswith((".yaml", ".yml")):
        if not Path(name).is_file():
            raise UserError(f"sweep: {name} is no file")
        return Path(name)
    known = {path.stem: path for folder in reversed(folders) for path in sorted(folder.glob("*.yaml"))}
    if name not in known:
        raise UserError(f"sweep: found {name!r}. {nearest(name, list(known))}")
    return known[name]


def of_study(path: Path, arguments: Sequence[str]) -> list[list[str]]:
    """The overrides of each arm of a study, those of the command line on top; its seeds give way to `seed=…` there."""
    study = read_study(path)
    given = cartesian(arguments)
    own_seeds = any(argument.startswith("seed=") for argument in arguments)
    planned = replace(study, seeds=(0,)) if own_seeds else study
    arms = []
    for perturbations, settings, seed in planned.planned():
        arm = [f"perturb=[{','.join(perturbations)}]", *(f"{key}={_value(value)}" for key, value in settings.items())]
        arm += [] if own_seeds else [f"seed={seed}"]
        arms += [[*arm, *extra] for extra in given]
    named = any(argument.startswith("study=") for argument in arguments)
    return arms if named else [[*arm, f"study={study.name}"] for arm in arms]


def cartesian(arguments: Sequence[str]) -> list[list[str]]:
    """Every combination of the values that are separated by commas, as Hydra's own sweeper has them."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.override_parser.overrides_parser import OverridesParser

    (batch,) = BasicSweeper.split_arguments(OverridesParser.create().parse_overrides(list(arguments)), None)
    return batch


def _value(value: Any) -> str:
    """As Hydra's override grammar writes it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"[{','.join(map(_value, value))}]" if isinstance(value, list | tuple) else str(value)
