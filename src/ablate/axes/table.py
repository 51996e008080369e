"""The common axes of a whole arm, read from its shards one after the other."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from ablate.axes.disruption import measure
from ablate.record import manifest

if TYPE_CHECKING:
    import pandas

TokenIds = Callable[[list[str]], list[list[int]]]
"""The student's tokens of each text."""


def disruptions(shards: "Iterable[pandas.DataFrame]", token_ids: TokenIds) -> "pandas.DataFrame":
    """One row per trace: its id and its `Disruption`.

    Args:
        shards: tables of perturbed traces.
        token_ids: the student's tokens of each text.
    """
    import pandas

    rows = []
    for shard in shards:
        clean, perturbed = shard["clean"].tolist(), shard["perturbed"].tolist()
        ids = zip(token_ids(clean), token_ids(perturbed), strict=True)
        steps = shard["steps_before"].tolist()
        for name, before, after, count, edits, tokens in zip(shard["id"], clean, perturbed, steps, shard["edits"], ids, strict=True):
            rows.append({"id": name, **asdict(measure(before, after, count, manifest.edits_of(edits), *tokens))})
    return pandas.DataFrame(rows)


def summarise(traces: "pandas.DataFrame") -> dict[str, float | None]:
    """The arm's place on every axis: means over the traces that have one; the token ratio is one of totals."""
    ratio = float(traces["tokens_after"].sum() / max(1, traces["tokens_before"].sum()))
    axes = ("characters_changed", "tokens_changed", "kendall_tau", "answer_survived", "surprisal")
    means = {axis: traces[axis].astype(float).mean() for axis in axes}
    return {"token_ratio": ratio, **{axis: None if mean != mean else float(mean) for axis, mean in means.items()}}


def sample(ids: Sequence[str], count: int) -> list[int]:
    """The positions of `count` ids chosen by their hash, so that every arm over the same data chooses the same.

    Args:
        ids: of all traces.
        count: how many to choose.
    """
    digests = [hashlib.blake2b(f"{name}\0surprisal".encode(errors="surrogatepass")).digest() for name in ids]
    return sorted(sorted(range(len(digests)), key=digests.__getitem__)[:count])
