"""The rows of a pinned set: from the hub at its commit, or from a local copy. Files are read as they are; nothing of theirs is run."""

import gzip
import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ablate.errors import UserError
from ablate.evaluate.benchmarks.pins import Pin
from ablate.evaluate.benchmarks.sources import Sources

KINDS = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".parquet", ".csv", ".tsv")
TSV = ("question", "answer")
"""The columns of files of tab-separated values, which have no line of names (MGSM's)."""
SHOWN = 8
"""How many names a message lists."""


def read(pin: Pin, sources: Sources) -> list[dict[str, Any]]:
    """All rows of a set.

    Args:
        pin: what it is.
        sources: where it comes from.

    Raises:
        UserError: there is no copy, no commit, nothing at the hub, another number of rows, or a column is missing.
    """
    folder = located(pin, sources)
    rows = [row for path in data_files(folder, pin) for row in of_file(path)]
    where = f"{pin.name}: {folder}"
    if not rows:
        raise UserError(f"{where}: holds no rows")
    lacking = [column for column in pin.columns if column not in rows[0]]
    if lacking:
        raise UserError(f"{where}: found the columns {', '.join(map(str, rows[0]))}; {', '.join(lacking)} is expected")
    if copy_of(pin, sources) is None and pin.rows is not None and len(rows) != pin.rows and pin.name not in sources.revisions:
        raise UserError(f"{where}: found {len(rows)} rows, {pin.rows} are expected at commit {pin.revision}")
    return rows


def copy_of(pin: Pin, sources: Sources) -> Path | None:
    """The folder of a set's local copy; None where `evaluate.copies` names none.

    Args:
        pin: what it is.
        sources: where it comes from.

    Raises:
        UserError: `evaluate.copies` is no folder.
    """
    if sources.copies is None:
        return None
    root = Path(sources.copies)
    if not root.is_dir():
        raise UserError(
            f"evaluate.copies: found {root}, which is no folder; it holds copies as <owner>/<name>/, as hf download leaves them"
        )
    owner, _, name = pin.hub.partition("/")
    places = [root / owner / name, root / name, root / f"{owner}--{name}"]
    return next((place for place in places if place.is_dir()), None)


def located(pin: Pin, sources: Sources, fetch: bool = True) -> Path:
    """The folder with a set's files: its copy, else what the hub has at its commit, fetched where it is not there yet.

    Args:
        pin: what it is.
        sources: where it comes from.
        fetch: whether the hub may be asked.

    Raises:
        UserError: there is none.
    """
    copy = copy_of(pin, sources)
    if copy is not None:
        return copy
    revision = sources.revisions.get(pin.name, pin.revision)
    advice = f"hf download --repo-type dataset {pin.hub} --local-dir COPIES/{pin.hub} and evaluate.copies=COPIES"
    if revision is None:
        raise UserError(f"evaluate.revisions.{pin.name}: no commit of {pin.hub} is known to ablate; name one, or a copy: {advice}")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        patterns = list(pin.files)
        return Path(snapshot_download(pin.hub, repo_type="dataset", revision=revision, allow_patterns=patterns, local_files_only=not fetch))
    except GatedRepoError as error:
        raise UserError(f"{pin.name}: {pin.hub} asks for an account: accept its terms there, and set HF_TOKEN") from error
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise UserError(
            f"{pin.name}: the hub has no {pin.hub} at {revision}; evaluate.revisions.{pin.name} names another commit"
        ) from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        raise UserError(f"{pin.name}: {pin.hub} is not here, and the hub can't be reached ({first}); {advice}") from error


def data_files(folder: Path, pin: Pin) -> list[Path]:
    """The files of a set in its folder: those that its pin names, else, in a copy of another shape, the only ones there are.

    Args:
        folder: of the set.
        pin: what it is.

    Raises:
        UserError: which are meant can't be told.
    """
    there = sorted(path for path in folder.rglob("*") if path.name.endswith(KINDS) and ".cache" not in path.parts)
    names = {path: path.relative_to(folder).as_posix() for path in there}
    wanted = [path for pattern in pin.files for path in there if fnmatch(names[path], pattern) or fnmatch(names[path], f"{pattern}.gz")]
    if wanted:
        return list(dict.fromkeys(wanted))
    if len(there) == 1:
        return there
    found = ", ".join(list(names.values())[:SHOWN]) or "no data files"
    raise UserError(f"{pin.name}: {folder}: found {found}; expected {' and '.join(pin.files)}, or one file ending in {', '.join(KINDS)}")


def of_file(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of one file, of any of the kinds.

    Args:
        path: of the file.

    Raises:
        UserError: it can't be read.
    """
    try:
        yield from _read(path)
    except (OSError, EOFError, ValueError) as error:
        raise UserError(f"{path}: can't be read: {str(error).splitlines()[0]}") from error


def _read(path: Path) -> Iterator[dict[str, Any]]:
    kind = next(kind for kind in sorted(KINDS, key=len, reverse=True) if path.name.endswith(kind))
    if kind == ".parquet":
        import pyarrow.parquet

        yield from pyarrow.parquet.read_table(path).to_pylist()
        return
    if kind in (".csv", ".tsv"):
        import csv

        csv.field_size_limit(2**31 - 1)
        with path.open(encoding="utf-8-sig", newline="") as cells:
            yield from csv.DictReader(cells) if kind == ".csv" else csv.DictReader(cells, TSV, delimiter="\t", quoting=csv.QUOTE_NONE)
        return
    with (gzip.open if kind.endswith(".gz") else open)(path, "rt", encoding="utf-8") as lines:
        if kind.startswith(".jsonl"):
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _object(line, number)
            return
        whole = json.load(lines)
    rows = whole if isinstance(whole, list) else [whole]
    if not all(isinstance(row, Mapping) for row in rows):
        raise ValueError("it holds no list of objects")
    yield from rows


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"row {number}: is no JSON: {error}") from None
    if not isinstance(row, dict):
        raise ValueError(f"row {number}: found {line.strip()[:60]}, an object is expected")
    return row
