"""The folder through which an arm and the processes that train for it know of each other."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.config import Config, as_yaml, read
from ablate.console.progress import Log, Progress
from ablate.train.strategy import Ran

if TYPE_CHECKING:
    from datasets import Dataset


@dataclass(frozen=True)
class JobFolder:
    """One folder, on a disk that every node sees: what to do goes one way, progress and result come back."""

    path: Path

    def give(self, job: str, rows: "Dataset", config: Config, processes: int, checkpoints: Path, model_out: Path) -> None:
        """All that a process needs; the job's name comes last, so that where it is the rest is too."""
        self.path.mkdir(parents=True)
        (self.path / "config.yaml").write_text(as_yaml(config), encoding="utf-8")
        rows.save_to_disk(str(self.path / "rows"))
        self._write("job", {"job": job, "processes": processes, "checkpoints": str(checkpoints), "model_out": str(model_out)})

    def take(self) -> "tuple[Dataset, Config, int, Path, Path]":
        """What `give` gave, without the job."""
        from datasets import Dataset
        from omegaconf import OmegaConf

        config = read(OmegaConf.merge(OmegaConf.structured(Config), OmegaConf.load(self.path / "config.yaml")))
        rows, job = Dataset.load_from_disk(str(self.path / "rows")), self._read("job")
        return rows, config, job["processes"], Path(job["checkpoints"]), Path(job["model_out"])

    def job(self) -> str | None:
        """For which job the folder is meant, once it is there and whole."""
        found = self._read("job")
        return found["job"] if found else None

    def tell(self, done: int, total: int) -> None:
        self._write("progress", [done, total])

    def log(self, values: Mapping[str, float]) -> None:
        """What the trainer measured at a step."""
        with (self.path / "log.jsonl").open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(dict(values)) + "\n")

    def pass_on(self, progress: Progress, log: Log, passed: int) -> int:
        """Tell `progress` what was told last, and `log` all that was measured since `passed` lines; returns how many lines there are."""
        last = self._read("progress")
        if last:
            progress(*last)
        logged = self.path / "log.jsonl"
        lines = logged.read_text(encoding="utf-8").splitlines(keepends=True) if logged.is_file() else []
        measured = [line for line in lines if line.endswith("\n")]
        for line in measured[passed:]:
            log(json.loads(line))
        return len(measured)

    def finish(self, curve: list[dict[str, Any]], ran: Ran) -> None:
        self._write("trained", {"curve": curve, "ran": asdict(ran)})

    def result(self) -> tuple[list[dict[str, Any]], Ran]:
        trained = self._read("trained")
        return trained["curve"], Ran(**trained["ran"])

    def fail(self, node: int, failed: list[dict[str, Any]]) -> None:
        """Which ranks of a node failed, with their exit codes and what they said."""
        self._write(f"failed-{node}", failed)

    def failed(self) -> list[dict[str, Any]]:
        return [rank for path in sorted(self.path.glob("failed-*.json")) for rank in json.loads(path.read_text(encoding="utf-8"))]

    def give_up(self) -> None:
        """A node that lent its processes failed, which the arm, on another node, would not see."""
        self._write("given_up", True)

    def given_up(self) -> bool:
        return bool(self._read("given_up"))

    def _write(self, name: str, value: Any) -> None:
        """Whole or not at all."""
        partial = self.path / f".{name}.{os.getpid()}"
        partial.write_text(json.dumps(value), encoding="utf-8")
        partial.replace(self.path / f"{name}.json")

    def _read(self, name: str) -> Any:
        try:
            return json.loads((self.path / f"{name}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
