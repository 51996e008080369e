"""A command under watch, with children of its own that do not want to die."""

import subprocess
import sys

import psutil
import pytest

from ablate.generate.engines import watched

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
STUBBORN = f"""
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", {DEAF!r}])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
QUICK = "import sys; sys.exit(7)"


def started(source):
    script = f"""
import sys
from ablate.generate.engines import watched
watched.GRACE = 0.3
sys.exit(watched.main([sys.executable, "-c", {source!r}]))
"""
    return subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def gone(processes):
    _, alive = psutil.wait_procs(processes, timeout=60)
    return not alive


@pytest.mark.parametrize("how", ["its starter closes", "its starter dies", "its command is killed", "it is asked to end"])
def test_however_it_ends_no_process_is_left(how):
    process = started(STUBBORN)
    lines = [process.stdout.readline() for _ in range(2)]
    numbers = next(line for line in lines if "ready" not in line).split()
    processes = [psutil.Process(int(number)) for number in numbers]
    match how:
        case "its starter closes" | "its starter dies":  # the pipe is closed by either
            process.stdin.close()
        case "its command is killed":
            processes[0].kill()
        case "it is asked to end":
            process.terminate()
    assert gone(processes)
    process.wait(60)
    process.stdout.close()


def test_it_ends_as_its_command_does():
    process = started(QUICK)
    assert process.wait(60) == 7
    process.stdin.close()
    process.stdout.close()


def test_it_needs_no_package():
    command = [sys.executable, "-I", "-S", watched.__file__, sys.executable, "-c", "import sys; sys.exit(3)"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert process.wait(60) == 3
    process.stdin.close()
