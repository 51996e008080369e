"""The run folder: what an arm has done so far, each part written whole or not at all."""

import fcntl
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ablate.errors import Busy
from ablate.record.files import (  # noqa: F401
    now,
    read_json,
    read_rows,
    remove,
    whole,
    write_json,
    write_rows,
    write_table,
    write_text,
)
from ablate.record.provenance import versions


@dataclass(frozen=True)
class RunFolder:
    """One arm's folder. The folder is the truth; all else (W&B, tables) is made from it."""

    path: Path

    @property
    def config(self) -> Path:
        return self.path / "config.yaml"

    @property
    def status(self) -> Path:
        return self.path / "status.json"

    @property
    def job(self) -> Path:
        return self.path / "job.json"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def traces(self) -> Path:
        """A folder of Parquet shards."""
        return self.path / "traces"

    @property
    def axes(self) -> Path:
        """The arm's place on the common axes; `axes.parquet` has them trace by trace."""
        return self.path / "axes.json"

    @property
    def disruption(self) -> Path:
        return self.path / "axes.parquet"

    @property
    def rejected(self) -> Path:
        return self.path / "rejected.jsonl"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        return self.path / "model"

    @property
    def curve(self) -> Path:
        return self.path / "train.jsonl"

    @property
    def tokens(self) -> Path:
        return self.path / "tokens.json"

    @property
    def items(self) -> Path:
        return self.path / "items.parquet"

    @property
    def samples(self) -> Path:
        return self.path / "samples.jsonl.gz"

    @property
    def tracked(self) -> Path:
        return self.path / "wandb"

    def read_status(self) -> dict[str, Any]:
        """The last status, or an empty one."""
        found: dict[str, Any] = read_json(self.status) if self.status.is_file() else {}
        return found

    def write_status(self, **changes: Any) -> None:
        """Update the status; a reader never sees half of it."""
        write_json(self.status, {**self.read_status(), **changes})

    @contextmanager
    def locked(self, patient: bool) -> Iterator[None]:
        """Hold the folder alone, and clear away what a killed run left half-written.

        Raises:
            Busy: another process holds it, and `patient` does not wait for that one to end.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX if patient else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(f"{self.path}: another process is running this arm; wait for it, or stop it") from None
            for partial in self.path.rglob(".*.partial-*"):
                remove(partial)
            yield

    @contextmanager
    def arm(self, config: str) -> Iterator[None]:
        """Around all stages: writes the resolved config, then the end, or the traceback of the stage that failed or was interrupted.

        An arm that was asked to stop before its last stage is `stopped`, and not `done`.
        """
        write_text(self.config, config)
        self.write_status(state="running", started=now(), traceback=None, **versions())
        try:
            yield
        except BaseException as error:
            state = "failed" if isinstance(error, Exception) else "interrupted"
            self.write_status(state=state, ended=now(), traceback=traceback.format_exc())
            raise
        complete = (self.tracked / "complete").is_file()
        self.write_status(state="done" if complete else "stopped", stage=None, ended=now())

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Around one stage: records its name and, when it ends well, its seconds."""
        self.write_status(stage=name)
        started = time.monotonic()
        yield
        seconds = {**self.read_status().get("seconds", {}), name: round(time.monotonic() - started, 2)}
        self.write_status(seconds=seconds)
