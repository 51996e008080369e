"""Where an arm, an untrained student and their scores stand below `runs/`. The folder is the truth, from which all else is made."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ablate.record.files import now, read_json, write_json

ARMS, STUDENTS, CORPORA = "arms", "students", "corpora"
"""The folders below `runs/` that belong to no study."""
HASHES = ".hashes"
"""The folder below `runs/` in which hashes of large files are remembered."""
PROVENANCE = "provenance.json"
"""What made the result that it stands beside."""


@dataclass(frozen=True)
class ScoresFolder:
    """A task's scores with one way of sampling."""

    path: Path

    @property
    def items(self) -> Path:
        """One row per item and sample."""
        return self.path / "items.parquet"

    @property
    def samples(self) -> Path:
        """Every answer in full."""
        return self.path / "samples.jsonl.gz"

    @property
    def provenance(self) -> Path:
        return self.path / PROVENANCE

    @property
    def coming(self) -> Path:
        """Answers as they come, until all that was asked for are there."""
        return self.path.with_name(f"{self.path.name}.answers.jsonl")


@dataclass(frozen=True)
class AxesFolder:
    """An arm's place on the common axes, measured with one setting."""

    path: Path

    @property
    def means(self) -> Path:
        """Over the traces."""
        return self.path / "axes.json"

    @property
    def traces(self) -> Path:
        """One row per trace."""
        return self.path / "axes.parquet"

    @property
    def provenance(self) -> Path:
        return self.path / PROVENANCE


@dataclass(frozen=True)
class StudentFolder:
    """What belongs to a student that was not trained: its scores, and what it makes of responses."""

    path: Path

    @property
    def scores(self) -> Path:
        """A folder of `ScoresFolder`s."""
        return self.path / "scores"

    @property
    def surprisal(self) -> Path:
        """The surprisal of responses that it has read."""
        return self.path / "surprisal"


@dataclass(frozen=True)
class ArmFolder:
    """A trained student, and all that was scored and measured of it."""

    path: Path

    @property
    def card(self) -> Path:
        """What the arm is; written once."""
        return self.path / "arm.json"

    @property
    def config(self) -> Path:
        """The resolved config of the run that trained it."""
        return self.path / "config.yaml"

    @property
    def status(self) -> Path:
        """How the last run that had something to do went."""
        return self.path / "status.json"

    @property
    def job(self) -> Path:
        """The Slurm job it was last submitted as."""
        return self.path / "job.json"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def traces(self) -> Path:
        """A folder of Parquet shards."""
        return self.path / "traces"

    @property
    def rejected(self) -> Path:
        """Rows of the corpus that could not be used, with the reasons."""
        return self.path / "rejected.jsonl"

    @property
    def axes(self) -> Path:
        """A folder of `AxesFolder`s."""
        return self.path / "axes"

    @property
    def checkpoints(self) -> Path:
        """What a training that was interrupted goes on from."""
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        """An adapter or all weights, with the tokenizer."""
        return self.path / "model"

    @property
    def curve(self) -> Path:
        """Loss and learning rate by step."""
        return self.path / "train.jsonl"

    @property
    def tokens(self) -> Path:
        """What the training data comes to."""
        return self.path / "tokens.json"

    @property
    def scores(self) -> Path:
        """A folder of `ScoresFolder`s."""
        return self.path / "scores"

    @property
    def tracked(self) -> Path:
        """W&B's files."""
        return self.path / "wandb"

    def read_status(self) -> dict[str, Any]:
        """The last status, or an empty one."""
        status: dict[str, Any] = read_json(self.status) if self.status.is_file() else {}
        return status

    def write_status(self, **changes: Any) -> None:
        """Update the status; a reader never sees half of it."""
        write_json(self.status, {**self.read_status(), **changes})

    @contextmanager
    def running(self) -> Iterator[None]:
        """Around a run: notes its end, or the traceback of the stage that failed or was interrupted."""
        self.write_status(state="running", started=now(), traceback=None)
        try:
            yield
        except BaseException as error:
            state = "failed" if isinstance(error, Exception) else "interrupted"
            self.write_status(state=state, ended=now(), traceback=traceback.format_exc())
            raise
