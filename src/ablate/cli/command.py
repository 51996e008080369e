"""The command `ablate`: its subcommands, and from what a person types to what Hydra takes."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from ablate.cli.subcommands import SUBCOMMANDS
from ablate.errors import UserError, nearest

WITH_VALUE = ("--config-dir", "-cd", "--config-path", "-cp", "--config-name", "-cn", "--package", "-p", "--cfg", "-c", "--info", "-i")
"""Hydra's flags that take a value."""


def main() -> None:
    """Run a subcommand, or let Hydra compose the config and run the arm."""
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    if first in SUBCOMMANDS:
        sys.argv[:2] = [f"ablate {first}"]
        sys.exit(import_module(SUBCOMMANDS[first][0]).main())
    if first and not first.startswith("-") and "=" not in first:
        print(f"ablate: {first}: there is no such subcommand. {nearest(first, list(SUBCOMMANDS))}", file=sys.stderr)
        sys.exit(2)
    from ablate.cli import help

    start("ablate.cli.app", help.text)


def start(application: str, help_text: Callable[[list[Path]], str]) -> None:
    """Show the help, or run the Hydra `app` of a module; a user's mistake ends in one message and exit code 2.

    Args:
        application: the module that has the `app`.
        help_text: makes the help, from config trees, ours first.
    """
    own = own_config_folders(sys.argv)
    if any(argument in ("--help", "-h") for argument in sys.argv[1:]):
        from ablate.conf import FOLDER

        print(help_text([FOLDER, *own]))
        return
    sys.argv[0] = "ablate"
    # Hydra would print and exit by itself; errors are worded in `mistakes` instead.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    # A user's own perturbation class stands in the working folder or beside the user's config files.
    sys.path[:0] = [os.getcwd(), *map(str, own)]

    from ablate.cli.mistakes import show_mistake

    try:
        sys.argv[1:] = for_hydra(sys.argv[1:])
        import_module(application).app()
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        sys.exit(show_mistake(error))


def for_hydra(arguments: Sequence[str]) -> list[str]:
    """The arguments in Hydra's words: flags first, since it takes no override behind a flag that stands between overrides.

    `--dry-run` and `+sweep=` become settings of the sweeper; Hydra would look for a group of configs of that name.

    Raises:
        UserError: a study without `-m`.
    """
    from ablate.study.grid import quoted

    flags, overrides = _sorted_out(arguments)
    dry_run = "--dry-run" in flags
    flags = [flag for flag in flags if flag != "--dry-run"]
    names = [override.partition("=")[2] for override in overrides if _names_studies(override)]
    studies = [name for named in names for name in named.split(",")]
    overrides = [override for override in overrides if not _names_studies(override)]
    multirun = bool({"-m", "--multirun"} & set(flags))
    if studies and not multirun and not dry_run:
        raise UserError("sweep: a study is many arms, and needs -m: python -m ablate -m +sweep=…")
    if dry_run:
        flags += [] if multirun else ["-m"]
        overrides.append("hydra.sweeper.dry_run=true")
    return [*flags, *overrides, *([f"hydra.sweeper.studies={quoted(studies)}"] if studies else [])]


def own_config_folders(arguments: Sequence[str]) -> list[Path]:
    """The folder given with `--config-dir`, in either spelling."""
    from itertools import pairwise

    given = [value for flag, value in pairwise(arguments) if flag in ("--config-dir", "-cd")]
    given += [argument.partition("=")[2] for argument in arguments if argument.startswith("--config-dir=")]
    return [Path(folder).resolve() for folder in given]


def _names_studies(override: str) -> bool:
    return override.lstrip("+").startswith("sweep=")


def _sorted_out(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Flags, each with its value, and overrides, both in order."""
    flags: list[str] = []
    overrides: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if not argument.startswith("-"):
            overrides.append(argument)
            continue
        flags.append(argument)
        value = next(rest, None) if argument in WITH_VALUE else None
        flags += [] if value is None else [value]
    return flags, overrides
