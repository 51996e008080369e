"""A folder that one process holds at a time."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from ablate.errors import Busy
from ablate.record import lock

HOLD = (
    "import sys, time; from pathlib import Path; from ablate.record.lock import held\n"
    "with held(Path(sys.argv[1]), patient=True):\n"
    "    print('held', flush=True); sys.stdin.read(1)\n"
)
COUNT = (
    "import sys; from pathlib import Path; from ablate.record.lock import held\n"
    "folder = Path(sys.argv[1]); number = folder / 'number'\n"
    "for _ in range(20):\n"
    "    with held(folder, patient=True):\n"
    "        value = int(number.read_text()); number.write_text(str(value + 1))\n"
)


@pytest.fixture(autouse=True)
def _without_file_locks(monkeypatch):
    """As on Lustre mounted without them."""

    def missing(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", missing)
    monkeypatch.setattr(fcntl, "lockf", missing)
    monkeypatch.setattr(lock, "POLL", 0.01)


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()


def test_a_folder_that_another_process_holds_is_busy_and_free_when_that_ends(tmp_path, holder):
    with pytest.raises(Busy, match="another process"), lock.held(tmp_path, patient=False):
        pass
    holder.communicate(b"x")
    with lock.held(tmp_path, patient=False):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holder_on_this_machine_is_noticed_at_once(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (tmp_path / lock.LEASE).is_file()
    with lock.held(tmp_path, patient=False):
        pass


def on_another_machine(folder):
    (folder / lock.LEASE).write_text(json.dumps({"token": "other", "machine": "elsewhere", "process": 1, "started": 0.0}))


def test_a_silent_holder_on_another_machine_is_taken_for_dead_after_its_lifetime(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "LIFETIME", 0.05)
    on_another_machine(tmp_path)
    with lock.held(tmp_path, patient=False):
        assert json.loads((tmp_path / lock.LEASE).read_text())["token"] != "other"


def test_a_living_holder_on_another_machine_is_never_taken_for_dead(tmp_path):
    on_another_machine(tmp_path)
    over = threading.Event()

    def live():
        sign = 0
        while not over.wait(0.005):
            sign += 1
            os.utime(tmp_path / lock.LEASE, ns=(sign, sign))

    living = threading.Thread(target=live)
    living.start()
    try:
        with pytest.raises(Busy), lock.held(tmp_path, patient=False):
            pass
    finally:
        over.set()
        living.join()
    assert json.loads((tmp_path / lock.LEASE).read_text())["token"] == "other"


def test_who_clears_a_lease_late_leaves_that_of_the_next_holder(tmp_path):
    on_another_machine(tmp_path)
    lock._clear(tmp_path / lock.LEASE, "dead")
    assert json.loads((tmp_path / lock.LEASE).read_text())["token"] == "other"
    lock._clear(tmp_path / lock.LEASE, "other")
    assert list(tmp_path.iterdir()) == []


def test_processes_that_wait_for_each_other_lose_nothing(tmp_path):
    (tmp_path / "number").write_text("0")
    crowd = [subprocess.Popen([sys.executable, "-c", COUNT, str(tmp_path)]) for _ in range(3)]
    assert [process.wait() for process in crowd] == [0, 0, 0]
    assert (tmp_path / "number").read_text() == "60"


def test_a_holder_that_was_taken_for_dead_is_interrupted(tmp_path, monkeypatch):
    """It stood still for so long that another one took over; going on, both would write."""
    monkeypatch.setattr(lock, "FRESHENED", 0.01)

    def goes_on():
        with lock.held(tmp_path, patient=False):
            on_another_machine(tmp_path)
            for _ in range(6000):
                time.sleep(0.01)

    for token in ("0", "z"):
        monkeypatch.setattr(lock, "uuid4", lambda token=token: type("Token", (), {"hex": token}))
        with pytest.raises(KeyboardInterrupt):
            goes_on()
        assert json.loads((tmp_path / lock.LEASE).read_text())["token"] == "other"
        (tmp_path / lock.LEASE).unlink()
