"""From the arguments of a sweep to the overrides of each arm."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ablate.errors import UserError, nearest
from ablate.study.spec import read_study

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What needs no quotes, but for the words that mean something else."""
WORDS = ("true", "false", "null", "nan", "inf")


def find(name: str, folders: Sequence[Path]) -> Path:
    """The study's file: a path, or the name of one in the folders, first found first.

    Args:
        name: of the study, or a path to its file.
        folders: in which studies are looked for.

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
    """The overrides of each arm of a study, those of the command line on top; its seeds give way to `seed=…` there.

    Args:
        path: the study's file.
        arguments: overrides of the command line.
    """
    study = read_study(path)
    given = cartesian(arguments)
    own_seeds = any(argument.startswith("seed=") for argument in arguments)
    planned = replace(study, seeds=(0,)) if own_seeds else study
    arms = []
    for perturbations, settings, seed in planned.planned():
        arm = [f"perturb=[{','.join(perturbations)}]", *(f"{key}={quoted(value)}" for key, value in settings.items())]
        arm += [] if own_seeds else [f"seed={seed}"]
        arms += [[*arm, *extra] for extra in given]
    named = any(argument.startswith("study=") for argument in arguments)
    return arms if named else [[*arm, f"study={quoted(study.name)}"] for arm in arms]


def cartesian(arguments: Sequence[str]) -> list[list[str]]:
    """Every combination of the values that are separated by commas, as Hydra's own sweeper has them."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.override_parser.overrides_parser import OverridesParser

    (batch,) = BasicSweeper.split_arguments(OverridesParser.create().parse_overrides(list(arguments)), None)
    return batch


def quoted(value: Any) -> str:
    """A value as Hydra's override grammar writes it, so that it is read back as it is: texts are quoted, whatever they hold.

    Args:
        value: as YAML gives it.
    """
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, list | tuple):
        return f"[{','.join(map(quoted, value))}]"
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{_key(name)}:{quoted(one)}' for name, one in value.items())}}}"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    if PLAIN.fullmatch(text) and text.lower() not in WORDS:
        return text
    # A backslash escapes before a quote alone, so that those before one, or at the end, are doubled.
    return "'" + re.sub(r"(\\*)('|$)", lambda run: 2 * run[1] + ("\\'" if run[2] else ""), text) + "'"


def _key(name: Any) -> str:
    """Hydra's grammar has no quotes for the keys of a mapping."""
    if not re.fullmatch(r"[\w./-]+", str(name)):
        raise UserError(f"found the key {name!r} in a mapping of a study; allowed are letters, digits, _ . / and -")
    return str(name)
