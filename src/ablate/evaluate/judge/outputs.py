"""Whether what a program wrote, or a function gave, is what a test expects."""

import math
import re
from typing import Any

CLOSE = 1e-6
"""Relative and absolute, by which decimals may differ, as the usual graders take it."""
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def same_output(said: str, wanted: str) -> bool:
    """Whether two outputs are the same, token by token and line by line; space at ends counts for nothing, decimals may differ a little.

    Args:
        said: the program's.
        wanted: the test's.
    """
    ours, theirs = ([line.split() for line in text.split("\n") if line.strip()] for text in (said, wanted))
    if ours == theirs:
        return True
    if len(ours) != len(theirs):
        return False
    return all(len(a) == len(b) and all(map(_same_token, a, b)) for a, b in zip(ours, theirs, strict=True))


def _same_token(said: str, wanted: str) -> bool:
    if said == wanted:
        return True
    # Whole numbers are exact: of eighteen digits, a millionth would be much.
    if said.lstrip("+-").isdigit() and wanted.lstrip("+-").isdigit():
        return False
    return bool(_DECIMAL.fullmatch(said) and _DECIMAL.fullmatch(wanted)) and _close(float(said), float(wanted))


def same_value(said: Any, wanted: Any) -> bool:
    """Whether two literals are equal as Python has it, lists and tuples being one, decimals differing a little at most.

    Args:
        said: the function's.
        wanted: the test's.
    """
    if isinstance(said, list | tuple) and isinstance(wanted, list | tuple):
        return len(said) == len(wanted) and all(map(same_value, said, wanted))
    if isinstance(said, dict) and isinstance(wanted, dict):
        return said.keys() == wanted.keys() and all(same_value(said[key], wanted[key]) for key in wanted)
    if said == wanted:
        return True
    if not (isinstance(said, float) or isinstance(wanted, float)):
        return False
    try:
        return all(isinstance(one, int | float) for one in (said, wanted)) and _close(float(said), float(wanted))
    except OverflowError:  # a whole number beyond every decimal
        return False


def _close(said: float, wanted: float) -> bool:
    return math.isclose(said, wanted, rel_tol=CLOSE, abs_tol=CLOSE)
