"""What the task files call: rows of the hub's benchmarks in the form of ours."""

from typing import Any

import datasets


def mathematics(rows: datasets.Dataset) -> datasets.Dataset:
    """Rows of the hub's mathematics benchmarks, whose columns have several names, in the form of ours."""

    def item(row: dict[str, Any]) -> dict[str, Any]:
        answer = row.get("final_answer") or row.get("answer")
        accepted = [str(gold) for gold in (answer if isinstance(answer, list) else [answer])]
        return {"problem": row.get("problem") or row.get("question"), "accepted": accepted, "mathematical": True}

    return rows.map(item, remove_columns=rows.column_names)
