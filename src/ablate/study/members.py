"""Which arms a study has, and what of them it was planned with: `runs/<study>/arms.json`, and the study's file beside it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ablate.errors import UserError
from ablate.record.files import read_json, write_json, write_text
from ablate.record.lock import held
from ablate.stages import PlannedArm
from ablate.stages.score import Score

MEMBERS, STUDY = "arms.json", "study.yaml"


def join(arms: Sequence[PlannedArm]) -> None:
    """Make the arms members of their studies; what was planned of a member before gives way to what is planned now.

    The list is touched each time, so that the study that was planned or run last is known by it.
    """
    by_study: dict[Path, list[PlannedArm]] = defaultdict(list)
    for arm in arms:
        by_study[Path(arm.config.runs) / arm.config.study].append(arm)
    for folder, joining in by_study.items():
        joined = {_place(member): member for member in map(member_of, joining)}
        if joined.items() <= {_place(member): member for member in read(folder)}.items():
            (folder / MEMBERS).touch()
            continue
        with held(folder, patient=True):
            members = {_place(member): member for member in read(folder)} | joined
            write_json(folder / MEMBERS, {"study": folder.name, "members": list(members.values())})


@contextmanager
def joined(arm: PlannedArm) -> Iterator[None]:
    """Around the run of an arm, which joins its study however it ends, unless a user's mistake leaves nothing of it."""
    try:
        yield
    except UserError:
        raise
    except BaseException:
        join([arm])
        raise
    join([arm])


def read(folder: Path) -> list[dict[str, Any]]:
    """The members of a study: the arm's and the untrained student's folder, the key of the axes, how and what is scored of each task."""
    if not (folder / MEMBERS).is_file():
        return []
    members: list[dict[str, Any]] = read_json(folder / MEMBERS)["members"]
    return members


def studies_of(arm: Path) -> list[str]:
    """The studies beside `arms/` that have the arm in this folder."""
    plans = sorted(arm.parent.parent.glob(f"*/{MEMBERS}"))
    return [plan.parent.name for plan in plans if any(member["arm"] == arm.name for member in read(plan.parent))]


def keep(path: Path, folders: Sequence[Path]) -> list[str]:
    """Put the study's file beside its members as it was first planned; a later change is kept beside that, and told.

    Args:
        path: the study's file.
        folders: of the study, below `runs/`.

    Returns:
        what a person has to know.
    """
    text, notes = path.read_text(encoding="utf-8"), []
    for folder in folders:
        with held(folder, patient=True):
            first, later = folder / STUDY, sorted(folder.glob("study-*.yaml"))
            if not first.is_file():
                write_text(first, text)
            if first.read_text(encoding="utf-8") == text:
                continue
            same = [known for known in later if known.read_text(encoding="utf-8") == text]
            beside = same[0] if same else folder / f"study-{len(later) + 2}.yaml"
            if not same:
                write_text(beside, text)
            changed = f"{path} has changed since {folder.name} was first planned"
            notes.append(f"{changed}; {beside} keeps the change, and claims are tested as first planned")
    return notes


def member_of(arm: PlannedArm) -> dict[str, Any]:
    """The arm as a study lists it. `setting` is how it is scored, which with the arm's own setting makes two members alike."""
    scoring = arm.making("score").settings
    return {
        "arm": arm.name,
        "student": arm.untrained.path.name,
        "axes": arm.key("measure"),
        "setting": {name: value for name, value in scoring.items() if name != "seed"},
        "scores": [asdict(planned) for planned in Score().planned(arm)],
    }


def distinct(arms: Sequence[PlannedArm]) -> list[PlannedArm]:
    """Each arm once, unless it is to be scored in several ways."""
    return list({(str(arm.folder.path), _place(member_of(arm))): arm for arm in arms}.values())


def _place(member: dict[str, Any]) -> str:
    """Members of one place are the same arm scored in the same way; the last plan of it counts."""
    return f"{member['arm']} {sorted(member['setting'].items())}"
