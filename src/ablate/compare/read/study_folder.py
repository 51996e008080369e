"""A study's folder under `runs/`: which there are, and what its runs come to."""

from dataclasses import replace
from pathlib import Path

from ablate.compare.read import first_layout
from ablate.compare.read.conditions import outcomes_of
from ablate.compare.read.member_run import MEMBERS, read_members
from ablate.compare.read.outcomes import Outcomes
from ablate.compare.read.run_settings import read_json
from ablate.errors import UserError
from ablate.record.arm_folder import ARMS, CORPORA, STUDENTS
from ablate.study.spec import Study, read_study

NO_STUDIES = (ARMS, STUDENTS, CORPORA, first_layout.BASE)
"""Folders under `runs/` that belong to no study."""


def read_folder(folder: Path) -> Outcomes:
    """The outcomes of the study in a folder: of the members that its `arms.json` lists, and of runs of the first layout that lie in it.

    Args:
        folder: `runs/<study>`, with `study.yaml` where there is one; the arms of its members lie beside it.

    Returns:
        what was planned with the study and is done, with a flag for all else.

    Raises:
        UserError: there is no run in it, or a file of it can't be read.
    """
    if not holds_study(folder):
        raise UserError(f"{folder}: found no run of an arm; a study lists its arms in {MEMBERS}, or holds a folder for each")
    plan = folder / "study.yaml"
    study = read_study(plan) if plan.is_file() else Study(folder.name)
    outcomes = outcomes_of(study, [*read_members(folder), *map(first_layout.read_run, first_layout.run_folders(folder))])
    later = sorted(path.name for path in folder.glob("study-*.yaml"))
    changed = [f"the study's file has changed since it was first planned ({', '.join(later)}); margin and claims are as first planned"]
    return replace(outcomes, flags=(*outcomes.flags, *(changed if later else [])))


def holds_study(folder: Path) -> bool:
    """Whether a folder is a study's.

    Args:
        folder: which need not be there.
    """
    return folder.is_dir() and ((folder / MEMBERS).is_file() or bool(first_layout.run_folders(folder)))


def run_folders(study: Path) -> list[Path]:
    """The folders of a study's runs, wherever they lie.

    Args:
        study: the folder `runs/<study>`.

    Returns:
        those of its members, then those of the first layout; a member that was not started has none yet.
    """
    arms = dict.fromkeys(study.parent / ARMS / Path(member["arm"]).name for member in read_json(study / MEMBERS).get("members", []))
    return [*(arm for arm in arms if arm.is_dir()), *first_layout.run_folders(study)]


def latest(runs: Path) -> Path:
    """The study that was planned or run last.

    Args:
        runs: the folder that holds the studies.

    Returns:
        the study's folder.

    Raises:
        UserError: there is none.
    """
    studies = [folder for folder in runs.glob("*") if folder.name not in NO_STUDIES and holds_study(folder)]
    if not studies:
        raise UserError(f"{runs}: found no study; name a study's folder, a CSV, or wandb:ENTITY/PROJECT")
    return max(studies, key=_touched)


def _touched(study: Path) -> float:
    """Seconds since the epoch; planning or running a study touches the list of its members."""
    files = [study / MEMBERS, *(folder / "status.json" for folder in first_layout.run_folders(study))]
    return max((path.stat().st_mtime for path in files if path.is_file()), default=0.0)
