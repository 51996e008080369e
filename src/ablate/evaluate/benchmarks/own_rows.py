"""A file of problems and answers as a task: JSON Lines, without any YAML."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ablate.errors import UserError
from ablate.evaluate.benchmarks import rows
from ablate.evaluate.benchmarks.catalogue import FOLDER

EXAMPLE = '{"problem": "1 + 1?", "answer": "2"}'
RULES = ("mathematics", "words", "choice")
"""By which answers to rows of one's own can be judged, the usual one first; the others need to know more than a row says."""


def configuration(path: Path) -> dict[str, Any]:
    """What lm-eval needs to know of the task.

    Args:
        path: of the file.

    Raises:
        UserError: it can't be read, or a row is not as expected.
    """
    import datasets
    import yaml

    from ablate.evaluate.benchmarks.judged import answered

    read = [_item(row, where) for where, row in _rows(path)]
    rule(path)

    class Names(yaml.SafeLoader):
        """Functions are put in below."""

    Names.add_constructor("!function", lambda loader, node: None)
    common = yaml.load((FOLDER / "_answered_yaml").read_text(encoding="utf-8"), Loader=Names)
    own = {"task": path.name.partition(".")[0], "custom_dataset": lambda **_: {"test": datasets.Dataset.from_list(read)}}
    return {**common, **own, "process_results": answered}


def rule(path: Path) -> str:
    """The rule by which answers to all rows of a file are judged: the one in their column `judge`, else mathematics.

    Args:
        path: of the file.

    Raises:
        UserError: rows name several rules, or one that is not for them.
    """
    first = None
    for where, row in _rows(path):
        named = row.get("judge") or RULES[0]
        if named not in RULES:
            raise UserError(f"{where}: judge: found {named!r}, allowed are {', '.join(RULES)}")
        if first not in (None, named):
            raise UserError(f"{where}: judge: found {named!r} after {first!r}; all rows of a file have one, several are several files")
        first = named
    return str(first)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row, after where it stands."""
    if not path.is_file():
        raise UserError(f"evaluate.tasks: found {path}, which is no file; it holds rows like {EXAMPLE}")
    number = 0
    for number, row in enumerate(rows.of_file(path), 1):
        yield f"{path}, row {number}", row
    if not number:
        raise UserError(f"{path}: holds no rows; each is an object like {EXAMPLE}")


def _item(row: dict[str, Any], where: str) -> dict[str, Any]:
    problem, answer = row.get("problem"), row.get("answer")
    if not isinstance(problem, str) or not problem:
        raise UserError(f"{where}: problem: found {problem!r}, a text is needed, as {EXAMPLE}; it has {', '.join(row) or 'nothing'}")
    golds = answer if isinstance(answer, list) else [answer]
    if not golds or not all(isinstance(one, str | int | float) and not isinstance(one, bool) for one in golds):
        raise UserError(f"{where}: answer: found {answer!r}, a text, a number or a list of them is needed, as {EXAMPLE}")
    return {"problem": problem, "accepted": [str(one) for one in golds], "facts": json.dumps({})}
