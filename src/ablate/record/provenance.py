"""What made a result: its settings and inputs, versions of the packages that matter, and the commit of the code."""

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ablate import __version__
from ablate.record import keys
from ablate.record.files import now

COMMIT = "COMMIT"
"""The file in which a copy of the code, which is no repository, says from which commit it was taken."""
PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "deepspeed", "lm-eval", "hydra-core", "numpy")


@cache
def versions() -> dict[str, object]:
    """`versions` by package and the git `commit` ablate runs from, or None outside a repository."""
    found: dict[str, str] = {"ablate": __version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return {"versions": found, "commit": commit()}


def commit() -> str | None:
    """The commit of the code that runs, `-dirty` where it was changed since; None outside a repository."""
    copied = Path(__file__).parents[2] / COMMIT
    if copied.is_file():
        return copied.read_text(encoding="utf-8") or None
    root = Path(__file__).parents[3]
    if not (root / ".git").exists():  # installed from a wheel, perhaps inside another project's repository
        return None
    try:
        asked = subprocess.run(
            ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.strip()


@dataclass(frozen=True)
class Making:
    """A result that is being made: by which stage and version, from which settings and inputs, under which key, and since when."""

    stage: str
    version: int
    settings: Mapping[str, Any]
    inputs: Mapping[str, str]
    started: str = field(default_factory=now)
    clock: float = field(default_factory=time.monotonic)

    @property
    def key(self) -> str:
        return keys.key(self.stage, self.version, self.settings, self.inputs)

    def provenance(self, **more: Any) -> dict[str, Any]:
        """What is written beside the result, once: the making, and with what it was made."""
        made = {"stage": self.stage, "key": self.key, "version": self.version, "settings": dict(self.settings), "inputs": dict(self.inputs)}
        return {**made, **more, **versions(), "started": self.started, "ended": now(), "seconds": round(time.monotonic() - self.clock, 2)}
