"""What a sandbox is asked, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ablate.errors import UserError

MIB = 2**20


class NoSandbox(UserError):
    """There is no sandbox on this machine that passes its own test, so nothing is run."""


class SandboxFailed(Exception):
    """The sandbox itself failed; what ran in it is neither right nor wrong."""


@dataclass(frozen=True)
class Limits:
    """Of everything in one sandbox together: seconds of the processor and of the clock, bytes of memory, of files and of output, processes.

    The processor's time decides, so that a busy machine fails nothing; the clock's is for what sleeps. In a session both are those of one
    answer.
    """

    cpu_seconds: float = 10.0
    seconds: float = 100.0
    memory: int = 1024 * MIB
    disk: int = 64 * MIB
    files: int = 10_000
    output: int = 8 * MIB
    processes: int = 32


@dataclass(frozen=True)
class Execution:
    """What came out, and the processor's seconds it took. `ended` is `itself`, or the limit that ended it: `time`, `memory`, `output`,
    `files`; or `killed`, where a session was closed."""

    stdout: bytes
    stderr: bytes
    exit_code: int | None
    ended: str
    cpu_seconds: float = 0.0


class Session(Protocol):
    """A sandbox that is talked to, line by line."""

    def ask(self, line: bytes) -> bytes | None:
        """Write a line (none where it is empty), and wait for one; None where it ended without one."""

    def cpu_seconds(self) -> float:
        """Of the processor, so far."""

    def close(self) -> Execution:
        """End it; what else came out of it."""


class Sandbox(Protocol):
    """Where code is run."""

    @property
    def python(self) -> str:
        """The interpreter inside, as a command has it."""

    def run(self, files: Mapping[str, bytes], command: Sequence[str], stdin: bytes, limits: Limits) -> Execution:
        """Run a command on files to its end, or to a limit."""

    def session(self, files: Mapping[str, bytes], command: Sequence[str], limits: Limits) -> Session:
        """Start a command on files, to talk to it."""

    def describe(self) -> dict[str, str]:
        """What belongs in a provenance: how code is held, and how its limits are."""
