"""Runs a command, and ends it with all its processes when it ends, or when whoever started this is no more.

A script of its own, of the standard library alone: `python watched.py COMMAND…`, with a pipe as its standard input, which closes when the
other end dies, however it dies. A server's own processes outlive it otherwise, with all their memory.
"""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

GRACE = 10.0
"""Seconds to end by itself after being asked."""


def main(command: list[str]) -> int:
    """Run the command; its exit code, or 143 where it was ended."""
    os.setsid()
    # Slurm tells every process of a job that its time is nearly over; whoever started this hears it, and decides.
    for name in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(name, signal.SIG_IGN)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(_end(child)))
    while child.poll() is None:
        readable, _, _ = select.select([sys.stdin], [], [], 0.2)
        if readable and not os.read(sys.stdin.fileno(), 1):
            return _end(child)
    _end(child)
    return child.returncode


def _end(child: "subprocess.Popen[bytes]") -> int:
    """Ask the whole group to end, then make it."""
    until = time.monotonic() + GRACE
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
        while time.monotonic() < until:
            child.poll()  # so that a dead leader does not count
            os.killpg(child.pid, 0)
            time.sleep(0.1)
        os.killpg(child.pid, signal.SIGKILL)
    return 143


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
