"""What each benchmark is pinned to: dataset, commit, files, number of rows. The task files say it; this reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ablate.evaluate.benchmarks.catalogue import described, files


@dataclass(frozen=True)
class Pin:
    """A set of a benchmark: `files` are patterns of its data files, `rows` how many they hold on the hub (None: not known).

    `revision` is a commit, or None where none is known; one that stands in other people's code and was not checked is `unconfirmed`.
    """

    name: str
    hub: str
    files: tuple[str, ...]
    columns: tuple[str, ...]
    revision: str | None = None
    rows: int | None = None
    unconfirmed: bool = False
    gated: bool = False


def pin(name: str, described: Mapping[str, Any]) -> Pin:
    """The pin in a task file's `dataset_kwargs`.

    Args:
        name: of the set.
        described: as the file has them.
    """
    given = {key: described[key] for key in ("hub", "revision", "rows", "unconfirmed", "gated") if key in described}
    return Pin(name, files=tuple(described["files"]), columns=tuple(described["columns"]), **given)


@cache
def pins() -> dict[str, Pin]:
    """By task, of those that have one."""
    known = {task: described(task).get("dataset_kwargs") or {} for task in files()}
    return {task: pin(task.removeprefix("ablate_"), kwargs) for task, kwargs in known.items() if "hub" in kwargs}
