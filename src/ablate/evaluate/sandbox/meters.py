"""Keeping what runs in a sandbox within its limits: by a control group where one can be made, else by watching."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Protocol

import psutil

from ablate.evaluate.sandbox.execution import Limits, SandboxFailed

ROOT = Path("/sys/fs/cgroup")
OFTEN = 0.02
"""Seconds between two looks."""


class Meter(Protocol):
    """Of one sandbox."""

    def entering(self) -> list[Path]:
        """Files into which a process writes its number to be held."""

    def broken(self, process: int) -> str | None:
        """The limit that was broken, by what was started as this process; None while all is well."""

    def close(self) -> None:
        """Leave nothing behind."""


def kind() -> str:
    """How limits can be held on this machine: `cgroup v2`, `cgroup v1`, or `watchdog`."""
    for name, meter in (("cgroup v2", GroupV2), ("cgroup v1", GroupV1)):
        try:
            meter(Limits()).close()
            return name
        except OSError:
            continue
    return "watchdog"


def meter(name: str, limits: Limits) -> Meter:
    """A meter for one sandbox.

    Args:
        name: as `kind` has it.
        limits: what it holds.
    """
    made: dict[str, Callable[[Limits], Meter]] = {"cgroup v2": GroupV2, "cgroup v1": GroupV1, "watchdog": Watchdog}
    return made[name](limits)


class GroupV1:
    """Control groups of the first version: one of memory, one of processes, one that counts the processor's time."""

    def __init__(self, limits: Limits) -> None:
        self._limits, name = limits, f"ablate-{os.getpid()}-{token_hex(6)}"
        self._folders = {controller: ROOT / controller / name for controller in ("memory", "pids", "cpuacct")}
        try:
            for folder in self._folders.values():
                folder.mkdir()
            memory = self._folders["memory"]
            (memory / "memory.limit_in_bytes").write_text(str(limits.memory))
            with suppress(OSError):  # where the kernel counts no swap
                (memory / "memory.memsw.limit_in_bytes").write_text(str(limits.memory))
            (self._folders["pids"] / "pids.max").write_text(str(limits.processes))
        except OSError:
            self.close()
            raise

    def entering(self) -> list[Path]:
        return [folder / "cgroup.procs" for folder in self._folders.values()]

    def broken(self, process: int) -> str | None:
        used = int((self._folders["cpuacct"] / "cpuacct.usage").read_text()) / 1e9
        if used > self._limits.cpu_seconds:
            return "time"
        if _count(self._folders["memory"] / "memory.oom_control", "oom_kill"):
            return "memory"
        return _files(process, self._limits)

    def close(self) -> None:
        for folder in self._folders.values():
            _removed(folder)


class GroupV2:
    """A control group of the second version, of which this process may make one."""

    def __init__(self, limits: Limits) -> None:
        if not (ROOT / "cgroup.controllers").is_file():
            raise FileNotFoundError(ROOT / "cgroup.controllers")
        own = Path("/proc/self/cgroup").read_text().strip().rpartition("::")[2]
        self._limits, self._folder = limits, ROOT / own.strip("/") / f"ablate-{os.getpid()}-{token_hex(6)}"
        self._folder.mkdir()
        try:
            (self._folder / "memory.max").write_text(str(limits.memory))
            with suppress(OSError):  # where the kernel counts no swap
                (self._folder / "memory.swap.max").write_text("0")
            (self._folder / "pids.max").write_text(str(limits.processes))
        except OSError:
            self.close()
            raise

    def entering(self) -> list[Path]:
        return [self._folder / "cgroup.procs"]

    def broken(self, process: int) -> str | None:
        if _count(self._folder / "cpu.stat", "usage_usec") / 1e6 > self._limits.cpu_seconds:
            return "time"
        if _count(self._folder / "memory.events", "oom_kill"):
            return "memory"
        return _files(process, self._limits)

    def close(self) -> None:
        _removed(self._folder)


class Watchdog:
    """Looks at all processes of a sandbox again and again; each alone is held by limits of its own besides."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._ended: dict[int, float] = {}

    def entering(self) -> list[Path]:
        return []

    def broken(self, process: int) -> str | None:
        try:
            running = psutil.Process(process).children(recursive=True)
        except psutil.NoSuchProcess:
            return None
        memory = 0
        for one in running:
            with suppress(psutil.Error):
                with one.oneshot():
                    times = one.cpu_times()
                    memory += one.memory_info().rss
                self._ended[one.pid] = max(self._ended.get(one.pid, 0.0), times.user + times.system)
        if sum(self._ended.values()) > self._limits.cpu_seconds:
            return "time"
        if memory > self._limits.memory:
            return "memory"
        if len(running) > self._limits.processes + 4:  # the sandbox has a few of its own
            return "processes"
        return _files(process, self._limits)

    def close(self) -> None:
        pass


def _count(file: Path, name: str) -> int:
    """A counter in a file of names and numbers; 0 where the kernel keeps none of that name."""
    lines = (line.split() for line in file.read_text().splitlines())
    return next((int(words[1]) for words in lines if words[0] == name), 0)


def first_inside(process: int) -> psutil.Process | None:
    """The first process inside a sandbox, of bubblewrap's number outside; None where there is none yet, or no more."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        return psutil.Process(int(children[0])) if children else None
    except (OSError, psutil.NoSuchProcess):
        return None


def _files(process: int, limits: Limits) -> str | None:
    """A sized tmpfs still takes millions of empty files, which hold memory of the kernel's."""
    first = first_inside(process)
    try:
        known = os.statvfs(f"/proc/{first.pid}/root/tmp") if first else None
    except OSError:
        return None
    if known is None or known.f_blocks * known.f_frsize > limits.disk + 4096:  # the machine's own: the sandbox's is not mounted yet
        return None
    return "files" if known.f_files - known.f_ffree > limits.files else None


def _removed(folder: Path) -> None:
    """A group goes once its processes have."""
    for _ in range(500):
        try:
            folder.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            with suppress(OSError):
                for number in (folder / "cgroup.procs").read_text().split():
                    with suppress(ProcessLookupError):
                        os.kill(int(number), 9)
            time.sleep(0.01)
    raise SandboxFailed(f"{folder} can't be removed: a process in it does not end")
