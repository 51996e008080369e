"""`python -m ablate.compare`: what a study's arms come to, against its clean arm."""

import argparse
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ablate.compare import Outcomes, Study, compare, read_csv, read_folder
from ablate.compare.read.study_folder import NO_STUDIES, holds_study, latest
from ablate.compare.read.tracked import TRACKED, read_project
from ablate.compare.show import table
from ablate.errors import UserError, require

WHAT = "a study's name or folder, a folder of studies, a CSV of item scores, or wandb:ENTITY/PROJECT[/STUDY] (default: the latest study)"


def main(arguments: list[str] | None = None) -> int:
    """Print the comparison, write it with --out, log it with --publish.

    Args:
        arguments: of the command line; None for those of this process.

    Returns:
        the exit code: 2 after a user's mistake, else 0.
    """
    parser = argparse.ArgumentParser(prog="python -m ablate.compare", description=__doc__)
    parser.add_argument("of", nargs="?", help=WHAT)
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="the folder that holds the studies (default: %(default)s)")
    parser.add_argument("--margin", type=float, help="points within which a difference is harmless (default: the study's, else 3)")
    parser.add_argument("--alpha", type=float, help="level of the tests (default: the study's, else 0.05)")
    parser.add_argument("--primary", help="the tasks whose mean decides, with commas between (default: the study's, else all)")
    parser.add_argument("--clean", help="for a CSV, the arm that the others are compared with (default: clean)")
    parser.add_argument("--out", type=Path, help="folder for report.html, figures/*.svg, .pdf and .csv, and comparison.csv, .md and .tex")
    parser.add_argument(
        "--publish",
        action="store_true",
        help="log the comparison to W&B with its tables, a workspace and a report; offline, write their JSON beside the tables "
        "(default: in the study's folder, under comparison)",
    )
    options = parser.parse_args(arguments)
    command = shlex.join(["python", "-m", "ablate.compare", *(sys.argv[1:] if arguments is None else arguments)])
    try:
        with TemporaryDirectory() as into:
            _compare(options, command, Path(into))
    except UserError as error:
        print(f"ablate.compare: {error}", file=sys.stderr)
        return 2
    return 0


def _compare(options: argparse.Namespace, command: str, into: Path) -> None:
    from rich.console import Console

    if options.publish:
        require("wandb_workspaces", "report", "--publish")
    outcomes = _with(read(options.of, options.runs, options.clean, into), options)
    compared = compare(outcomes)
    wide = None if sys.stdout.isatty() else 200
    table.show(compared, Console(highlight=False, width=wide))
    folder = study_folder(options.of, options.runs)
    out = options.out
    if options.publish and out is None:
        out = (folder or options.runs / compared.study.name) / "comparison"
    if out:
        from ablate.compare.show.report import write_all

        drawn = write_all(compared, outcomes, out, command)
        print(f"written to {out}: report.html, figures, tables")
    if options.publish:
        from ablate.compare.show.publish import project_of, publish

        print("\n".join(publish(compared, project_of(options.of, folder), out, drawn, folder / "study.yaml" if folder else None)))


def read(of: str | None, runs: Path, clean: str | None = None, into: Path | None = None) -> Outcomes:
    """The outcomes that a command line names.

    Args:
        of: a study's name or folder, a folder of studies, a CSV, or an address in W&B; None for the study planned or run last.
        runs: the folder that holds the studies.
        clean: for a CSV, the arm that the others are compared with.
        into: a folder that keeps what comes from W&B; without one, single answers can't be looked at.

    Raises:
        UserError: there is no such study or file, or it can't be read.
    """
    folder = study_folder(of, runs)
    if folder is not None:
        return read_folder(folder)
    assert of is not None
    if of.startswith(TRACKED):
        if into is not None:
            return read_project(of.removeprefix(TRACKED), into)
        with TemporaryDirectory() as passing:
            return replace(read_project(of.removeprefix(TRACKED), Path(passing)), sources={})
    return read_csv(Path(of), clean)


def study_folder(of: str | None, runs: Path) -> Path | None:
    """The study's folder that a command line names.

    Args:
        of: as for `read`.
        runs: the folder that holds the studies.

    Returns:
        the folder; None where the command line names a CSV or a project of W&B.

    Raises:
        UserError: there is no such study.
    """
    if of is None:
        return latest(runs)
    if of.startswith(TRACKED) or of.endswith(".csv"):
        return None
    named = runs / of if (runs / of).is_dir() else Path(of)
    if not named.is_dir():
        raise UserError(f"{of}: there is no such study under {runs}, no such folder, and no such file")
    if named.name in NO_STUDIES and named.parent.resolve() == runs.resolve():
        raise UserError(f"{of}: {named} belongs to no study; name a study")
    return named if holds_study(named) else latest(named)


def _with(outcomes: Outcomes, options: argparse.Namespace) -> Outcomes:
    """The options that stand in for the study's own."""
    from ablate.compare.read.outcomes import with_primary

    study: Study = outcomes.study
    if options.margin is not None:
        if not 0 < options.margin < 100:
            raise UserError(f"--margin: found {options.margin:g}, allowed are points, more than 0 and less than 100")
        study = replace(study, margin=options.margin)
    if options.alpha is not None:
        if not 0 < options.alpha < 0.5:
            raise UserError(f"--alpha: found {options.alpha:g}, allowed is more than 0 and less than 0.5")
        study = replace(study, alpha=options.alpha)
    if options.primary:
        study = with_primary(replace(study, primary=tuple(options.primary.split(","))), outcomes.scores)
    return replace(outcomes, study=study)


if __name__ == "__main__":
    sys.exit(main())
