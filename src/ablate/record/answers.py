"""Answers as they come, a line each: a kill at any moment loses what was under way and nothing else."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from ablate.generate import Completion, Kept, Likelihood, Place


class AnswerLog:
    """A file to which answers are added."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def keep(self, place: Place, kept: Kept) -> None:
        """Add one, at once."""
        self._file.write(json.dumps(_row(place, kept)) + "\n")
        self._file.flush()


@contextmanager
def opened(path: Path) -> Iterator[AnswerLog]:
    """Open a log to add to; half a line, which a kill left, is cut off.

    Args:
        path: of the log; its folder is made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        whole = path.read_bytes().rpartition(b"\n")
        os.truncate(file.fileno(), len(whole[0]) + len(whole[1]))
        yield AnswerLog(file)


def read(path: Path) -> dict[Place, Kept]:
    """The answers in a log; a later one of the same place counts, half a line at the end doesn't."""
    if not path.is_file():
        return {}
    lines = path.read_bytes().rpartition(b"\n")[0].splitlines()
    return dict(kept(json.loads(line)) for line in lines)


def kept(row: Mapping[str, Any]) -> tuple[Place, Kept]:
    """An answer and its place, from a row."""
    name = f"{row['task']}/{row['item']}"
    if "choice" in row:
        place = (row["task"], row["item"], row["choice"])
        return place, Kept(row["prompt"], Likelihood(f"{name}/{row['choice']}", row["loglikelihood"], row["greedy"]))
    answer = Completion(name, row["sample"], row["text"], row["finished"], row["tokens"], row.get("finish_reason"))
    return (row["task"], row["item"], row["sample"]), Kept(row.get("prompt"), answer)


def _row(place: Place, kept: Kept) -> dict[str, Any]:
    (task, item, number), answer = place, kept.answer
    if isinstance(answer, Likelihood):
        return {"task": task, "item": item, "choice": number, "prompt": kept.prompt, "loglikelihood": answer.total, "greedy": answer.greedy}
    said = {"text": answer.text, "finished": answer.finished, "tokens": answer.tokens, "finish_reason": answer.finish_reason}
    return {"task": task, "item": item, "sample": number, "prompt": kept.prompt, **said}
