"""What the task files call: the tiny world's held-out items, and the rule that scores any answer."""

from typing import Any

import datasets

from ablate.evaluate import held_out
from ablate.evaluate.items import is_correct, thought_closed


def problems(hops: list[int], items: int, **_: Any) -> dict[str, datasets.Dataset]:
    return {"test": datasets.Dataset.from_list(held_out.problems(hops, items))}


def skills(items: int, **_: Any) -> dict[str, datasets.Dataset]:
    return {"test": datasets.Dataset.from_list(held_out.skills(items))}


def process_results(doc: dict[str, Any], results: list[Any]) -> dict[str, float]:
    """Mean over the samples of one item; `results` holds them all, through the filter `take_first_k`."""
    samples = results[0] if isinstance(results[0], list) else results
    finished = [getattr(text, "finished", True) and thought_closed(text) for text in samples]
    correct = [is_correct(text, doc["accepted"], ended) for text, ended in zip(samples, finished, strict=True)]
    return {"correct": sum(correct) / len(correct), "finished": sum(finished) / len(finished)}
