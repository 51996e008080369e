"""Training in several processes: torchrun on the saved config, watched until it ends, and never left behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ablate.config import Config
from ablate.console.progress import Log, Progress
from ablate.errors import UserError
from ablate.train import rendezvous
from ablate.train.job_folder import JobFolder
from ablate.train.strategy import Ran, accumulation, check_device

if TYPE_CHECKING:
    from datasets import Dataset

PATIENCE = 40
"""Seconds that torchrun has to end its processes; it kills them itself after 30."""


def launch(
    rows: "Dataset", config: Config, checkpoints: Path, model_out: Path, progress: Progress, log: Log
) -> tuple[list[dict[str, Any]], Ran]:
    """Train in `train.processes` processes on each node, as `optimise` does in one.

    Args:
        rows: `input_ids` and `labels`, one row per trace.
        config: of the arm, resolved.
        checkpoints: where the trainer keeps the state it can resume from.
        model_out: the folder to save the result in.
        progress: told of every optimiser step.
        log: told what the trainer measures.

    Raises:
        UserError: the strategy needs a GPU, the batch can't be shared out, or a process found a user's mistake.
        ChildProcessError: a process failed or was killed, with what it said.
    """
    each = _each(config)
    processes = each * rendezvous.nodes(os.environ)
    accumulation(config.train, processes)
    given = _folder(checkpoints)
    shutil.rmtree(given.path, ignore_errors=True)  # of a run that was killed
    try:
        _discard(checkpoints, f"{config.train.strategy} {processes}")
        given.give(rendezvous.job(os.environ), rows, config, processes, checkpoints, model_out)
        passed = 0
        with _torchrun(given, each) as running:
            while running.poll() is None and not given.given_up():
                passed = given.pass_on(progress, log, passed)
                time.sleep(0.2)
        if running.returncode:
            raise failure(given.failed(), running.returncode)
        given.pass_on(progress, log, passed)
        return given.result()
    finally:
        shutil.rmtree(given.path, ignore_errors=True)
        with suppress(OSError):
            checkpoints.rmdir()


def lend(config: Config, checkpoints: Path, over: Callable[[], bool]) -> None:
    """On a further node of the job: run this node's share of the processes, once the first node asks for it.

    Returns when training has ended, or when `over` says that there will be none.

    Args:
        config: of the arm, resolved.
        checkpoints: where the trainer keeps the state it can resume from.
        over: whether there is nothing left to take part in.

    Raises:
        ChildProcessError: a process on this node failed.
    """
    given = _folder(checkpoints)
    while given.job() != rendezvous.job(os.environ):
        if over():
            return
        time.sleep(1)
    with _torchrun(given, _each(config)) as running:
        while running.poll() is None and given.job():
            time.sleep(0.2)
    if running.returncode and given.job():
        given.give_up()
        raise failure(given.failed(), running.returncode)


def _folder(checkpoints: Path) -> JobFolder:
    return JobFolder(checkpoints.absolute() / "job")


def _each(config: Config) -> int:
    """Processes on this node."""
    import torch

    check_device(config.train.strategy, torch.cuda.is_available())
    return config.train.processes or torch.cuda.device_count() or 1


def _discard(checkpoints: Path, how: str) -> None:
    """Checkpoints of another strategy or number of processes can't be resumed from, and would be taken for the newest."""
    from ablate.train.optimise import COMPLETE

    for marker in checkpoints.glob(f"checkpoint-*/{COMPLETE}"):
        if marker.read_text() != how:
            shutil.rmtree(marker.parent)


@contextmanager
def _torchrun(given: JobFolder, each: int) -> "Iterator[subprocess.Popen[bytes]]":
    """Torchrun with its processes, ended when the block ends.

    The processes inherit the reading end of a pipe whose other end only this process holds: when it closes, whoever died, they end.
    """
    command = [sys.executable, "-m", "ablate.train.agent", str(given.path), *rendezvous.arguments(os.environ, each)]
    command += [f"--log-dir={given.path / 'errors'}", "-m", "ablate.train", str(given.path)]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, env=environment(each))
    try:
        yield running
    finally:
        assert running.stdin
        running.stdin.close()
        running.terminate()
        try:
            running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def environment(each: int) -> dict[str, str]:
    """Of torchrun and its processes: their share of the cores, and the tools beside the interpreter, ninja among them, on the PATH."""
    threads = str(max(1, len(os.sched_getaffinity(0)) // each))
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {"OMP_NUM_THREADS": threads, **os.environ, "PYTHONUNBUFFERED": "1", "PATH": tools}


def failure(failed: list[dict[str, Any]], code: int) -> Exception:
    """From what torchrun reports of each failed rank to one exception: who was killed, and what the first other said.

    A user's mistake that a process found is passed on as such. Torchrun ends those that are left with SIGTERM, which is no news.

    Args:
        failed: of each rank that failed, what torchrun knows.
        code: torchrun's exit code.
    """
    told = sorted((rank for rank in failed if isinstance(rank["said"], dict)), key=lambda rank: (rank["at"], rank["rank"]))
    for rank in told:
        kind, _, text = rank["said"]["message"].partition(": ")
        if kind == UserError.__name__:
            return UserError(text)
    lines = [f"torchrun ended with exit code {code}"]
    killed = [rank for rank in failed if rank["exit_code"] < 0 and rank["exit_code"] != -signal.SIGTERM]
    lines += [f"rank {rank['rank']} was ended by {signal.Signals(-rank['exit_code']).name}" for rank in killed]
    lines += [f"rank {rank['rank']} said:\n{rank['said']['extraInfo']['py_callstack']}" for rank in told[:1]]
    return ChildProcessError("\n".join(lines))
