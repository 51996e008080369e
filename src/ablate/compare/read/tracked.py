"""The outcomes of a study that is mirrored in W&B: each arm's artifact is laid out as under `runs/`, and read as a folder."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ablate.compare.read.outcomes import Outcomes
from ablate.compare.read.study_folder import read_folder
from ablate.errors import UserError
from ablate.record.arm_folder import ARMS, ArmFolder
from ablate.record.files import write_json
from ablate.record.members import MEMBERS
from ablate.record.mirror import OUTCOME
from ablate.record.tracking import LONGEST_TAG, shortened

TRACKED = "wandb:"
"""What an address begins with on the command line."""
PATIENCE = 30
"""Seconds to wait for the server."""


def read_project(address: str, into: Path) -> Outcomes:
    """The outcomes at `entity/project/study`, or of the project's only study at `entity/project`.

    Args:
        address: without `wandb:`; the study is a tag of its arms' runs, or, of those of the first layout, their group.
        into: the folder that files are kept under.

    Raises:
        UserError: the address, the key or the connection is wrong, or no run there has its outcome.
    """
    import wandb

    entity, _, rest = address.partition("/")
    project, _, study = rest.partition("/")
    if not entity or not project:
        raise UserError(f"wandb:{address}: expected wandb:ENTITY/PROJECT or wandb:ENTITY/PROJECT/STUDY")
    tag = shortened(study, LONGEST_TAG)
    try:
        wanted = {"$or": [{"tags": {"$in": [tag]}}, {"group": study}]} if study else None
        runs = [run for run in wandb.Api(timeout=PATIENCE).runs(f"{entity}/{project}", filters=wanted) if run.job_type != "compare"]
    except (wandb.Error, ValueError, OSError) as error:
        raise UserError(f"wandb:{address}: {str(error).splitlines()[0]}") from error
    if not runs:
        raise UserError(f"wandb:{address}: found no run" + (f" of the study {study}" if study else ""))
    studies = download(runs, into)
    if not study and len(studies) != 1:
        listed = ", ".join(sorted(studies)) or "none"
        raise UserError(f"wandb:{address}: found the studies {listed}; name one of them after the project")
    return read_folder(into / (study or studies.pop()))


def download(runs: Iterable[Any], into: Path) -> set[str]:
    """Each run's outcome, laid out as under `runs/`.

    Args:
        runs: as W&B's API gives them; one without an outcome leaves its name, so that it is told as not done.
        into: the folder to write below.

    Returns:
        The studies that the runs belong to.
    """
    lost: dict[str, list[str]] = {}
    studies = set()
    for run in runs:
        outcomes = [artifact for artifact in run.logged_artifacts() if artifact.type == OUTCOME]
        if outcomes:
            outcomes[-1].download(root=str(into))
        else:
            folder = ArmFolder(into / ARMS / run.name)
            folder.path.mkdir(parents=True, exist_ok=True)
            folder.write_status(state=f"in W&B as {run.state}, without its outcome")
            for tag in run.tags:
                lost.setdefault(tag, []).append(run.name)
        if run.group and (into / run.group).is_dir():
            studies.add(run.group)
    return studies | _join(into, lost)


def _join(into: Path, lost: dict[str, list[str]]) -> set[str]:
    """Write each study's list of members, from what its arms' outcomes say, with those that have no outcome."""
    placed: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for path in sorted(into.glob("members/*.json")):
        for study, entries in json.loads(path.read_text(encoding="utf-8")).items():
            placed.setdefault(study, []).extend(entries)
    for study, pairs in placed.items():
        entries = [member for _, member in sorted(pairs, key=lambda pair: pair[0])]
        entries += [{**entries[0], "arm": arm} for arm in lost.get(study, [])]  # of which nothing else is known
        write_json(into / study / MEMBERS, {"study": study, "members": entries})
    return set(placed)
