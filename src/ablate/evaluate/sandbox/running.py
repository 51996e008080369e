"""One command in a sandbox: started, fed, read, and held to its limits until its end."""

import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from ablate.evaluate.sandbox.execution import Execution, Limits, SandboxFailed
from ablate.evaluate.sandbox.meters import OFTEN, Meter, over_files

_CHUNK = 1 << 16


class Running:
    """A command that was started."""

    def __init__(
        self, words: Sequence[str], given: Sequence[int], status: tuple[int, int], stdin: int, limits: Limits, meter: Meter
    ) -> None:
        """Start it.

        Args:
            words: the whole command line, bubblewrap's part included.
            given: descriptors that bubblewrap reads.
            status: both ends of a pipe into which bubblewrap writes what becomes of it; closed here.
            stdin: a descriptor, or `subprocess.PIPE` for a session.
            limits: that it is held to.
            meter: by which; closed at the end.

        Raises:
            SandboxFailed: nothing can be started.
        """
        self._limits, self._meter = limits, meter
        self._ended, self._first, self._used = "itself", -1, 0.0
        self._begun, self._looked, self._used_before = time.monotonic(), 0.0, 0.0
        said, written = status
        try:
            self._process = subprocess.Popen(
                words,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env={},
                cwd="/",
                pass_fds=[*given, written],
                start_new_session=True,
            )
        except OSError as error:
            os.close(said)
            meter.close()
            raise SandboxFailed(f"the sandbox does not start: {error}") from error
        finally:
            os.close(written)
        self._status = said
        self._stdout, self._stderr = _descriptor(self._process.stdout), _descriptor(self._process.stderr)
        self._stdin = _descriptor(self._process.stdin) if stdin == subprocess.PIPE else -1
        self._kept = {self._stdout: bytearray(), self._stderr: bytearray(), self._status: bytearray()}
        self._to_write = b""
        self._selector = selectors.DefaultSelector()
        for descriptor in self._kept:
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ)
        if self._stdin >= 0:
            os.set_blocking(self._stdin, False)

    def ask(self, line: bytes) -> bytes | None:
        """Write a line (none where it is empty), and wait for one; None where it ended, or was ended, without one.

        Args:
            line: without its end. The limits of time begin anew with it.
        """
        self._count_from_here()
        if line and self._stdin >= 0:
            self._to_write = line + b"\n"
            self._selector.register(self._stdin, selectors.EVENT_WRITE)
        out, searched = self._kept[self._stdout], 0
        while (end := out.find(b"\n", searched)) < 0 and self._ended == "itself" and self._stdout in self._selector.get_map():
            searched = len(out)
            self._look()
        if end < 0 or self._ended != "itself":
            return None
        answer = bytes(out[:end])
        del out[: end + 1]
        return answer

    def cpu_seconds(self) -> float:
        """Of the processor, so far."""
        self._used = max(self._used, self._meter.cpu_seconds(self._process.pid))
        return self._used

    def close(self) -> Execution:
        """End it; what else came out of it."""
        if self._ended == "itself" and self._process.poll() is None:
            self._end("killed")
        return self.finish()

    def finish(self) -> Execution:
        """Wait for its end, or end it, and leave nothing of it.

        Raises:
            SandboxFailed: it never came to the command; something from outside ended it.
        """
        try:
            while self._selector.get_map() or self._process.poll() is None:
                self._look()
            self._process.wait()
            memory = self._meter.over_memory(self._process.pid)
            self._used = max(self._used, self._meter.cpu_seconds(self._process.pid))
        finally:
            self._kill()
            self._tidy()
        if self._ended == "itself" and memory:
            self._ended = "memory"
        if self._ended == "itself" and self._used - self._used_before > self._limits.cpu_seconds:
            self._ended = "time"
        out, error = bytes(self._kept[self._stdout]), bytes(self._kept[self._stderr])
        if self._ended != "itself":
            return Execution(out, error, None, self._ended, self._used)
        ended = re.search(rb'"exit-code": (\d+)', self._kept[self._status])
        if ended is None:
            why = error.decode(errors="replace").strip()[-300:] or "it was ended from outside"
            raise SandboxFailed(f"the sandbox does not start: {why}")
        return Execution(out, error, int(ended[1]), "itself", self._used)

    def _look(self) -> None:
        """Read and write what can be, and see that no limit is broken."""
        for key, _ in self._selector.select(OFTEN):
            if key.fd == self._stdin:
                self._write()
            else:
                self._read(key.fd)
        if not self._selector.get_map() and self._process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(OFTEN)
        now = time.monotonic()
        if self._ended == "itself" and now - self._looked > OFTEN:
            self._looked = now
            broken = self._broken(now)
            if broken:
                self._end(broken)

    def _broken(self, now: float) -> str | None:
        if now - self._begun > self._limits.seconds or self.cpu_seconds() - self._used_before > self._limits.cpu_seconds:
            return "time"
        if self._meter.over_memory(self._process.pid):
            return "memory"
        number = self._number_inside()
        return "files" if number and over_files(number, self._limits) else None

    def _read(self, descriptor: int) -> None:
        data = os.read(descriptor, _CHUNK)
        kept = self._kept[descriptor]
        if not data:
            self._selector.unregister(descriptor)
        elif self._ended == "itself":
            kept += data
        if descriptor == self._status:
            number = self._number_inside()
            if number and self._first < 0:
                with suppress(OSError):
                    self._first = os.pidfd_open(number)
        elif len(kept) > self._limits.output and self._ended == "itself":
            del kept[self._limits.output :]
            self._end("output")

    def _write(self) -> None:
        try:
            self._to_write = self._to_write[os.write(self._stdin, self._to_write[:_CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:  # it reads no more
            self._to_write = b""
        if not self._to_write:
            self._selector.unregister(self._stdin)

    def _count_from_here(self) -> None:
        """The limits of time begin now."""
        self._begun, self._looked = time.monotonic(), 0.0
        self._used_before = self._used

    def _number_inside(self) -> int | None:
        """The first process inside, by its number outside; bubblewrap tells it as soon as there is one."""
        found = re.search(rb'"child-pid": (\d+)', self._kept[self._status])
        return int(found[1]) if found else None

    def _end(self, why: str) -> None:
        self._ended = why
        self._kill()

    def _kill(self) -> None:
        """The end of the first process inside is the end of all in it, and bubblewrap, outside, ends when all that is done."""
        if self._process.poll() is not None:
            return
        if self._first >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
        else:
            self._process.kill()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tidy(self) -> None:
        self._selector.close()
        for pipe in (self._process.stdout, self._process.stderr, self._process.stdin):
            if pipe:
                pipe.close()
        os.close(self._status)
        if self._first >= 0:
            os.close(self._first)
        self._meter.close()


def in_memory(content: bytes) -> int:
    """A descriptor of a file that is nowhere on disk, and that nobody can change.

    Args:
        content: of the file.
    """
    import fcntl

    number = os.memfd_create("file", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with os.fdopen(os.dup(number), "wb") as file:
        file.write(content)
    os.lseek(number, 0, os.SEEK_SET)
    fcntl.fcntl(number, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
    return number


def in_memory_all(contents: Mapping[str, bytes]) -> dict[str, int]:
    """A descriptor for each of several files, by their names.

    Args:
        contents: by name.
    """
    return {name: in_memory(content) for name, content in contents.items()}


def _descriptor(pipe: object) -> int:
    number: int = pipe.fileno()  # type: ignore[attr-defined]
    return number
