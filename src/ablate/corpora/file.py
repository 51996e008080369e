"""Traces from a local JSON Lines, Parquet or CSV file with named columns."""

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ablate.config import Columns, Data
from ablate.corpora.corpus import Corpus, Rejected
from ablate.errors import UserError, nearest
from ablate.traces import Example, boxed_answer, parse

KINDS = (".jsonl", ".jsonl.gz", ".parquet", ".csv")
SHOWN = 5


def load(data: Data) -> Corpus:
    """Read `data.path`; rows whose `correct` column is false become the pool of wrong traces.

    Raises:
        UserError: the file is missing, empty or of another kind; a row is no JSON object, lacks a column or repeats an id; or, with
            `data.unusable=stop`, a row's trace has no steps or no answer.
    """
    path = Path(data.path or "")
    if not path.is_file():
        raise UserError(f"data.path: {path} is no file; allowed is a file that ends in {', '.join(KINDS)}")
    right: list[Example] = []
    wrong: list[Example] = []
    rejected: list[Rejected] = []
    seen: dict[str, int] = {}
    for number, row in _rows(path):
        _require(row, data.columns, path, number)
        name = str(row.get(data.columns.id, f"row-{number}"))
        if name in seen:
            raise UserError(f"{path}: row {number}: id {name!r} was already used by row {seen[name]}; allowed is each id once")
        seen[name] = number
        example = _example(row, name, data.columns, path)
        if isinstance(example, str):
            rejected.append(Rejected(number, name, example))
        else:
            (right if _is_right(row, data.columns, path, number) else wrong).append(example)
    if rejected and data.unusable == "stop":
        raise UserError(_rejection(path, rejected, len(seen)))
    if not right:
        raise UserError(f"{path}: found no usable trace with a right answer in {len(seen)} rows; at least one is needed")
    return Corpus(tuple(right[: data.traces]), tuple(wrong), tuple(rejected))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row with its number, from 1."""
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        rows = _json_rows(path)
    elif path.suffix in (".parquet", ".csv"):
        rows = _table_rows(path)
    else:
        raise UserError(f"data.path: found {path.name}; allowed is a file that ends in {', '.join(KINDS)}")
    number = 0
    for number, row in rows:
        yield number, row
    if number == 0:
        raise UserError(f"{path}: the file is empty; at least one row is needed")


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(_decoded(lines, path), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise UserError(f"{path}: row {number}: not JSON ({error.msg} at column {error.colno}); found {line[:60]!r}") from None
            if not isinstance(row, dict):
                raise UserError(f"{path}: row {number}: found a JSON {type(row).__name__}, allowed is an object")
            yield number, row


def _decoded(lines: Iterable[str], path: Path) -> Iterator[str]:
    try:
        yield from lines
    except (UnicodeDecodeError, OSError) as error:
        raise UserError(f"{path}: can't be read: {error}; allowed is UTF-8 text, compressed by gzip where the name ends in .gz") from None


def _table_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    import pandas

    try:
        table = pandas.read_parquet(path) if path.suffix == ".parquet" else pandas.read_csv(path, dtype=str, keep_default_na=False)
    except (ValueError, OSError) as error:
        raise UserError(f"{path}: can't be read as {path.suffix[1:]}: {error}") from None
    for number, row in enumerate(table.astype(object).where(table.notna(), None).to_dict("records"), start=1):
        yield number, {str(name): value for name, value in row.items()}


def _require(row: dict[str, Any], columns: Columns, path: Path, number: int) -> None:
    for key in ("problem", "answer", "response"):
        column = getattr(columns, key)
        if column not in row:
            hint = nearest(column, list(row))
            raise UserError(f"{path}: row {number}: no field {column!r} (data.columns.{key}); it holds {', '.join(row)}. {hint}")


def _is_right(row: dict[str, Any], columns: Columns, path: Path, number: int) -> bool:
    """What the column of correctness says; a row without it is right."""
    said = row.get(columns.correct)
    truth = {"": True, "true": True, "1": True, "false": False, "0": False}.get(str("" if said is None else said).lower())
    if truth is None:
        raise UserError(f"{path}: row {number}: {columns.correct} (data.columns.correct): found {said!r}, allowed: true, false")
    return truth


def _example(row: dict[str, Any], name: str, columns: Columns, path: Path) -> Example | str:
    """The row as an example, or the reason why it can't be one."""
    values = [row[column] for column in (columns.problem, columns.answer, columns.response)]
    for column, value in zip((columns.problem, columns.answer, columns.response), values, strict=True):
        if value is None or not str(value).strip():
            return f"{column} is empty"
    problem, answer, response = map(str, values)
    try:
        trace = parse(response)
    except UserError as error:
        return str(error)
    if not trace.steps:
        return "the thought has no steps"
    if boxed_answer(trace.solution) is None:
        return "the solution states no answer: no balanced \\boxed{…} in it"
    return Example(name, problem, answer, trace, str(path))


def _rejection(path: Path, rejected: list[Rejected], rows: int) -> str:
    shown = [f"  row {row.row} (id {row.id}): {row.reason}" for row in rejected[:SHOWN]]
    more = [f"  and {len(rejected) - SHOWN} more"] if len(rejected) > SHOWN else []
    head = f"{path}: {len(rejected)} of {rows} rows can't be used:"
    return "\n".join([head, *shown, *more, "data.unusable=skip goes on without them and lists them in the run folder."])
