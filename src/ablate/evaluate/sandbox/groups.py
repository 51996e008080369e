"""Control groups, of either version: where this process may make them, and one of a sandbox."""

import os
import re
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from secrets import token_hex

from ablate.evaluate.sandbox.execution import Limits

_NAME = re.compile(r"ablate-(\d+)-[0-9a-f]+")


@dataclass(frozen=True)
class Files:
    """What a version calls its files; `cpu_unit` is how many of its units of the processor's time make a second."""

    memory: str
    swap: str
    killed: str
    cpu: str
    cpu_unit: float


FILES = {
    "cgroup v1": Files("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.oom_control", "cpuacct.usage", 1e9),
    "cgroup v2": Files("memory.max", "memory.swap.max", "memory.events", "cpu.stat", 1e6),
}


@dataclass(frozen=True)
class Hierarchy:
    """Where groups are made: a folder for each controller (memory, pids, cpuacct), or for all of them one."""

    version: str
    parents: dict[str, Path]


@cache
def hierarchy(version: str) -> Hierarchy | None:
    """Where this process may make groups, below its own or, in the second version, next to it: what holds it, holds them.

    Args:
        version: `cgroup v1` or `cgroup v2`.
    """
    mounts = Path("/proc/self/mountinfo").read_text()
    own = Path("/proc/self/cgroup").read_text()
    return first_version(mounts, own) if version == "cgroup v1" else second_version(mounts, own)


def first_version(mounts: str, own: str) -> Hierarchy | None:
    """Folders of the first version; None where a controller is missing.

    Args:
        mounts: `/proc/self/mountinfo`.
        own: `/proc/self/cgroup`.
    """
    parents = {}
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(maxsplit=2)
        if kind == "cgroup":
            for controller in {"memory", "pids", "cpuacct"} & set(options.split(",")):
                path = next((path for _, names, path in _own(own) if controller in names.split(",")), None)
                if path is not None:
                    parents[controller] = _folder(before, path)
    found = Hierarchy("cgroup v1", parents)
    return found if len(parents) == 3 and all(map(_may_be_written, parents.values())) else None


def second_version(mounts: str, own: str) -> Hierarchy | None:
    """The nearest folder of the second version in which groups are given memory and processes; None where there is none.

    A group that holds processes gives its controllers to none below it, so it is seldom one's own.

    Args:
        mounts: `/proc/self/mountinfo`.
        own: `/proc/self/cgroup`.
    """
    path = next((path for number, _, path in _own(own) if number == "0"), None)
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup2 ") and path is not None:
            root, folder = Path(before.split()[4]), _folder(before, path)
            for place in (folder, *folder.parents):
                with suppress(OSError):
                    given = set((place / "cgroup.subtree_control").read_text().split())
                    if {"memory", "pids"} <= given and _may_be_written(place):
                        return Hierarchy("cgroup v2", dict.fromkeys(("memory", "pids", "cpuacct"), place))
                if place == root:
                    break
    return None


def can_be_entered(found: Hierarchy) -> bool:
    """Whether a process really gets into a group that is made there; groups that processes which are no more left there are removed.

    Args:
        found: where groups are made.
    """
    _swept(found)
    try:
        made = Made(found, Limits())
    except OSError:
        return False
    try:
        words = ["/bin/sh", "-c", enter(made.entering()) + "true"]
        return subprocess.run(words, env={}, capture_output=True).returncode == 0
    finally:
        made.remove()


def enter(files: list[Path]) -> str:
    """The beginning of a line of a shell that enters groups, and ends where it can't.

    Args:
        files: as `Made.entering` has them.
    """
    return "".join(f"echo 0 > '{file}' || exit 125; " for file in files)


class Made:
    """A group of one sandbox, held in memory and processes."""

    def __init__(self, found: Hierarchy, limits: Limits) -> None:
        """Make it.

        Args:
            found: where.
            limits: what it holds.

        Raises:
            OSError: it can't be made here.
        """
        name = f"ablate-{os.getpid()}-{token_hex(6)}"
        self._files = FILES[found.version]
        self._folders = {controller: parent / name for controller, parent in found.parents.items()}
        try:
            for folder in dict.fromkeys(self._folders.values()):
                folder.mkdir()
            memory = self._folders["memory"]
            (memory / self._files.memory).write_text(str(limits.memory))
            with suppress(OSError):  # where the kernel counts no swap
                (memory / self._files.swap).write_text("0" if found.version == "cgroup v2" else str(limits.memory))
            # Bubblewrap itself, outside, is one more.
            (self._folders["pids"] / "pids.max").write_text(str(limits.processes + 1))
        except OSError:
            self.remove()
            raise

    def entering(self) -> list[Path]:
        """Files into which a process writes 0 to get in."""
        return [folder / "cgroup.procs" for folder in dict.fromkeys(self._folders.values())]

    def cpu_seconds(self) -> float:
        """Of the processor, that all in it took."""
        text = (self._folders["cpuacct"] / self._files.cpu).read_text()
        return (int(text) if text.strip().isdigit() else _count(text, "usage_usec")) / self._files.cpu_unit

    def killed_for_memory(self) -> int:
        """How many processes the kernel killed for want of memory."""
        return _count((self._folders["memory"] / self._files.killed).read_text(), "oom_kill")

    def remove(self) -> None:
        """End what is in it, and remove it; that takes a moment after its processes have ended."""
        for folder in dict.fromkeys(self._folders.values()):
            until = time.monotonic() + 10
            while True:
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    if time.monotonic() > until:
                        raise
                    for number in (folder / "cgroup.procs").read_text().split():
                        with suppress(ProcessLookupError):
                            os.kill(int(number), 9)
                    time.sleep(0.001)


def left_by(process: int | None = None) -> list[Path]:
    """Groups that a process made and that are still there.

    Args:
        process: its number; None: of any that is no more.
    """
    places = {parent for version in FILES for found in [hierarchy(version)] if found for parent in found.parents.values()}
    named = [(folder, int(match[1])) for place in places for folder in place.iterdir() if (match := _NAME.fullmatch(folder.name))]
    return [folder for folder, maker in named if (maker == process if process else not Path(f"/proc/{maker}").exists())]


def _swept(found: Hierarchy) -> None:
    for folder in left_by():
        if folder.parent in found.parents.values():
            with suppress(OSError):
                folder.rmdir()


def _own(text: str) -> list[tuple[str, str, str]]:
    """Of each hierarchy its number, its controllers and the path of this process's group."""
    return [(number, names, path) for number, names, path in (line.split(":", 2) for line in text.splitlines())]


def _folder(mount: str, path: str) -> Path:
    """The folder of a group's path, below the mount that shows it."""
    shown, place = mount.split()[3:5]
    return Path(place) / os.path.relpath(path, shown) if path.startswith(shown) else Path(place)


def _may_be_written(folder: Path) -> bool:
    return os.access(folder, os.W_OK)


def _count(text: str, name: str) -> int:
    """A counter among lines of names and numbers; 0 where the kernel keeps none of that name."""
    lines = (line.split() for line in text.splitlines())
    return next((int(words[1]) for words in lines if words[0] == name), 0)
