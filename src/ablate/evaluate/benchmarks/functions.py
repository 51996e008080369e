"""What the task files call: the tiny world's held-out items, and the rule that scores any answer."""

from typing import Any

import datasets

from ablate.evaluate.benchmarks import held_out
from ablate.evaluate.items import is_correct, thought_closed


def problems(hops: list[int], items: int, **_: Any) -> dict[str, datasets.Dataset]:
    return {"test": datasets.Dataset.from_list(held_out.problems(hops, items))}


def skills(items: int, **_: Any) -> dict[str, datasets.Dataset]:
    return {"test": datasets.Dataset.from_list(held_out.skills(items))}


def mathematics(rows: datasets.Dataset) -> datasets.Dataset:
    """Rows of the hub's mathematics benchmarks, whose columns have several names, in the form of ours."""

    def item(row: dict[str, Any]) -> dict[str, Any]:
        answer = row.get("final_answer") or row.get("answer")
        accepted = [str(gold) for gold in (answer if isinstance(answer, list) else [answer])]
        return {"problem": row.get("problem") or row.get("question"), "accepted": accepted, "mathematical": True}

    return rows.map(item, remove_columns=rows.column_names)


def process_results(doc: dict[str, Any], results: list[Any]) -> dict[str, float]:
    """Mean over the samples of one item; `results` holds them all, through the filter `take_first_k`."""
    samples = results[0] if isinstance(results[0], list) else results
    finished = [getattr(text, "finished", True) and thought_closed(text) for text in samples]
    mathematical = doc.get("mathematical", False)
    correct = [is_correct(text, doc["accepted"], ended, mathematical) for text, ended in zip(samples, finished, strict=True)]
    return {"correct": sum(correct) / len(correct), "finished": sum(finished) / len(finished)}
