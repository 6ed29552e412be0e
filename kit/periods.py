"""Quarters, written like 2019Q4."""

from __future__ import annotations

import datetime as dt
import re

from kit.errors import KitError


def quarter_start(period: str) -> dt.date:
    """Return the first day of a quarter.

    Raises
    ------
    KitError
        When `period` is not written like 2019Q4.

    Examples
    --------
    >>> quarter_start("2019Q4").isoformat()
    '2019-10-01'
    """
    match = re.fullmatch(r"(\d{4})Q([1-4])", period)
    if match is None or int(match[1]) < 1:
        raise KitError(f"'{period}' is no quarter; write for example 2019Q4")
    return dt.date(int(match[1]), 3 * int(match[2]) - 2, 1)


def quarter_end(period: str) -> dt.date:
    """Return the last day of a quarter.

    Examples
    --------
    >>> quarter_end("2019Q4").isoformat()
    '2019-12-31'
    """
    start = quarter_start(period)
    following = dt.date(start.year + start.month // 10, (start.month + 3) % 12, 1)
    return following - dt.timedelta(days=1)


def previous_quarter(period: str) -> str:
    """Return the quarter before.

    Examples
    --------
    >>> previous_quarter("2019Q1")
    '2018Q4'
    """
    last = quarter_start(period) - dt.timedelta(days=1)
    return f"{last.year}Q{(last.month - 1) // 3 + 1}"
