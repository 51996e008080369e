"""The table of all pins, as the docs and `--help` show it."""

from ablate.evaluate.benchmarks.catalogue import files
from ablate.evaluate.benchmarks.checking import rule
from ablate.evaluate.benchmarks.pins import pins

HEAD = ("task", "dataset", "commit", "rows", "rule")


def table() -> list[tuple[str, ...]]:
    """A row of texts for every set, room by room, in the columns of `HEAD`.

    A commit marked † stands in other people's code and was not checked.
    """
    lines: list[tuple[str, ...]] = []
    for task, pin in sorted(pins().items(), key=lambda pair: (files()[pair[0]].parent.name, pair[0])):
        commit = f"{pin.revision[:10]}{'†' if pin.unconfirmed else ''}" if pin.revision else "to be named"
        gated = " (gated)" if pin.gated else ""
        lines.append((task, f"{pin.hub}{gated}", commit, str(pin.rows or "by window"), str(rule(task))))
    return lines
