"""Keeping what runs in a sandbox within its limits: by a control group where one can be made, else by watching."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from ablate.evaluate.sandbox import groups
from ablate.evaluate.sandbox.execution import Limits, SandboxFailed

OFTEN = 0.02
"""Seconds between two looks."""
_TICKS, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


class Meter(Protocol):
    """Of one sandbox."""

    def entering(self) -> list[Path]:
        """Files into which a process writes its number to be held."""

    def cpu_seconds(self, process: int) -> float:
        """Of the processor, that all in the sandbox took which was started as this process."""

    def over_memory(self, process: int) -> bool:
        """Whether all in it together took more memory than they may."""

    def close(self) -> None:
        """Leave nothing behind."""


def kind() -> str:
    """How limits can be held on this machine: `cgroup v2`, `cgroup v1`, or `watchdog`."""
    for name in ("cgroup v2", "cgroup v1"):
        found = groups.hierarchy(name)
        if found and groups.can_be_entered(found):
            return name
    return "watchdog"


def meter(name: str, limits: Limits) -> Meter:
    """A meter for one sandbox.

    Args:
        name: as `kind` has it.
        limits: what it holds.

    Raises:
        SandboxFailed: the group can't be made.
    """
    if name == "watchdog":
        return Watchdog(limits)
    found = groups.hierarchy(name)
    if found is None:
        raise SandboxFailed(f"this machine has no {name} in which groups can be made")
    try:
        return Group(groups.Made(found, limits))
    except OSError as error:
        raise SandboxFailed(f"no group can be made: {error}") from error


class Group:
    """A control group: the kernel counts, and holds memory and processes by itself."""

    def __init__(self, made: "groups.Made") -> None:
        self._made = made

    def entering(self) -> list[Path]:
        return self._made.entering()

    def cpu_seconds(self, process: int) -> float:
        return self._made.cpu_seconds()

    def over_memory(self, process: int) -> bool:
        return self._made.killed_for_memory() > 0

    def close(self) -> None:
        try:
            self._made.remove()
        except OSError as error:
            raise SandboxFailed(f"a group can't be removed: {error}") from error


class Watchdog:
    """Looks at all processes of a sandbox again and again; each alone is held by limits of its own besides."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._used = limits, 0.0

    def entering(self) -> list[Path]:
        return []

    def cpu_seconds(self, process: int) -> float:
        # A process that was waited for is counted with who waited; the sum falls when nobody did.
        self._used = max(self._used, sum(map(_cpu_seconds, family(process))))
        return self._used

    def over_memory(self, process: int) -> bool:
        # What processes share counts once for each in the quick sum, so the slow one decides.
        limit, found = self._limits.memory, family(process)
        return sum(map(_resident, found)) > limit and sum(map(_proportional, found)) > limit

    def close(self) -> None:
        pass


def family(process: int) -> list[int]:
    """A process and all that came of it. In a sandbox's own namespace an orphan comes to its first process, so none is missed."""
    found, at = [process], 0
    while at < len(found):
        with suppress(OSError):
            for thread in os.listdir(f"/proc/{found[at]}/task"):
                with suppress(OSError):
                    found += map(int, Path(f"/proc/{found[at]}/task/{thread}/children").read_text().split())
        at += 1
    return found


def over_files(first: int, limits: Limits) -> bool:
    """Whether `/tmp` holds too many files: a sized tmpfs still takes millions of empty ones, which hold memory of the kernel's.

    Args:
        first: the first process inside, by its number outside.
        limits: of the sandbox.
    """
    try:
        known = os.statvfs(Path("/proc", str(first), "root", "tmp"))
    except OSError:
        return False
    if known.f_blocks * known.f_frsize > limits.disk + _PAGE:  # the machine's own: the sandbox's is not mounted yet
        return False
    return known.f_files - known.f_ffree > limits.files


def _cpu_seconds(process: int) -> float:
    """Its own, and that of children it has waited for."""
    with suppress(OSError):
        words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, words[11:15])) / _TICKS
    return 0.0


def _resident(process: int) -> int:
    """Bytes of memory, all of what it shares with others included."""
    with suppress(OSError):
        words = Path(f"/proc/{process}/statm").read_text().split()
        return int(words[1]) * _PAGE
    return 0


def _proportional(process: int) -> int:
    """Bytes of memory, its part of what it shares with others."""
    with suppress(OSError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return _resident(process)
