"""Which benchmarks there are, what each is, and whether all that a config names can be had, before anything trains."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ablate.config import Evaluate
from ablate.errors import UserError
from ablate.evaluate.benchmarks.sources import Sources
from ablate.record.content import contents_hash

FOLDER = Path(__file__).parent
OWN_ROWS = (".jsonl", ".jsonl.gz")


@cache
def files() -> dict[str, Path]:
    """The file of every benchmark that ablate brings, by its name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*/*.yaml"))}


@cache
def described(task: str) -> dict[str, Any]:
    """What a task's file says, and what it includes; functions stay names."""
    path = files()[task]
    said = _read(path)
    while "include" in said:
        path = path.parent / said.pop("include")
        said = {**_read(path), **said}
    return said


def is_choice(task: str) -> bool:
    """Whether one of our tasks is multiple choice by log-likelihood, which has one answer per item and no sampling."""
    return task in files() and described(task).get("output_type") == "multiple_choice"


def rule(task: str) -> str | None:
    """By which rule of `evaluate.judge` answers to a task are judged; None where lm-eval's task does it, or log-likelihoods are."""
    if is_own_rows(task):
        return "mathematics"
    return None if task not in files() or is_choice(task) else str(described(task)["metadata"].get("judge", "words"))


def is_own_rows(task: str) -> bool:
    """Whether a task is a file of problems and answers."""
    return task.endswith(OWN_ROWS)


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
        from ablate.evaluate.benchmarks.loading import load

        said = load(task, sources).task.config.to_dict(keep_callable=False)
        return f"{task} {hashlib.blake2b(repr(sorted(map(str, said.items()))).encode(), digest_size=8).hexdigest()}"
    known = f"{task} {described(task).get('metadata', {}).get('version', 1.0)}"
    kwargs = described(task).get("dataset_kwargs") or {}
    return f"{known} {_of_rows(task, sources, memory)}" if "hub" in kwargs else known


def _of_rows(task: str, sources: Sources, memory: Path) -> str:
    from ablate.evaluate.benchmarks import rows
    from ablate.evaluate.benchmarks.pins import pins

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


_CHECKED: set[tuple[str, str]] = set()


def _check(tasks: Sequence[str], said: str, sources: Sources) -> None:
    """Once for each task and source, since the arms of a study ask for the same."""
    from ablate.evaluate.benchmarks.loading import load

    unknown = set(sources.revisions) - {task.removeprefix("ablate_") for task in files()}
    if unknown:
        from ablate.errors import nearest

        name = sorted(unknown)[0]
        raise UserError(f"evaluate.revisions: found {name!r}. {nearest(name, [task.removeprefix('ablate_') for task in files()])}")
    for task in tasks:
        if task.startswith("tiny_") and task in files():
            continue
        if (task, said) not in _CHECKED:
            load(task, sources)
            _CHECKED.add((task, said))


def _read(path: Path) -> dict[str, Any]:
    import yaml

    class Names(yaml.SafeLoader):
        """Reads `!function x` as the text x."""

    Names.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))
    said: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=Names)
    return said
