"""How plain numbers are rounded before they are compared, the same as the engines do it."""

from __future__ import annotations

import math

from kit.standard.terms import COMPARE_DIGITS

SCALE = 10.0**COMPARE_DIGITS
# Doubles beyond this have no ninth decimal left to round.
ROUNDS_BELOW = 4.0e6


def units_9(value: float) -> float:
    """Return a plain number in units of the ninth decimal, rounded half up: what comparisons compare."""
    return float(math.floor(value * SCALE + 0.5)) if abs(value) < ROUNDS_BELOW else value * SCALE


def rounded_9(value: float) -> float:
    """Return a plain number rounded to 9 decimals half up, as the engines do it.

    Examples
    --------
    >>> rounded_9(0.1 + 0.2) == rounded_9(0.3)
    True
    """
    return units_9(value) / SCALE if abs(value) < ROUNDS_BELOW else value
