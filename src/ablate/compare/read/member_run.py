"""A run that a study lists in `arms.json`: the arm lies under `runs/arms`, its untrained student under `runs/students`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ablate.compare.read.planned_scores import read_planned
from ablate.compare.read.run_settings import read_json
from ablate.compare.read.runs import Run, Untrained, label_and_seed
from ablate.record.arm_folder import ARMS, STUDENTS, ArmFolder, AxesFolder
from ablate.record.scores import PlannedScores

MEMBERS = "arms.json"
"""Lists the arms of a study, each with what it was planned with."""


def read_members(study: Path) -> list[Run]:
    """The members of a study, each with what it was planned with and nothing else that lies in its folder.

    Args:
        study: the folder `runs/<study>`.

    Returns:
        one run per member, in the order of the list; nothing where there is no list.

    Raises:
        UserError: a file can't be read, or a member is not named like an arm's folder.
    """
    return [read_member(study.parent, member) for member in read_json(study / MEMBERS).get("members", [])]


def read_member(runs: Path, member: Mapping[str, Any]) -> Run:
    """A member as it was planned; one whose scores don't cover the plan has its state and no scores.

    Args:
        runs: the folder that holds `arms` and `students`.
        member: its entry in `arms.json`, with `arm`, `student`, `axes` and `scores`.

    Returns:
        the run; what was not planned with this study changes nothing of it.

    Raises:
        UserError: a file can't be read, or the member is not named like an arm's folder.
    """
    folder = ArmFolder(runs / ARMS / Path(member["arm"]).name)
    label, seed = label_and_seed(folder.path)
    card, planned = read_json(folder.card), tuple(PlannedScores(**task) for task in member["scores"])
    scores, lacking = read_planned(folder.scores, planned)
    return Run(
        folder=folder.path,
        label=card.get("label", label),
        seed=seed,
        state=_state(folder, lacking),
        perturb=card.get("perturb", {}),
        doses=card.get("doses", {}),
        families=card.get("families", {}),
        setting=card.get("setting", {}),
        scoring={key: value for task in scores for key, value in task.settings.items()},
        match=card.get("match", {}),
        data_setting=card.get("data_setting", {}),
        extent=_extent(planned),
        data=card.get("data", ""),
        student=card.get("student", ""),
        untrained=Untrained(member["student"], runs / STUDENTS / member["student"], planned),
        axes=_axes(folder, member["axes"]),
        tokens=read_json(folder.tokens),
        scores=() if lacking else scores,
    )


def _state(folder: ArmFolder, lacking: Sequence[str]) -> str:
    """What the arm itself says, as far as it tells why scores are lacking: another study may have run it last."""
    state = str(read_json(folder.status).get("state", "not started"))
    return f"not scored as planned on {', '.join(lacking)}" if state == "done" else state


def _axes(folder: ArmFolder, key: str | None) -> dict[str, float]:
    means = read_json(AxesFolder(folder.axes / key).means) if key else {}
    return {name: float(value) for name, value in means.items() if isinstance(value, int | float)}


def _extent(planned: Sequence[PlannedScores]) -> dict[str, Any]:
    limits = {task.limit for task in planned}
    num_samples = max((task.num_samples for task in planned), default=1)
    return {"evaluate.num_samples": num_samples} | ({"evaluate.limit": limits.pop()} if len(limits) == 1 else {})
