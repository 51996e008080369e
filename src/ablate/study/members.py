"""Which arms a study has, and what of them it was planned with: `runs/<study>/arms.json`, and the study's file beside it."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ablate.config import Stage
from ablate.errors import UserError
from ablate.record.files import write_json, write_text
from ablate.record.lock import held
from ablate.record.members import MEMBERS, read
from ablate.stages import PlannedArm
from ablate.stages.score import Score

STUDY = "study.yaml"


def join(arms: Sequence[PlannedArm]) -> None:
    """Make the arms members of their studies; what was planned of a member before gives way to what is planned now.

    The list is touched each time, so that the study that was planned or run last is known by it.
    """
    by_study: dict[Path, list[PlannedArm]] = defaultdict(list)
    for arm in arms:
        by_study[Path(arm.config.runs) / arm.config.study].append(arm)
    for folder, joining in by_study.items():
        joined = {_place(member): member for member in map(member_of, joining)}
        known = {_place(member): member for member in read(folder)}
        scored = {member["arm"] for member in known.values() if member["scores"]}
        if all(known.get(place) == member or (not member["scores"] and member["arm"] in scored) for place, member in joined.items()):
            (folder / MEMBERS).touch()
            continue
        with held(folder, patient=True):
            members = {_place(member): member for member in read(folder)} | joined
            write_json(folder / MEMBERS, {"study": folder.name, "members": _scored_first(list(members.values()))})


@contextmanager
def joined(arm: PlannedArm) -> Iterator[None]:
    """Around the run of an arm, which is a member of its study from the start; a user's mistake that leaves no arm leaves no member."""
    study = Path(arm.config.runs) / arm.config.study
    member, known = member_of(arm), read(study)
    join([arm])
    try:
        yield
    except UserError:
        if member not in known and not arm.folder.path.exists():
            _leave(study, member)
        raise


def _leave(study: Path, member: dict[str, Any]) -> None:
    with held(study, patient=True):
        rest = [other for other in read(study) if other != member]
        if rest:
            write_json(study / MEMBERS, {"study": study.name, "members": rest})
        else:
            (study / MEMBERS).unlink()
    for folder in (study, study.parent):
        with suppress(OSError):  # which holds something else
            folder.rmdir()


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
    """The arm as a study lists it. `setting` is how it is scored, which with the arm's own setting makes two members alike.

    An arm that is to stop before its scoring has no scores planned.
    """
    scored = arm.config.until in (Stage.score, Stage.record)
    scoring = arm.making("score").settings if scored else {}
    return {
        "arm": arm.name,
        "student": arm.untrained.path.name,
        "axes": arm.key("measure"),
        "setting": {name: value for name, value in scoring.items() if name != "seed"},
        "scores": [asdict(planned) for planned in Score().planned(arm)] if scored else [],
    }


def _scored_first(members: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the entries of arms that were not to be scored, where others say how they are."""
    scored = {member["arm"] for member in members if member["scores"]}
    return [member for member in members if member["scores"] or member["arm"] not in scored]


def distinct(arms: Sequence[PlannedArm]) -> list[PlannedArm]:
    """Each arm once, unless it is to be scored in several ways."""
    return list({(str(arm.folder.path), _place(member_of(arm))): arm for arm in arms}.values())


def _place(member: dict[str, Any]) -> str:
    """Members of one place are the same arm scored in the same way; the last plan of it counts."""
    return f"{member['arm']} {json.dumps(member['setting'], sort_keys=True)}"
