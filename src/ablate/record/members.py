"""Which arms a study has: `runs/<study>/arms.json`, as it is read."""

from pathlib import Path
from typing import Any

from ablate.record.files import read_json

MEMBERS = "arms.json"


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
