"""What the task files call: how an answer is judged, once, and what is kept of the judgement."""

from typing import Any

from ablate.evaluate.items import is_correct, thought_closed


def process_results(doc: dict[str, Any], results: list[Any]) -> dict[str, list[bool | None]]:
    """Whether each sample of one item is correct and finished.

    Args:
        doc: the item, with `accepted` answers, and `mathematical` where they are compared in mathematics.
        results: its samples; through the filter `take_first_k` a list of them all.

    Returns:
        `correct` and `finished`, each a list over the samples; an answer of which nobody says whether it ended is not known to be
        finished, and judged as it stands.
    """
    samples = results[0] if isinstance(results[0], list) else results
    ended = [getattr(text, "finished", None) for text in samples]
    finished = [None if known is None else known and thought_closed(text) for text, known in zip(samples, ended, strict=True)]
    accepted, mathematical = doc["accepted"], doc.get("mathematical", False)
    correct: list[bool | None] = [
        is_correct(text, accepted, known is not False, mathematical) for text, known in zip(samples, finished, strict=True)
    ]
    return {"correct": correct, "finished": finished}


def share(items: list[list[bool | None]]) -> float:
    """Over items, the mean share of samples; what is not known counts as half."""
    means = [sum(0.5 if one is None else one for one in samples) / len(samples) for samples in items]
    return sum(means) / len(means)
