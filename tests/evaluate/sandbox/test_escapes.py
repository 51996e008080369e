"""What code may try in the sandbox: all of it fails, leaves nothing behind, and costs no more than its limits."""

import os
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from ablate.evaluate.sandbox import Limits, NoSandbox, groups, open_sandbox
from ablate.evaluate.sandbox.execution import MIB
from ablate.evaluate.sandbox.meters import kind

LIMITS = Limits(cpu_seconds=2, seconds=6, memory=300 * MIB, disk=16 * MIB, output=MIB, processes=24)


@pytest.fixture(scope="module", params=["here", "watchdog"])
def sandbox(request):
    """The sandbox with this machine's own way of limits, and with the one that needs nothing."""
    try:
        if request.param == "watchdog" or kind() != "watchdog":
            return open_sandbox(None if request.param == "here" else "watchdog")
    except NoSandbox as error:
        pytest.skip(str(error))
    pytest.skip("this machine has no control groups to make")


NAME = f"main{os.getpid()}.py"
"""By which the processes of these tests are known among those of others."""


def run(sandbox, code, stdin=b"", **limits):
    return sandbox.run({NAME: code.encode()}, [sandbox.python, "-I", f"/tmp/{NAME}"], stdin, replace(LIMITS, **limits))


def ours():
    return {process.pid for process in psutil.process_iter(["cmdline"]) if f"/tmp/{NAME}" in (process.info["cmdline"] or [])}


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    assert ours() == set()
    assert groups.left_by(os.getpid()) == []
    for place in ("/tmp/ablate-was-here", "/usr/ablate-was-here", "/ablate-was-here", "/dev/shm/ablate-was-here"):
        assert not Path(place).exists()


REACHES = {
    "the network": "import socket; socket.create_connection(('1.1.1.1', 53), 1)",
    "the machine's own ports": "import socket; socket.create_connection(('127.0.0.1', 22), 1)",
    "names of hosts": "import socket; socket.getaddrinfo('example.org', 80)",
    "passwords": "open('/etc/passwd').read()",
    "shadows": "open('/etc/shadow').read()",
    "home folders": "import os; assert os.listdir('/home') or os.listdir('/root')",
    "root's home": "import os; os.listdir('/root')",
    "the folder ablate runs in": f"import os; os.listdir({os.getcwd()!r})",
    "writing programs": "open('/usr/bin/ablate-was-here', 'w').write('x')",
    "writing the root": "open('/ablate-was-here', 'w').write('x')",
    "writing shared memory": "open('/dev/shm/ablate-was-here', 'wb').write(bytes(10))",
    "writing a device": "open('/dev/ablate-was-here', 'w').write('x')",
    "a disk": "open('/dev/vda', 'rb').read(1); open('/dev/sda', 'rb').read(1)",
    "memory of the kernel": "open('/dev/mem', 'rb').read(1)",
    "the environment of the first process": "assert open('/proc/1/environ').read()",
    "an environment of ours": "import os; assert set(os.environ) - set('PATH HOME LANG PYTHONHASHSEED PWD OLDPWD LC_CTYPE'.split())",
    "other processes": "import os; assert [n for n in os.listdir('/proc') if n.isdigit() and int(n) > 60]",
    "tracing": "import ctypes; libc = ctypes.CDLL(None, use_errno=True); assert libc.ptrace(16, 1, 0, 0) == 0",
    "mounting": "import ctypes; libc = ctypes.CDLL(None, use_errno=True); assert libc.mount(b'none', b'/tmp', b'tmpfs', 0, 0) == 0",
    "a namespace of its own": "import ctypes; libc = ctypes.CDLL(None, use_errno=True); assert libc.unshare(0x10000000) == 0",
    "becoming root": "import os; os.setuid(0); assert os.geteuid() == 0 and open('/etc/shadow').read()",
    "changing the root": "import os; os.chroot('/tmp')",
    "making a device": "import os, stat; os.mknod('/tmp/disk', 0o600 | stat.S_IFBLK, os.makedev(8, 0)); open('/tmp/disk', 'rb').read(1)",
    "a link out": "import os; os.symlink('/etc/passwd', '/tmp/link'); open('/tmp/link').read()",
    "a file of the host through its first process": "import os; open(os.path.join('/proc', '1', 'root', 'etc', 'passwd')).read()",
    "the clock": "import time; time.clock_settime(time.CLOCK_REALTIME, 0)",
    "the name of the host": "import socket; assert socket.gethostname() != 'sandbox'",
    "shared memory of system V": "import ctypes; assert ctypes.CDLL(None).shmget(0, 100 << 20, 0o1666) >= 0",
    "shared memory that nobody counts": "import mmap; mmap.mmap(-1, 1 << 20)",
    "hiding from a watchdog": "import ctypes; assert ctypes.CDLL(None).prctl(4, 0, 0, 0, 0) == 0",
    "keys of the kernel": "import ctypes; assert ctypes.CDLL(None).syscall(250, 0, 0, 0, 0, 0) >= 0",
    "memory that nobody counts": "import os; fd = os.memfd_create('x'); os.truncate(fd, 1 << 30); os.posix_fallocate(fd, 0, 1 << 30)",
    "rings of system calls": "import ctypes; assert ctypes.CDLL(None).syscall(425, 1, 0) >= 0",
    "a dump of its core": "import os, resource; resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20)); os.abort()",
    "more room for itself": "import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
}


