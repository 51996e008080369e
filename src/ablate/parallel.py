"""Work spread over processes, its results in order and never many of them waiting."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

WAITING = 3
"""Tasks per process that are under way or wait at once, so that memory is bounded however many there are."""

_job: Callable[[Any], Any]


def in_order(job: Callable[[Task], Result], tasks: Iterable[Task], workers: int) -> Iterator[Result]:
    """The results of the job, in the order of the tasks; with one worker in this process, else the job goes to each process once.

    Args:
        job: what is done with a task; sent to each process once.
        tasks: in order; taken as they are needed.
        workers: processes.
    """
    if workers == 1:
        yield from map(job, tasks)
        return
    # A forked process would inherit the threads of torch and of the tokenizers half-way through their work.
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(os.getpid(), job)) as pool:
        waiting: deque[Future[Result]] = deque()
        rest = iter(tasks)
        try:
            while True:
                waiting.extend(pool.submit(_run, task) for task in islice(rest, WAITING * workers - len(waiting)))
                if not waiting:
                    break
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _start(parent: int, job: Callable[[Any], Any]) -> None:
    global _job
    _job = job
    end_with_parent(parent)


def _run(task: Any) -> Any:
    return _job(task)


def end_with_parent(parent: int) -> None:
    """Let this process end soon after its parent, which may be killed, and would leave it waiting for ever."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
