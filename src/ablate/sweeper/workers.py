"""Many arms on this machine: each process pays for its imports once, and runs one arm after the other."""

import os
import signal
import subprocess
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
class Update:
    """News of an arm, by its number: the stage it is in, or how it ended (done, failed, busy) and why, or a warning."""

    arm: int
    stage: str = ""
    done: int = 0
    total: int = 0
    ended: str = ""
    why: str = ""
    warning: str = ""


def run(configs: Sequence[Config], folders: Sequence[ArmFolder], workers: int) -> Iterator[Update | None]:
    """Run the arms, and yield what is heard of them; None now and then when nothing is.

    An arm that fails is reported so, and the others go on; so do they where a whole process dies. An arm that another sweep holds is tried
    again until that one is over. However this ends, no process is left.

    Args:
        configs: of the arms.
        folders: of the arms.
        workers: processes; None: as many as the machine is good for.
    """
    waiting = deque(range(len(configs)))
    crew = [Worker(number, workers) for number in range(min(workers, len(configs)))]
    try:
        while waiting or any(worker.arm is not None for worker in crew):
            for worker in crew:
                if worker.arm is None and waiting:
                    worker.start(waiting.popleft(), configs)
            ready = wait([worker.connection for worker in crew if worker.arm is not None], timeout=1)
            if not ready:
                yield None
            for worker in crew:
                if worker.connection in ready:
                    update = worker.hear(folders)
                    if update.ended == "busy":
                        waiting.append(update.arm)
                    yield update
    finally:
        for worker in crew:
            worker.stop()


class Worker:
    """A process that runs one arm at a time, and is replaced when it dies."""

    def __init__(self, number: int, workers: int) -> None:
        self._number, self._workers = number, workers
        self.arm: int | None = None
        self._hire()

    def _hire(self) -> None:
        context = get_context("spawn")
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other, os.getpid(), self._number, self._workers), daemon=False)
        self.process.start()
        other.close()

    def start(self, arm: int, configs: Sequence[Config]) -> None:
        """Give the process an arm; one that died while it had none is replaced, and the arm is not lost."""
        self.arm = arm
        try:
            self.connection.send((arm, configs[arm]))
        except BrokenPipeError:
            self.connection.close()
            self._hire()
            self.connection.send((arm, configs[arm]))

    def hear(self, folders: Sequence[ArmFolder]) -> Update:
        """The next news of this process; its death, of which it can't tell itself, is a failure of its arm."""
        number = self.arm
        if number is None:
            raise RuntimeError("a process without an arm has no news")
        try:
            update: Update = self.connection.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            update = Update(number, ended="failed", why=f"the process died ({_death(self.process.exitcode)})")
            folders[number].write_status(state="failed", ended=now(), traceback=update.why)
            self._hire()
        if update.ended:
            self.arm = None
        return update

    def stop(self) -> None:
        """End the process, whatever it does."""
        self.connection.close()
        if self.arm is not None:
            self.process.terminate()
        self.process.join()


def _death(code: int | None) -> str:
    return signal.Signals(-code).name if code and code < 0 else f"exit code {code}"


def _work(connection: Connection, parent: int, number: int, workers: int) -> None:
    """Runs the arms that come through the connection until it closes."""
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it and stops us
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    share_machine(number, workers, os.environ)
    with suppress(EOFError):
        while True:
            arm, config = connection.recv()
            connection.send(_one(arm, config, connection))


def _one(number: int, config: Config, connection: Connection) -> Update:
    from ablate import arm
    from ablate.cli.mistakes import message_of
    from ablate.console.relay import Relay
    from ablate.errors import Busy

    def update(stage: str, done: int, total: int) -> None:
        connection.send(Update(number, stage, done, total))

    try:
        arm.run(config, Relay(update, lambda text: connection.send(Update(number, warning=text))))
    except Busy:
        time.sleep(PATIENCE)
        return Update(number, ended="busy")
    except Exception as error:
        return Update(number, ended="failed", why=message_of(error) or f"{type(error).__name__}: {error}")
    return Update(number, ended="done")


def share_machine(number: int, workers: int, environment: "os._Environ[str] | dict[str, str]") -> None:
    """Give this process its GPU, or its share of the cores. The GPU is chosen before torch is imported, which would take the first.

    Args:
        number: of this process, from 0.
        workers: processes; None: as many as the machine is good for.
        environment: of this process.
    """
    visible = gpus(environment)
    if visible:
        environment["CUDA_VISIBLE_DEVICES"] = visible[number % len(visible)]
        return
    import torch

    torch.set_num_threads(max(1, (os.cpu_count() or 1) // workers))


def gpus(environment: "os._Environ[str] | dict[str, str]") -> list[str]:
    """The GPUs that may be used, as `CUDA_VISIBLE_DEVICES` names them; asked of the driver's own command, without torch."""
    if "CUDA_VISIBLE_DEVICES" in environment:
        return [name for name in environment["CUDA_VISIBLE_DEVICES"].split(",") if name.strip() not in ("", "-1")]
    try:
        asked = subprocess.run(["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return asked.stdout.split()


def default_workers() -> int:
    """As many as there are GPUs; without any as there are cores, since one small model does not fill two."""
    return len(gpus(os.environ)) or os.cpu_count() or 1
