"""Headings of a table: how they are compared, and where they stand when a title or merged cells are above them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

Known = Callable[[str], bool]

HEAD_ROWS = 10
_BRACKETS = re.compile(r"[((\[【][^()()\[\]【】]*[))\]】]$")


def normal_heading(heading: str) -> str:
    """Return a heading as it is compared: ordinary letters and brackets, no blanks, no *, small letters.

    Examples
    --------
    >>> normal_heading("平均 车龄（年）*")
    '平均车龄(年)'
    """
    text = unicodedata.normalize("NFKC", heading).replace("*", "")
    return "".join(text.split()).lower()


def without_unit(normal: str) -> str:
    """Return a normal heading without the brackets at its end, which hold a unit.

    Examples
    --------
    >>> without_unit("平均车龄(年)")
    '平均车龄'
    """
    return _BRACKETS.sub("", normal)


def find_headings(top: Sequence[Sequence[Any]], known: Known | None) -> tuple[list[str], int]:
    """Return the headings, and how many of the first rows of a table (`top`, with content) they take up.

    The first row, as a rule. Where declared headings are known: the row, or the two rows one above the other (a
    group of columns and below it the columns), with the most of them; a row must have more to come after another.
    Nothing but a heading is told apart by what it says, so a row of data is never taken for one.

    Examples
    --------
    >>> find_headings([["示例台账"], ["编号", "坐标", ""], ["", "经度", "纬度"]], {"编号", "经度", "纬度"}.__contains__)
    (['编号', '经度', '纬度'], 3)
    """
    rows = [[_text(cell) for cell in row] for row in top[:HEAD_ROWS]]
    if not rows:
        return [], 0
    best, taken = rows[0], 1
    if known is not None:
        most = _count(rows[0], known)
        for at, row in enumerate(rows):
            if _count(row, known) > most:
                best, taken, most = row, at + 1, _count(row, known)
            pair = _pair(row, rows[at + 1], known) if at + 1 < len(rows) else []
            if _count(pair, known) > most:
                best, taken, most = pair, at + 2, _count(pair, known)
    return list(best), taken


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _count(row: Sequence[str], known: Known) -> int:
    # A title merged over the columns stands in each of them and counts once.
    return len({cell for cell in row if cell and known(cell)})


def _pair(upper: Sequence[str], lower: Sequence[str], known: Known) -> list[str]:
    """Return the headings of two rows as one; empty when the lower one looks like data."""
    joined: list[str] = []
    own, meant = 0, 0
    group = ""
    for place in range(max(len(upper), len(lower))):
        above = upper[place] if place < len(upper) else ""
        below = lower[place] if place < len(lower) else ""
        group = above or (group if below else "")
        if not below or below == above:
            joined.append(above)
            continue
        # 责任人 above 姓名 and 电话: the second is known by both words, the first by the group's alone.
        text = next((text for text in (f"{group}{below}", below) if known(text)), None)
        own, meant = own + 1, meant + (text is not None)
        joined.append(text or (group if above and known(group) else below))
    return joined if 2 * meant > own else []
