"""Benchmarks: lm-eval tasks, each with its items and its judge. Adding one is a file in a folder here."""

from functools import cache
from pathlib import Path
from typing import Any

from ablate.errors import UserError, nearest

FOLDER = Path(__file__).parent


@cache
def files() -> dict[str, Path]:
    """The file of every benchmark, by its name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*/*.yaml"))}


def check(tasks: list[str]) -> None:
    """Raises a `UserError` for a task that ablate does not bring."""
    for task in tasks:
        if task not in files():
            raise UserError(f"evaluate.tasks: found {task!r}. {nearest(task, list(files()))}")


def is_choice(task: str) -> bool:
    """Whether a task is multiple choice, which has one answer per item and no sampling."""
    return _described(task).get("output_type") == "multiple_choice"


def version(task: str) -> str:
    """The version of a task, raised when its items or its prompt change; how answers are judged is none of it."""
    return str(_described(task).get("metadata", {}).get("version", 1.0))


@cache
def _described(task: str) -> dict[str, Any]:
    """What a task's file says, and what it includes; functions stay names."""
    path = files()[task]
    described = _read(path)
    return {**_read(path.parent / described["include"]), **described} if "include" in described else described


def _read(path: Path) -> dict[str, Any]:
    import yaml

    class Names(yaml.SafeLoader):
        """Reads `!function x` as the text x."""

    Names.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))
    described: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=Names)
    return described
