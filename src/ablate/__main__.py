"""`python -m ablate`, and the console script `ablate`."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from ablate.errors import UserError


def main() -> None:
    """The arm's command: show the help, or let Hydra compose the config and run the arm."""
    from ablate.cli import help as help_text

    start("ablate.cli.app", help_text.text)


def start(application: str, help_text: Callable[[list[Path]], str]) -> None:
    """Show the help, or run the Hydra `app` of a module; a user's mistake ends in one message and exit code 2."""
    if any(argument in ("--help", "-h") for argument in sys.argv[1:]):
        from ablate.conf import FOLDER

        print(help_text([FOLDER, *_own_config_folders()]))
        return
    sys.argv[0] = "ablate"
    # Hydra would print and exit by itself; errors are worded in `complaint` instead.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    # A user's own perturbation class stands in the working folder or beside the user's config files.
    sys.path[:0] = [os.getcwd(), *map(str, _own_config_folders())]

    from importlib import import_module

    from ablate.cli.mistakes import complain

    try:
        sys.argv[1:] = _for_hydra(sys.argv[1:])
        import_module(application).app()
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from here", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        sys.exit(complain(error))


def _for_hydra(arguments: list[str]) -> list[str]:
    """`--dry-run` in Hydra's words; a study without `-m`, which Hydra would take for a key, is refused."""
    multirun = "-m" in arguments or "--multirun" in arguments
    if "--dry-run" in arguments:
        kept = [argument for argument in arguments if argument != "--dry-run"]
        return [*kept, *([] if multirun else ["-m"]), "hydra.sweeper.dry_run=true"]
    if not multirun and any(argument.lstrip("+").startswith("sweep=") for argument in arguments):
        raise UserError("sweep: a study is many arms, and needs -m: python -m ablate -m +sweep=…")
    return arguments


def _own_config_folders() -> list[Path]:
    """The folder given with `--config-dir`, in either spelling."""
    from itertools import pairwise

    given = [value for flag, value in pairwise(sys.argv) if flag in ("--config-dir", "-cd")]
    given += [argument.partition("=")[2] for argument in sys.argv if argument.startswith("--config-dir=")]
    return [Path(folder).resolve() for folder in given]


if __name__ == "__main__":
    main()
