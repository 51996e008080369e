"""Which benchmarks there are, and what their files say."""

from functools import cache
from pathlib import Path
from typing import Any

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


def is_own_rows(task: str) -> bool:
    """Whether a task is a file of problems and answers."""
    return task.endswith(OWN_ROWS)


def _read(path: Path) -> dict[str, Any]:
    import yaml

    class Names(yaml.SafeLoader):
        """Reads `!function x` as the text x."""

    Names.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))
    said: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=Names)
    return said
