"""Many arms on this machine: each process pays for its imports once, and runs one arm after the other."""

import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

from ablate.config import Config
from ablate.parallel import end_with_parent
from ablate.record.arm_folder import ArmFolder
from ablate.record.files import now

PATIENCE = 5
"""Seconds between two looks at an arm that another sweep is running."""


@dataclass(frozen=True)
class Told:
    """What a process says of an arm, by its number: the stage it is in, or how it ended (done, failed, busy) and why."""

    arm: int
    stage: str = ""
    done: int = 0
    total: int = 0
    ended: str = ""
    why: str = ""


def run(configs: Sequence[Config], folders: Sequence[ArmFolder], workers: int) -> Iterator[Told | None]:
    """Run the arms, and yield what is heard of them; None now and then when nothing is.

    An arm that fails is told so, and the others go on; so do they where a whole process dies. An arm that another sweep holds is tried
    again until that one is over. However this ends, no process is left.
    """
    waiting = deque(range(len(configs)))
    crew = [_Worker(number, workers) for number in range(min(workers, len(configs)))]
    try:
        while waiting or any(worker.arm is not None for worker in crew):
            for worker in crew:
                if worker.arm is None and waiting:
                    worker.start(waiting.popleft(), configs)
            heard = wait([worker.connection for worker in crew if worker.arm is not None], timeout=1)
            if not heard:
                yield None
            for worker in crew:
                if worker.connection in heard:
                    told = worker.hear(folders)
                    if told.ended == "busy":
                        waiting.append(told.arm)
                    yield told
    finally:
        for worker in crew:
            worker.stop()


class _Worker:
    """A process that runs one arm at a time, and is replaced when it dies."""

    def __init__(self, number: int, workers: int) -> None:
        self._number, self._workers = number, workers
        self.arm: int | None = None
        self._hire()

    def _hire(self) -> None:
        context = get_context("spawn")
        self.connection, other = context.Pipe()
        self._process = context.Process(target=_work, args=(other, os.getpid(), self._number, self._workers), daemon=False)
        self._process.start()
        other.close()

    def start(self, arm: int, configs: Sequence[Config]) -> None:
        self.arm = arm
        self.connection.send((arm, configs[arm]))

    def hear(self, folders: Sequence[ArmFolder]) -> Told:
        """The next word of this process; its death, of which it can't tell itself, is a failure of its arm."""
        assert self.arm is not None
        try:
            told: Told = self.connection.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            told = Told(self.arm, ended="failed", why=f"the process died ({_death(self._process.exitcode)})")
            folders[self.arm].write_status(state="failed", ended=now(), traceback=told.why)
            self._hire()
        if told.ended:
            self.arm = None
        return told

    def stop(self) -> None:
        self.connection.close()
        if self.arm is not None:
            self._process.terminate()
        self._process.join()


def _death(code: int | None) -> str:
    return signal.Signals(-code).name if code and code < 0 else f"exit code {code}"


def _work(connection: Connection, parent: int, number: int, workers: int) -> None:
    """Runs the arms that come through the connection until it closes."""
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it and stops us
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    _share_machine(number, workers)
    with suppress(EOFError):
        while True:
            arm, config = connection.recv()
            connection.send(_one(arm, config, connection))


def _one(number: int, config: Config, connection: Connection) -> Told:
    from ablate import arm
    from ablate.cli.mistakes import complaint
    from ablate.errors import Busy
    from ablate.sweeper.reporter import Teller

    def tell(stage: str, done: int, total: int) -> None:
        connection.send(Told(number, stage, done, total))

    try:
        arm.run(config, Teller(tell))
    except Busy:
        time.sleep(PATIENCE)
        return Told(number, ended="busy")
    except Exception as error:
        return Told(number, ended="failed", why=complaint(error) or f"{type(error).__name__}: {error}")
    return Told(number, ended="done")


def _share_machine(number: int, workers: int) -> None:
    """Each process its GPU, or its share of the cores."""
    import torch

    if torch.cuda.is_available():
        visible = os.environ.get("CUDA_VISIBLE_DEVICES", ",".join(map(str, range(torch.cuda.device_count())))).split(",")
        os.environ["CUDA_VISIBLE_DEVICES"] = visible[number % len(visible)]
    else:
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // workers))


def default_workers() -> int:
    """As many as there are GPUs; without any as there are cores, since one small model does not fill two."""
    import torch

    return torch.cuda.device_count() or os.cpu_count() or 1
