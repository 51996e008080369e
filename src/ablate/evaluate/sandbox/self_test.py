"""Whether a sandbox holds on this machine: what must not work is tried for real, against things of this machine that are really there."""

import json
import os
import socket
import tempfile
from pathlib import Path

from ablate.evaluate.sandbox.execution import MIB, Limits, Sandbox

REACHED = """
import json, os, socket, sys
there = json.load(sys.stdin)
reached = []
def tried(name, action):
    try:
        if action() is not False:
            reached.append(name)
    except OSError:
        pass
def status(name):
    return next(line.split()[1] for line in open("/proc/self/status") if line.startswith(name + ":"))
def write(place):
    with open(place + "/ablate-was-here", "w") as file:
        file.write("x")
def seen(process):
    try:
        os.kill(process, 0)
    except PermissionError:
        pass
tried("the network", lambda: socket.create_connection(("127.0.0.1", there["port"]), 1))
tried("other interfaces", lambda: any(name != "lo" for _, name in socket.if_nameindex()))
tried("a folder of this machine", lambda: os.listdir(there["folder"]))
for place in (there["folder"], "/", "/usr", "/dev", "/proc/sys/kernel"):
    tried("writing " + place, lambda: write(place))
tried("/etc/passwd", lambda: open("/etc/passwd"))
tried("/root", lambda: os.stat("/root"))
tried("/home", lambda: os.stat("/home"))
tried("the environment", lambda: open("/proc/1/environ").read() != "")
tried("other processes", lambda: seen(there["process"]))
tried("the list of processes", lambda: [name for name in os.listdir("/proc") if name.isdigit()] != ["1"])
tried("root", lambda: os.getuid() == 0 or os.setuid(0))
tried("capabilities", lambda: int(status("CapEff"), 16) != 0 or int(status("CapBnd"), 16) != 0)
tried("new rights", lambda: status("NoNewPrivs") != "1")
tried("all system calls", lambda: status("Seccomp") != "2")
print(",".join(reached) or "nothing")
"""
# Each alone takes less than is allowed, so only a limit of all together ends them.
TOGETHER = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(80 << 20)
        held[::4096] = bytes(b"x" * len(held[::4096]))
        os.write(1, b"h")
        time.sleep(0.3)
        os._exit(0)
for _ in range(4):
    os.wait()
"""
FORKS = """
import os, time
count = 0
try:
    for count in range(200):
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
except OSError:
    pass
print(count, flush=True)
os._exit(0)
"""
_PROCESSES = 16


def failures(sandbox: Sandbox) -> list[str]:
    """What does not hold, in a few words each; nothing where all does.

    Args:
        sandbox: to be tested.

    Raises:
        SandboxFailed: it does not even start.
    """
    return [*_reached(sandbox), *_unbounded(sandbox)]


def _reached(sandbox: Sandbox) -> list[str]:
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.TemporaryDirectory(prefix="ablate-sandbox-") as folder:
        Path(folder).chmod(0o777)
        there = {"port": server.getsockname()[1], "folder": folder, "process": os.getpid()}
        ran = sandbox.run({}, [sandbox.python, "-I", "-c", REACHED], json.dumps(there).encode(), Limits())
        said = ran.stdout.decode(errors="replace").strip()
        written = ["it writes what is outside"] if list(Path(folder).iterdir()) else []
    if said == "nothing":
        return written
    if ran.exit_code != 0:
        return [f"it runs nothing: {(ran.stderr or ran.ended.encode()).decode(errors='replace').strip()[-200:]}", *written]
    return [f"code reaches {said}", *written]


def _unbounded(sandbox: Sandbox) -> list[str]:
    together = sandbox.run({}, [sandbox.python, "-I", "-c", TOGETHER], b"", Limits(memory=200 * MIB))
    forks = sandbox.run({}, [sandbox.python, "-I", "-c", FORKS], b"", Limits(processes=_PROCESSES)).stdout.strip()
    failed = [] if together.ended == "memory" else ["memory is not bounded"]
    return failed if forks.isdigit() and int(forks) < _PROCESSES else [*failed, "processes are not bounded"]
