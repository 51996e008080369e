"""A folder that one process holds at a time, by a lease: a file that its holder keeps fresh.

File locks are missing on many clusters, or hold on one node alone (Lustre without `flock`); creating a file exclusively works on all.
"""

import ctypes
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from ablate.errors import Busy

LEASE = ".lease"
FRESHENED = 10.0
"""Seconds between two signs of life of a holder."""
LIFETIME = 120.0
"""Seconds without a sign of life after which a holder on another machine is taken for dead; file systems may show a sign a minute late."""
POLL = 0.5


@contextmanager
def held(folder: Path, patient: bool) -> Iterator[None]:
    """Hold the folder alone while the block runs.

    A holder that was killed is noticed at once on its own machine, and after `LIFETIME` seconds from another one: no clocks are compared,
    only whether the lease changes while it is watched.

    Args:
        folder: made where it is not there.
        patient: wait until another holder is done.

    Raises:
        Busy: another process holds it, and `patient` is false.
    """
    lease, token = folder / LEASE, uuid4().hex
    while not _take(lease, token):
        if not _wait(lease, patient):
            raise Busy(f"{folder}: another process is working on it; wait for it, or stop it")
    done = threading.Event()
    keeper = threading.Thread(target=_keep_fresh, args=(lease, token, done, threading.get_ident()), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
        if _read(lease).get("token") == token:
            lease.unlink(missing_ok=True)


def _take(lease: Path, token: str) -> bool:
    """Create the lease, unless it is there."""
    lease.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(lease, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"token": token, "machine": _machine(), "process": os.getpid(), "started": _started(os.getpid())}, file)
    return True


def _wait(lease: Path, patient: bool) -> bool:
    """Wait until the lease is free; False where its holder lives and is not waited for. What a dead holder left is cleared away."""
    seen = _sign_of_life(lease)
    since = time.monotonic()
    while seen is not None:
        holder = _read(lease)
        here = holder.get("machine") == _machine()
        alive = here and _started(holder["process"]) == holder["started"]
        if alive and not patient:
            return False
        if (here and not alive) or time.monotonic() - since > LIFETIME:
            _clear(lease, holder.get("token"))
            return True
        time.sleep(POLL)
        latest = _sign_of_life(lease)
        if latest is not None and latest != seen and not patient:
            return False
        if latest != seen:
            seen, since = latest, time.monotonic()
    return True


def _clear(lease: Path, token: str | None) -> None:
    """Remove a dead holder's lease. It is moved away first: of several that clear, one has it, and sees whether it is still that one."""
    aside = lease.with_name(f"{LEASE}.{uuid4().hex}")
    try:
        lease.rename(aside)
    except FileNotFoundError:
        return
    if _read(aside).get("token") == token:
        aside.unlink()
    else:  # another one cleared it before, and this is the lease of a living holder
        aside.rename(lease)


def _keep_fresh(lease: Path, token: str, done: threading.Event, holder: int) -> None:
    """Give signs of life; a holder, a thread, that was taken for dead since it stood still too long is interrupted."""
    while not done.wait(FRESHENED):
        if _read(lease).get("token") != token:
            # Not by a signal, which a job in the background may ignore.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(holder), ctypes.py_object(KeyboardInterrupt))
            return
        os.utime(lease)


def _sign_of_life(lease: Path) -> tuple[int, int] | None:
    """What changes with every sign of life; None where there is no lease."""
    try:
        status = lease.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def _read(lease: Path) -> dict[str, Any]:
    """Who holds it; empty where nobody does, or while the holder writes it."""
    try:
        holder: dict[str, Any] = json.loads(lease.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return holder


@cache
def _machine() -> str:
    """This machine, since its start, and this space of process numbers, of which a container has its own."""
    boot, space = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    parts = [socket.gethostname(), boot.read_text().strip() if boot.is_file() else "", os.readlink(space) if space.is_symlink() else ""]
    return " ".join(parts)


def _started(process: int) -> float | None:
    """When the process began, to tell it from a later one with its number; None where it is no more."""
    import psutil

    try:
        running = psutil.Process(process)
        return None if running.status() == psutil.STATUS_ZOMBIE else round(running.create_time(), 1)
    except psutil.NoSuchProcess:
        return None
