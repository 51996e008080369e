"""What the task files call: the tiny world's held-out items."""

from typing import Any

import datasets

from ablate.evaluate.benchmarks.tiny import held_out


def problems(hops: list[int], items: int, **_: Any) -> dict[str, datasets.Dataset]:
    """Problems of so many steps as a test split.

    Args:
        hops: the least and the most steps.
        items: how many.
    """
    return {"test": datasets.Dataset.from_list(held_out.problems(hops, items))}


def skills(items: int, **_: Any) -> dict[str, datasets.Dataset]:
    """Questions of the base's skills as a test split."""
    return {"test": datasets.Dataset.from_list(held_out.skills(items))}
