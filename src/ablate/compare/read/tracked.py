"""The outcomes of a study that is mirrored in W&B: each run's artifact is laid out as under `runs/`, and read as a folder."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ablate.compare.read.outcomes import Outcomes
from ablate.compare.read.study_folder import read_folder
from ablate.errors import UserError
from ablate.record.folder import RunFolder
from ablate.record.tracking import OUTCOME

TRACKED = "wandb:"
"""What an address begins with on the command line."""
PATIENCE = 30
"""Seconds to wait for the server."""


def read_project(address: str, into: Path) -> Outcomes:
    """The outcomes at `entity/project/study`, or of the project's only study at `entity/project`; files are kept under `into`.

    Raises:
        UserError: the address, the key or the connection is wrong, or no run there has its outcome.
    """
    import wandb

    entity, _, rest = address.partition("/")
    project, _, study = rest.partition("/")
    if not entity or not project:
        raise UserError(f"wandb:{address}: expected wandb:ENTITY/PROJECT or wandb:ENTITY/PROJECT/STUDY")
    try:
        runs = list(wandb.Api(timeout=PATIENCE).runs(f"{entity}/{project}", filters={"group": study} if study else None))
    except (wandb.Error, ValueError, OSError) as error:
        raise UserError(f"wandb:{address}: {str(error).splitlines()[0]}") from error
    studies = sorted({run.group for run in runs if run.group})
    if len(studies) > 1:
        raise UserError(f"wandb:{address}: found the studies {', '.join(studies)}; name one of them after the project")
    if not studies:
        raise UserError(f"wandb:{address}: found no run" + (f" of the study {study}" if study else ""))
    download(runs, into)
    return read_folder(into / studies[0])


def download(runs: Iterable[Any], into: Path) -> None:
    """Each run's outcome; a run without one leaves its name, so that it is told as not done."""
    for run in runs:
        outcomes = [artifact for artifact in run.logged_artifacts() if artifact.type == OUTCOME]
        if outcomes:
            outcomes[-1].download(root=str(into))
        else:
            folder = RunFolder(into / run.group / run.name)
            folder.path.mkdir(parents=True, exist_ok=True)
            folder.write_status(state=f"in W&B as {run.state}, without its outcome")
