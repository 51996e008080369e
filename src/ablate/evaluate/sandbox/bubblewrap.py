"""Running code in bubblewrap: namespaces of its own, nothing of the machine but its programs, read-only, and no rights."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ablate.evaluate.sandbox import groups, meters, seccomp
from ablate.evaluate.sandbox.execution import Execution, Limits, NoSandbox, SandboxFailed
from ablate.evaluate.sandbox.programs import Programs, as_nobody, found
from ablate.evaluate.sandbox.running import Running, in_memory, in_memory_all

_LINKS = ("bin", "sbin", "lib", "lib64")
_OPEN_FILES = 256


@dataclass(frozen=True)
class Bubblewrap:
    """`programs` are bubblewrap and the interpreter inside, `limits_by` says how limits are held."""

    programs: Programs
    limits_by: str

    @property
    def python(self) -> str:
        """The interpreter inside."""
        return self.programs.python

    def describe(self) -> dict[str, str]:
        """For a provenance."""
        return {"sandbox": self.programs.version, "limits": self.limits_by, "python": self.programs.python_version}

    def run(self, files: Mapping[str, bytes], command: Sequence[str], stdin: bytes, limits: Limits) -> Execution:
        """Run a command on files to its end, or to a limit.

        Args:
            files: by their names in `/tmp`, where the command starts.
            command: absolute path and arguments.
            stdin: what it reads.
            limits: of all that it starts.

        Raises:
            SandboxFailed: the sandbox itself did not start.
        """
        given = in_memory(stdin)
        try:
            running = self._start(files, command, limits, given)
        finally:
            os.close(given)
        return running.finish()

    def session(self, files: Mapping[str, bytes], command: Sequence[str], limits: Limits) -> Running:
        """Start a command on files, to talk to it; arguments as of `run`."""
        return self._start(files, command, limits, subprocess.PIPE)

    def _start(self, files: Mapping[str, bytes], command: Sequence[str], limits: Limits, stdin: int) -> Running:
        meter = meters.meter(self.limits_by, limits)
        placed, filtered, status = in_memory_all(files), in_memory(seccomp.program() or b""), os.pipe()
        given = [*placed.values(), filtered]
        try:
            inside = [*_bounded(limits), *command]
            words = [self.programs.bubblewrap, *self.arguments(placed, limits, filtered, status[1]), "--", *inside]
            entered = groups.enter(meter.entering()) + 'unset PWD; exec "$@"'
            return Running(["/bin/sh", "-c", entered, "sh", *as_nobody(), *words], given, status, stdin, limits, meter)
        finally:
            for number in given:
                os.close(number)

    def arguments(self, files: Mapping[str, int], limits: Limits, rules: int, status: int) -> list[str]:
        """Those of bubblewrap.

        Args:
            files: descriptors of contents, by name.
            limits: of which the size of `/tmp` is given here.
            rules: a descriptor of the filter of system calls.
            status: a descriptor that is told of the first process inside, and of its end.
        """
        apart = [f"--unshare-{name}" for name in ("user", "ipc", "pid", "net", "uts", "cgroup")]
        nobody = ["--uid", str(65534), "--gid", str(65534), "--hostname", "sandbox"]
        # The command is the first process inside, so that its end is the end of all, and bubblewrap's comes after.
        held = ["--disable-userns", "--cap-drop", "ALL", "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"]
        root = ["--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
        for name in _LINKS:
            if Path("/", name).is_symlink():
                root += ["--symlink", f"usr/{name}", f"/{name}"]
            elif Path("/", name).is_dir():
                root += ["--ro-bind", f"/{name}", f"/{name}"]
        root += [word for folder in self.programs.beside for word in ("--ro-bind", folder, folder)]
        devices = [word for name in ("null", "urandom", "random") for word in ("--dev-bind", f"/dev/{name}", f"/dev/{name}")]
        own = ["--proc", "/proc", *devices, "--size", str(limits.disk), "--tmpfs", "/tmp"]
        placed = [word for name, number in files.items() for word in ("--file", str(number), f"/tmp/{name}")]
        closed = ["--remount-ro", "/", "--chdir", "/tmp", "--seccomp", str(rules), "--json-status-fd", str(status)]
        return [*apart, *nobody, *held, *root, *own, *placed, *closed]


def _bounded(limits: Limits) -> list[str]:
    """What bounds each process and empties its environment. It runs inside, where a count of processes is the sandbox's own."""
    bounds = {
        "nproc": limits.processes,
        "as": 2 * limits.memory,  # a reservation is not memory: the group's limit counts that
        "core": 0,
        "fsize": limits.disk,
        "nofile": _OPEN_FILES,
        "memlock": 0,
        "msgqueue": 0,
    }
    return ["/usr/bin/env", "-i", "/usr/bin/prlimit", *(f"--{name}={bound}" for name, bound in bounds.items())]


@cache
def open_sandbox(limits_by: str | None = None) -> Bubblewrap:
    """The machine's sandbox, after it has passed its own test.

    Args:
        limits_by: `cgroup v2`, `cgroup v1` or `watchdog`; None: the first of them that can be had.

    Raises:
        NoSandbox: there is none, or it does not hold; the message says why, and what to do.
    """
    from ablate.evaluate.sandbox.self_test import failures

    sandbox = Bubblewrap(found(), limits_by or meters.kind())
    if seccomp.program() is None:
        raise NoSandbox("code is run on x86_64 and aarch64 only, whose system calls are known here; judge the kept answers on one of them")
    try:
        failed = failures(sandbox)
    except SandboxFailed as error:
        failed = [str(error)]
    if failed:
        raise NoSandbox(f"the sandbox does not hold here ({'; '.join(failed)}), so no code is run. {_advice()}")
    return sandbox


def _advice() -> str:
    """What to type where user namespaces are closed, which is why a sandbox mostly fails."""
    settings = {
        "kernel/apparmor_restrict_unprivileged_userns": ("1", "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"),
        "kernel/unprivileged_userns_clone": ("0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        "user/max_user_namespaces": ("0", "sysctl -w user.max_user_namespaces=10000"),
    }
    for name, (closed, typed) in settings.items():
        file = Path("/proc/sys", name)
        if file.is_file() and file.read_text().strip() == closed:
            return f"User namespaces are closed; root opens them by: {typed}"
    return "In Docker user namespaces are open with --security-opt seccomp=unconfined; or judge the kept answers on another machine"
