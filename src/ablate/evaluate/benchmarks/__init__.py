"""Benchmarks: lm-eval tasks, each with its items and its judge."""

from pathlib import Path

FOLDER = Path(__file__).parent


def is_choice(task: str) -> bool:
    return "output_type: multiple_choice" in (FOLDER / f"{task}.yaml").read_text()


def key(task: str) -> str:
    return "1"
