"""Asking math-verify in processes that are killed when they take too much of the processor's time, and never of the clock's."""

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import IO

import psutil

CPU_SECONDS = 5.0
"""For one pair; what takes longer is asked again alone."""
COMMAND = [sys.executable, "-m", "ablate.evaluate.judge.child"]
LOOK = 0.25
"""Seconds between two looks at how much a process has used."""
STUCK = 600.0
"""Seconds without an answer, though the processor was hardly used: the process waits for what will not come."""


def verify(pairs: Sequence[tuple[str, str]], workers: int) -> list[bool | None]:
    """Whether math-verify takes the two of each pair for equal; None for what took too long, twice.

    Args:
        pairs: gold and answer.
        workers: processes.
    """
    known: dict[tuple[str, str], bool | None] = dict(_share(pairs, workers))
    late = [pair for pair in pairs if known[pair] is None]
    if late:
        known |= _share(late, 1)
    return [known[pair] for pair in pairs]


def _share(pairs: Sequence[tuple[str, str]], workers: int) -> list[tuple[tuple[str, str], bool | None]]:
    rest: SimpleQueue[tuple[str, str]] = SimpleQueue()
    for pair in pairs:
        rest.put(pair)
    answers: list[tuple[tuple[str, str], bool | None]] = []

    def work() -> None:
        child = _Child()
        try:
            while True:
                pair = rest.get_nowait()
                answers.append((pair, child.ask(pair)))
        except Empty:
            return
        finally:
            child.end()

    with ThreadPoolExecutor(min(workers, len(pairs))) as pool:
        for done in [pool.submit(work) for _ in range(min(workers, len(pairs)))]:
            done.result()
    return answers


class _Child:
    """One such process, started when it is needed, and again after it was killed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def ask(self, pair: tuple[str, str]) -> bool | None:
        """The answer; None where the process was killed over it, or died."""
        process = self._process or self._start()
        lines: SimpleQueue[str] = SimpleQueue()
        _pipe(process.stdin).write(json.dumps(pair) + "\n")
        _pipe(process.stdin).flush()
        threading.Thread(target=lambda: lines.put(_pipe(process.stdout).readline()), daemon=True).start()
        used, waited = self._used(), 0.0
        while True:
            try:
                line = lines.get(timeout=LOOK)
                break
            except Empty:
                waited += LOOK
                if self._used() - used > CPU_SECONDS or waited > STUCK:
                    process.kill()
                    line = lines.get()
                    break
        if not line.strip():
            self.end()
            return None
        return bool(json.loads(line))

    def _start(self) -> "subprocess.Popen[str]":
        self._process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        _pipe(self._process.stdout).readline()
        return self._process

    def _used(self) -> float:
        """Seconds of the processor, of the process in all; endless where it is no more."""
        try:
            times = psutil.Process(self._process.pid).cpu_times() if self._process else None
        except psutil.NoSuchProcess:
            return float("inf")
        return times.user + times.system if times else 0.0

    def end(self) -> None:
        """Let it go."""
        if self._process:
            self._process.kill()
            self._process.wait()
            _pipe(self._process.stdin).close()
            _pipe(self._process.stdout).close()
            self._process = None


def _pipe(end: "IO[str] | None") -> "IO[str]":
    if end is None:
        raise RuntimeError("the process was started without its pipes")
    return end
