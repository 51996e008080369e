"""From a row to its traces: where each layout keeps problem, answer and responses."""

import json
from dataclasses import dataclass
from itertools import islice
from numbers import Number
from typing import Any

from ablate.config import Columns, Data, Layout, Segmentation
from ablate.corpora.read.chunk import Row
from ablate.errors import UserError, nearest
from ablate.traces import SEGMENTERS, Example, Segmenter, boxed_answer, labels, parse, parse_untagged

_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
NAMED = 40
"""How many of a row's fields a message names."""
_USER, _ASSISTANT = ("user", "human"), ("assistant", "gpt")


@dataclass(frozen=True)
class Attempt:
    """One response to the problem of a row, not parsed yet, and whether it is right."""

    id: str
    problem: Any
    answer: Any
    response: Any
    correct: bool
    short: Any
    steps: Any


def selected(present: list[str], data: Data) -> list[str]:
    """Of the columns of a table those that are read; all, where a needed one is missing, so that the message about it can name them.

    Args:
        present: the columns that there are.
        data: what to read, and how.
    """
    columns = data.columns
    needed = {columns.answer} if columns.answer else set()
    if data.layout == Layout.conversation:
        needed |= {columns.conversation}
    else:
        needed |= {columns.problem, *([columns.thought, columns.solution] if columns.thought else [columns.response])}
    if data.segmenter == Segmentation.labels:
        needed |= {columns.steps}
    read = needed | {columns.id, columns.correct, columns.judged, columns.short}
    return [name for name in present if name in read] if needed <= set(present) else present


def attempts(row: Row, number: int, data: Data) -> list[Attempt]:
    """The responses of a row.

    Args:
        row: a decoded row.
        number: of the row, from 1.
        data: what to read, and how.

    Raises:
        UserError: the row is not of the form that `data.layout` and `data.columns` say.
    """
    columns = data.columns
    answer = _field(row, columns, "answer") if columns.answer else None
    steps = _field(row, columns, "steps") if data.segmenter == Segmentation.labels else None
    problem, response = _turns(row, columns) if data.layout == Layout.conversation else _columns(row, columns)
    several = isinstance(response, list)
    responses = response if several else [response]
    if not responses:
        raise UserError(f"{columns.response} (data.columns.response): found an empty list, at least one response is needed")
    name = _name(row, columns, number)
    names = [f"{name}-{at}" for at in range(1, len(responses) + 1)] if several else [name]
    return [
        Attempt(name, problem, answer, response, correct, row.get(columns.short), steps)
        for name, response, correct in zip(names, responses, _correct(row, columns, len(responses), several), strict=True)
    ]


def example(attempt: Attempt, data: Data, source: str) -> Example:
    """The attempt as an example.

    Args:
        attempt: a response with its problem.
        data: what to read, and how.
        source: what messages call the data.

    Raises:
        UserError: the reason why it can't be one.
    """
    problem, response = _text(attempt.problem, "problem"), _text(attempt.response, "response")
    answer = _text(attempt.answer, "answer") if data.columns.answer else None
    short = None if attempt.short in (None, "") else _text(attempt.short, "short")
    trace = (parse if data.tagged else parse_untagged)(response, segmenter(data, attempt.steps))
    if not trace.steps:
        raise UserError("the thought has no steps")
    boxed = boxed_answer(trace.solution)
    if boxed is None:
        raise UserError("the solution states no answer: no balanced \\boxed{…} in it")
    return Example(attempt.id, problem, boxed if answer is None else answer, trace, source, short)


def segmenter(data: Data, steps: Any = None) -> Segmenter:
    """What cuts the thought: `data.segmenter`, or the steps that the row names.

    Args:
        data: what to read, and how.
        steps: what the row says of its steps, for `data.segmenter=labels`.
    """
    return labels(_steps(steps)) if data.segmenter == Segmentation.labels else SEGMENTERS[data.segmenter]


def _field(row: Row, columns: Columns, key: str) -> Any:
    column = getattr(columns, key)
    if column not in row:
        held = [name[:40] for name in islice(row, NAMED)]
        raise UserError(f"no field {column!r} (data.columns.{key}); it holds {', '.join(held)}. {nearest(column, held)}")
    return row[column]


def _columns(row: Row, columns: Columns) -> tuple[Any, Any]:
    problem = _field(row, columns, "problem")
    if columns.thought is None:
        return problem, _field(row, columns, "response")
    thought, solution = (_text(_field(row, columns, key), key) for key in ("thought", "solution"))
    return problem, f"<think>\n{thought}\n</think>\n\n{solution}"


def _turns(row: Row, columns: Columns) -> tuple[Any, Any]:
    """What user and assistant say in a conversation of one turn each, after what the system may say."""
    turns = _list(_field(row, columns, "conversation"), columns.conversation)
    given = [(turn.get("from", turn.get("role")), turn.get("value", turn.get("content"))) for turn in turns if isinstance(turn, dict)]
    exchange = [turn for turn in given if turn[0] != "system"]
    roles = [role for role, _ in exchange]
    if len(given) != len(turns) or len(roles) != 2 or roles[0] not in _USER or roles[1] not in _ASSISTANT:
        seen = ", ".join(str(role)[:20] for role in roles[:6]) or "nothing"
        raise UserError(f"{columns.conversation} (data.columns.conversation): found turns of {seen}; allowed is user, assistant")
    return exchange[0][1], exchange[1][1]


def _name(row: Row, columns: Columns, number: int) -> str:
    given = row.get(columns.id)
    return f"row-{number}" if given in (None, "") else _text(given, "id")


def _correct(row: Row, columns: Columns, count: int, several: bool) -> list[bool]:
    """Of each response, what the columns of correctness say; without any it is right."""
    verdicts: list[list[bool]] = []
    for key in ("correct", "judged"):
        column = getattr(columns, key)
        given = row.get(column) if column else None
        if given is None or given == "":
            continue
        if isinstance(given, list) != several or (several and len(given) != count):
            seen = f"a list of {len(given)}" if isinstance(given, list) else "one value"
            raise UserError(f"{column} (data.columns.{key}): found {seen}, allowed is one for each of {count} responses")
        verdicts.append([_is_true(value, column, key) for value in (given if several else [given])])
    return [any(about) for about in zip(*verdicts, strict=True)] if verdicts else [True] * count


def _is_true(given: Any, column: str, key: str) -> bool:
    truth = _TRUTH.get(str(given).lower())
    if truth is None:
        raise UserError(f"{column} (data.columns.{key}): found {str(given)[:40]!r}, allowed: true, false")
    return truth


def _steps(value: Any) -> list[int | str]:
    steps: list[int | str] = _list(value, "steps")
    if not steps or {type(step) for step in steps} not in ({int}, {str}):
        raise UserError("steps: allowed is a list of places in the response, or one of texts")
    return steps


def _list(value: Any, what: str) -> list[Any]:
    """A list, or the JSON text of one, as CSV files hold them."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, list):
        raise UserError(f"{what}: found no list")
    return value


def _text(value: Any, what: str) -> str:
    """The value as text that can be stored, not empty."""
    if not isinstance(value, str | Number | None):
        raise UserError(f"{what}: found a {type(value).__name__}, allowed is text")
    text = "" if value is None or value != value else str(value)
    if not text.strip():
        raise UserError(f"{what} is empty")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"{what} holds half a character (the lone surrogate {text[error.start]!r}) at {error.start}") from None
    return text
