"""The perturbed traces as the run folder keeps them, and what their manifests come to."""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ablate.perturb import Edits
from ablate.traces import Example

if TYPE_CHECKING:
    import pandas


def table(clean: Sequence[Example], perturbed: Iterable[tuple[Example, tuple[Edits, ...]]]) -> "pandas.DataFrame":
    """One row per trace: its text before and after, its manifest, and its length before and after.

    Args:
        clean: examples before.
        perturbed: the same examples after, each with its manifest.
    """
    import pandas

    return pandas.DataFrame(
        [
            {
                "id": before.id,
                "source": before.source,
                "problem": after.problem,
                "answer": after.answer,
                "clean": before.trace.text,
                "perturbed": after.trace.text,
                "edits": json.dumps([edits.as_dict() for edits in manifest]),
                "changed": (before.problem, before.trace) != (after.problem, after.trace),
                "steps_before": len(before.trace.steps),
                "steps_after": len(after.trace.steps),
                "characters_before": len(before.trace.text),
                "characters_after": len(after.trace.text),
            }
            for before, (after, manifest) in zip(clean, perturbed, strict=True)
        ]
    )


def edits_of(row: str) -> tuple[Edits, ...]:
    """The manifest that a row of the table holds."""
    return tuple(Edits.from_dict(edits) for edits in json.loads(row))


def statistics(traces: "pandas.DataFrame") -> dict[str, Any]:
    """What the manifests of an arm come to: shares of traces, ratios of totals, and counts of edits per trace and perturbation."""
    numbers: dict[str, Any] = {
        "traces": len(traces),
        "changed": float(traces["changed"].mean()),
    }
    for unit in ("steps", "characters"):
        numbers[f"{unit}_ratio"] = float(traces[f"{unit}_after"].sum() / max(1, traces[f"{unit}_before"].sum()))
    counts: dict[str, list[float]] = {}
    for manifest in map(json.loads, traces["edits"]):
        for edits in manifest:
            for kind in ("moved", "removed", "inserted", "repeated", "replaced"):
                counts.setdefault(f"{edits['perturbation']}/{kind}", []).append(len(edits[kind]))
            if edits["keywords_left"] is not None:
                counts.setdefault(f"{edits['perturbation']}/keywords_left", []).append(edits["keywords_left"])
    return numbers | {name: sum(values) / len(values) for name, values in counts.items()}
