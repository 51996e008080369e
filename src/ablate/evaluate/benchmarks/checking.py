"""What a task is, and whether all that a config names can be had, before anything trains."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from ablate.config import Evaluate
from ablate.errors import UserError, nearest
from ablate.evaluate.benchmarks import own_rows, rows
from ablate.evaluate.benchmarks.catalogue import described, files, is_choice, is_own_rows
from ablate.evaluate.benchmarks.loading import load
from ablate.evaluate.benchmarks.pins import pins
from ablate.evaluate.benchmarks.sources import Sources
from ablate.record.content import contents_hash


def rule(task: str) -> str | None:
    """By which rule of `evaluate.judge` answers to a task are judged; None where lm-eval's task does it, or log-likelihoods are."""
    if is_own_rows(task):
        return own_rows.rule(Path(task))
    return None if task not in files() or is_choice(task) else str(described(task)["metadata"].get("judge", "words"))


def identity(task: str, sources: Sources, memory: Path) -> str:
    """What a task is, in one line that changes when its items or its prompt do; how answers are judged is none of it.

    Args:
        task: by name, or a file.
        sources: where its items come from.
        memory: the folder in which hashes of large files are remembered.
    """
    if is_own_rows(task):
        return f"{Path(task).name} {contents_hash([(Path(task).name, Path(task))], memory)}"
    if task not in files():
        said = load(task, sources).task.config.to_dict(keep_callable=False)
        return f"{task} {hashlib.blake2b(repr(sorted(map(str, said.items()))).encode(), digest_size=8).hexdigest()}"
    known = f"{task} {described(task).get('metadata', {}).get('version', 1.0)}"
    kwargs = described(task).get("dataset_kwargs") or {}
    return f"{known} {_of_rows(task, sources, memory)}" if "hub" in kwargs else known


def _of_rows(task: str, sources: Sources, memory: Path) -> str:
    pin = pins()[task]
    copy = rows.copy_of(pin, sources)
    if copy is None:
        return str(sources.revisions.get(pin.name, pin.revision))
    return contents_hash([(path.relative_to(copy).as_posix(), path) for path in rows.data_files(copy, pin)], memory)


def check(evaluate: Evaluate) -> None:
    """Open and read all that is asked for.

    Args:
        evaluate: the settings of scoring.

    Raises:
        UserError: a task is not known, or its items can't be had.
    """
    _check(tuple(evaluate.tasks), repr(Sources.of(evaluate)), Sources.of(evaluate))


LATER = "ablate_livecodebench_later"
"""The one task that goes by dates."""
_CHECKED: set[tuple[str, str]] = set()


def _check(tasks: Sequence[str], said: str, sources: Sources) -> None:
    """Once for each task and source, since the arms of a study ask for the same."""
    unknown = set(sources.revisions) - {task.removeprefix("ablate_") for task in files()}
    if unknown:
        name = sorted(unknown)[0]
        raise UserError(f"evaluate.revisions: found {name!r}. {nearest(name, [task.removeprefix('ablate_') for task in files()])}")
    if sources.window and LATER not in tasks:
        raise UserError(f"evaluate.window: found {list(sources.window)}, but no task goes by dates; add {LATER} to evaluate.tasks")
    for task in tasks:
        if task.startswith("tiny_") and task in files():
            continue
        if (task, said) not in _CHECKED:
            load(task, sources)
            _CHECKED.add((task, said))
