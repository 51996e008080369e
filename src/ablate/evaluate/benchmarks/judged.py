"""What the task files call when answers are there: lm-eval's part ends with them; they are judged together, by the task's rule."""

from typing import Any


def answered(doc: dict[str, Any], results: list[Any]) -> dict[str, float]:
    """That an item was answered.

    Args:
        doc: the item.
        results: its answer.
    """
    return {"answered": 1.0}