@pytest.mark.parametrize("what", REACHES)
def test_nothing_is_reached(sandbox, what):
    ran = run(sandbox, f"{REACHES[what]}\nprint('reached')")
    assert b"reached" not in ran.stdout, ran
    assert ran.ended == "itself"


ENDS = {
    "a loop": ("while True: pass", {"time"}),
    "sleeping": ("import time; time.sleep(600)", {"time"}),
    "output without end": ("while True: print('x' * 1000)", {"output"}),
    "errors without end": ("import sys\nwhile True: sys.stderr.write('x' * 1000)", {"output"}),
    "64 times a gigabyte": (
        "import os\nfor _ in range(64):\n    if os.fork() == 0:\n        x = bytearray(1 << 30); x[::4096] = bytes(len(x[::4096]))\n"
        "        print('held', flush=True); os._exit(0)\nimport time; time.sleep(1)",
        None,
    ),
    "a bomb of forks": ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", {"time"}),
    "a bomb of threads": ("import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(9,)).start()", None),
    "filling the disk": ("open('/tmp/x', 'wb').write(bytes(64 << 20)); print('written')", {"itself"}),
    "a million files": ("import os\nfor n in range(10**6): open(f'/tmp/{n}', 'w').close()\nprint('written')", {"files", "itself", "time"}),
    "an orphan of its own session": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(600)\n    os._exit(0)\nprint('gone')",
        {"itself", "time"},
    ),
    "a storm of signals": ("import os, signal\nsignal.signal(15, lambda *_: None)\nwhile True: os.kill(os.getpid(), 15)", {"time"}),
    "ending deaf": ("import signal, time\nfor n in (1, 2, 3, 15): signal.signal(n, signal.SIG_IGN)\ntime.sleep(600)", {"time"}),
    "a thread that goes on": ("import threading, time\nthreading.Thread(target=lambda: time.sleep(600)).start()", {"time"}),
}


@pytest.mark.parametrize("what", ENDS)
def test_everything_ends(sandbox, what):
    code, ended = ENDS[what]
    ran = run(sandbox, code)
    assert ended is None or ran.ended in ended, ran.ended
    assert b"written" not in ran.stdout
    assert ran.stdout.count(b"held") <= 1
    assert len(ran.stdout) + len(ran.stderr) <= 2 * LIMITS.output


def test_a_program_gets_its_input_and_gives_its_output(sandbox):
    ran = run(sandbox, "import sys; data = sys.stdin.read(); print(len(data), data[:3])", b"abc" * 100_000)
    assert (ran.stdout, ran.exit_code, ran.ended) == (b"300000 abc\n", 0, "itself")
    assert run(sandbox, "import sys; sys.exit(3)").exit_code == 3


def test_processes_of_one_sandbox_are_not_counted_in_another(sandbox):
    from concurrent.futures import ThreadPoolExecutor

    forks = "import os, time\nfor _ in range(12):\n    if os.fork() == 0: time.sleep(0.5); os._exit(0)\nprint('forked')"
    with ThreadPoolExecutor(3) as pool:
        assert all(b"forked" in ran.stdout for ran in pool.map(lambda _: run(sandbox, forks), range(3)))


def test_its_parent_can_not_be_killed_from_inside(sandbox):
    code = "import os, signal, time\nfor n in (os.getppid(), 1):\n    try: os.kill(n, signal.SIGKILL)\n    except OSError: pass\n"
    ran = run(sandbox, f"{code}time.sleep(0.2)\nprint('lives')")
    assert ran.stdout in (b"lives\n", b"")
    assert ran.ended == "itself"


def test_a_forged_failure_of_the_sandbox_is_an_ordinary_end(sandbox):
    ran = run(sandbox, "import sys; sys.stderr.write('bwrap: no'); sys.exit(1)")
    assert (ran.exit_code, ran.ended) == (1, "itself")


def test_a_session_answers_line_by_line_and_its_limits_begin_anew_with_each(sandbox):
    code = "import sys\nfor line in sys.stdin:\n    x = 0\n    while x < 10**7: x += 1\n    print(line.strip() * 2, flush=True)"
    session = sandbox.session({NAME: code.encode()}, [sandbox.python, "-I", f"/tmp/{NAME}"], LIMITS)
    assert [session.ask(line) for line in (b"a", b"bc", b"d")] == [b"aa", b"bcbc", b"dd"]
    assert session.cpu_seconds() > 0
    assert session.close().ended in ("killed", "itself")
