"""How long stages tell how far they are."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Told how many of how many steps are done."""
