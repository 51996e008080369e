"""Whether a sandbox holds on this machine: a few things that must not work, tried for real."""

from ablate.evaluate.sandbox.execution import MIB, Limits, Sandbox, SandboxFailed

PYTHON = "/usr/bin/python3"
REACHED = """
import os, socket
reached = []
def tried(name, action):
    try:
        action()
        reached.append(name)
    except Exception:
        pass
def connect():
    socket.create_connection(("127.0.0.1", 22), 0.2)
tried("the network", connect)
tried("interfaces", lambda: [1 / 0 for _, name in socket.if_nameindex() if name != "lo"] or 1 / 0)
tried("writing /usr", lambda: open("/usr/ablate-was-here", "w"))
tried("writing /", lambda: open("/ablate-was-here", "w"))
tried("writing /dev/shm", lambda: open("/dev/shm/ablate-was-here", "w"))
tried("/etc/passwd", lambda: open("/etc/passwd"))
tried("/home", lambda: os.listdir("/home"))
tried("/root", lambda: os.listdir("/root"))
tried("the environment", lambda: open("/proc/1/environ").read() or 1 / 0)
tried("root's rights", lambda: os.setuid(0))
tried("other processes", lambda: [1 / 0 for name in os.listdir("/proc") if name.isdigit() and int(name) > 50] and None or 1 / 0)
print(",".join(reached) or "nothing")
"""
HOG = "x = bytearray(900 * 1024 * 1024); import os; os.fork() or x.__setitem__(slice(None), bytes(len(x))); print('held')"
FORKS = """
import os, time
count = 0
try:
    for count in range(1, 200):
        if os.fork() == 0:
            time.sleep(5)
            os._exit(0)
except OSError:
    pass
print(count)
"""


def failures(sandbox: Sandbox) -> list[str]:
    """What does not hold, in a few words each; nothing where all does.

    Args:
        sandbox: to be tested.
    """
    try:
        hello = sandbox.run({}, [PYTHON, "-I", "-c", "print('hello')"], b"", Limits())
        if hello.stdout != b"hello\n":
            return [f"it runs nothing: {(hello.stderr or hello.ended.encode()).decode(errors='replace').strip()[-200:]}"]
        reached = sandbox.run({}, [PYTHON, "-I", "-c", REACHED], b"", Limits()).stdout.decode().strip()
        hog = sandbox.run({}, [PYTHON, "-I", "-c", HOG], b"", Limits(memory=400 * MIB))
        forks = sandbox.run({}, [PYTHON, "-I", "-c", FORKS], b"", Limits(seconds=2, processes=16))
    except SandboxFailed as error:
        return [str(error)]
    failed = [] if reached == "nothing" else [f"code reaches {reached or 'an end before its test'}"]
    failed += ["memory is not bounded"] if b"held" in hog.stdout else []
    count = forks.stdout.strip()
    bounded = forks.ended == "processes" or (count.isdigit() and int(count) < 40)
    return failed + ([] if bounded else [f"processes are not bounded ({count.decode() or forks.ended})"])
