"""Whether two expressions have one value, by computing it to many digits at several points."""

from typing import Any

from ablate.evaluate.judge.value import Expression, Unread

DIGITS = 40
WHOLE = ((4, 7, 10, 5, 9), (9, 12, 5, 16, 3), (16, 25, 8, 36, 11), (5, 3, 2, 7, 6), (10, 6, 4, 8, 13))
POINTS = (*WHOLE[:2], (1.37, 2.71, 0.83, 1.91, 3.3), (0.41, 1.13, 2.57, 0.77, 1.19))
"""Where expressions with variables are compared; those that are about whole numbers, at `WHOLE` alone."""


def equal(one: Expression, other: Expression) -> bool | None:
    """Whether two expressions have the same value, at every point where it is asked; None where that can't be told.

    Args:
        one: an expression.
        other: another one.
    """
    from mpmath import mp

    names = sorted(one.variables | other.variables)
    if one.variables != other.variables and not (one.variables and other.variables):
        return False if names else None
    if len(names) > len(POINTS[0]):
        return None
    points = WHOLE if one.whole_numbers or other.whole_numbers else POINTS
    with mp.workdps(DIGITS):
        for point in points if names else points[:1]:
            at = {name: mp.mpf(str(value)) for name, value in zip(names, point, strict=False)}
            try:
                first, second = one.function(at), other.function(at)
                if not (mp.isfinite(first) and mp.isfinite(second)):
                    return None
                if abs(first - second) > mp.mpf(10) ** (-DIGITS // 2) * max(abs(first), abs(second)):
                    return False
            except (Unread, ArithmeticError, ValueError, TypeError, OverflowError):
                return None
    return True


def number(one: Expression) -> Any:
    """The value of an expression without variables; None where it has none."""
    from mpmath import mp

    if one.variables:
        return None
    with mp.workdps(DIGITS):
        try:
            value = one.function({})
            return +value if mp.isfinite(value) else None
        except (Unread, ArithmeticError, ValueError, TypeError, OverflowError):
            return None
