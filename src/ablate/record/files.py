"""Files of a run folder, each written whole or not at all."""

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A path to write to, a file or a folder; it takes the name `target` only when the block ends well, so what has the name is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial-{token_hex(6)}")  # of which no two processes, on whatever node, have the same
    try:
        yield partial
        if target.is_dir():
            remove(target)
        os.replace(partial, target)
    finally:
        remove(partial)


def clear_partial(folder: Path) -> None:
    """Remove what a killed process left half-written below the folder; whoever does so holds it."""
    for partial in folder.rglob(".*.partial-*"):
        remove(partial)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_text(path: Path, text: str) -> None:
    """Write a text whole, lone surrogates included.

    Args:
        path: the file; its folder is made.
        text: what to write.
    """
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8", errors="surrogatepass")


def write_json(path: Path, value: Any) -> None:
    """Write what JSON can hold, whole.

    Args:
        path: the file; its folder is made.
        value: what to write.
    """
    write_text(path, json.dumps(value, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """What a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_rows(path: Path, rows: list[Any]) -> None:
    """Mappings or dataclasses as JSON Lines, compressed where the name ends in `.gz`.

    Args:
        path: the file; its folder is made.
        rows: what to write, one line each.
    """
    with whole(path) as partial, (gzip.open if path.suffix == ".gz" else open)(partial, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row if isinstance(row, dict) else asdict(row)) + "\n" for row in rows)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file that `write_rows` wrote."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_table(path: Path, table: "pandas.DataFrame") -> None:
    """Write a table as Parquet, whole.

    Args:
        path: the file; its folder is made.
        table: what to write.
    """
    with whole(path) as partial:
        table.to_parquet(partial, index=False)
