"""What a row of a decision table asks of one input, as a drafter writes it in a cell, and as a condition.

- `"-"`: any value, also an unknown one;
- a number, or a text: `"<3"`, `"<=3"`, `">3"`, `">=3"`, `"[3, 10)"`, `"(3, 10]"` (a round bracket leaves the end out);
- `true` or `false`;
- a category; a list of any of these for "one of them".
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal

from kit.errors import cut, did_you_mean
from kit.standard.terms import TRUE, Compare, Constant, Every, Not, Term, either, every, number, text

ANY = "-"
CellValue = bool | int | float | str
Cell = CellValue | list[CellValue]
Hit = Literal["unique", "first", "worst"]

_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,2})?"
_RELATION = re.compile(rf"\s*(<=|>=|<|>|≤|≥|＜|＞)\s*({_NUMBER})\s*")
_INTERVAL = re.compile(rf"\s*([\[(])\s*({_NUMBER})\s*,\s*({_NUMBER})\s*([\])])\s*")
_PLAIN = re.compile(rf"\s*({_NUMBER})\s*")
_SIGNS = {"≤": "<=", "≥": ">=", "＜": "<", "＞": ">"}
_HOW = "write a number, <3, <=3, >3, >=3, [3, 10), (3, 10] or - for any"


class CellError(ValueError):
    """A cell that cannot be read."""


def is_any(cell: Cell) -> bool:
    """Return whether the cell asks for nothing."""
    return cell == ANY


def condition_of(cell: Cell, value: Term, categories: Sequence[str] | None = None) -> Term:
    """Return the condition that `value` is what the cell asks for; unknown where `value` is, but for `-`.

    Parameters
    ----------
    cell : the cell as it stands in the file.
    value : the input as a term.
    categories : the categories of the input, where it is a category field.

    Raises
    ------
    CellError
        With what is allowed, when the cell does not fit the input.

    Examples
    --------
    >>> condition_of(">= 3", number(4.0)).op, condition_of("-", number(4.0)) == TRUE
    ('>=', True)
    """
    if is_any(cell):
        return TRUE
    if isinstance(cell, list):
        if not cell:
            raise CellError("the list is empty; write - for any value")
        if ANY in cell:
            raise CellError("- stands for any value; write it alone")
        return either(*(condition_of(one, value, categories) for one in cell))
    if value.kind == "boolean":
        if not isinstance(cell, bool):
            raise CellError(f"'{cut(cell)}' is no truth; write true, false or - for any")
        return value if cell else Not(value)
    if value.kind == "text":
        if not isinstance(cell, str):
            raise CellError(f"'{cut(cell)}' is no text; write a category, a list of categories or - for any")
        if categories is not None and cell not in categories:
            raise CellError(f"'{cut(cell)}' is no category; {did_you_mean(cell, categories)}")
        return Compare("==", value, text(cell))
    return _number_condition(cell, value)


def number_limits(cell: CellValue) -> tuple[float, float, bool, bool]:
    """Return the lowest and highest number a cell asks for, and whether each belongs to it.

    Examples
    --------
    >>> number_limits("[3, 10)"), number_limits("<3")
    ((3.0, 10.0, True, False), (-inf, 3.0, False, False))
    """
    if isinstance(cell, bool):
        raise CellError(f"'{str(cell).lower()}' is no number; {_HOW}")
    if isinstance(cell, int | float):
        return float(cell), float(cell), True, True
    if found := _RELATION.fullmatch(cell):
        op, end = _SIGNS.get(found[1], found[1]), float(found[2])
        closed = op.endswith("=")
        return (-math.inf, end, False, closed) if op.startswith("<") else (end, math.inf, closed, False)
    if found := _PLAIN.fullmatch(cell):
        return float(found[1]), float(found[1]), True, True
    if found := _INTERVAL.fullmatch(cell):
        low, high = float(found[2]), float(found[3])
        if high < low or (high == low and not (found[1] == "[" and found[4] == "]")):
            raise CellError(f"no number lies in '{cut(cell)}'; the lower end stands first")
        return low, high, found[1] == "[", found[4] == "]"
    raise CellError(f"'{cut(cell)}' is no condition on a number; {_HOW}")


def _number_condition(cell: CellValue, value: Term) -> Term:
    low, high, low_in, high_in = number_limits(cell)
    if low == high:
        return Compare("==", value, number(low))
    above = TRUE if math.isinf(low) else Compare(">=" if low_in else ">", value, number(low))
    return every(above, TRUE if math.isinf(high) else Compare("<=" if high_in else "<", value, number(high)))


def row_condition(cells: Sequence[Cell], values: Sequence[Term], categories: Sequence[Sequence[str] | None]) -> Term:
    """Return the condition that all cells of a row hold."""
    return every(
        *(condition_of(cell, value, names) for cell, value, names in zip(cells, values, categories, strict=True))
    )


def decided(hit: Hit, conditions: Sequence[Term], results: Sequence[float], otherwise: Term, *, high: bool) -> Term:
    """Return what a decision table gives.

    Parameters
    ----------
    hit : `unique` (one row holds; no result where two do), `first` (the first row that holds) or `worst` (the worst
        result of the rows that hold).
    conditions, results : the rows.
    otherwise : the result where no row holds.
    high : whether the higher result is the worse.

    A row of which it is unknown whether it holds hides what could only stand if it does not: there is no result then.
    """
    from kit.standard.terms import UNKNOWN, Arithmetic, Case, Known, when

    rows = list(zip(conditions, results, strict=True))
    if hit == "worst":
        rows.sort(key=lambda row: -row[1] if high else row[1])
    branches: list[tuple[Term, Term]] = []
    if hit == "unique":
        branches += [(Not(Known(condition)), UNKNOWN) for condition in conditions if condition != TRUE]
        hits: Term = number(0)
        for condition in conditions:
            hits = Arithmetic("+", hits, when(condition, number(1), number(0)))
        if len(rows) > 1:
            branches.append((Compare(">", hits, number(1)), UNKNOWN))
    for condition, result in rows:
        branches.append((condition, number(result)))
        if hit != "unique" and condition != TRUE:
            branches.append((Not(Known(condition)), UNKNOWN))
    return Case(tuple(branches), otherwise)


def holds(cell: Cell, value: bool | float | str | None) -> bool | None:
    """Return whether a plain value is what the cell asks for; None where the value is unknown.

    Examples
    --------
    >>> holds("[3, 10)", 3.0), holds([True], False), holds("<3", None), holds("-", None)
    (True, False, None, True)
    """
    if is_any(cell):
        return True
    if value is None:
        return None
    if isinstance(cell, list):
        return any(holds(one, value) for one in cell)
    if isinstance(value, bool | str):
        return cell == value and isinstance(cell, bool) == isinstance(value, bool)
    term = _number_condition(cell, number(value))
    terms = term.terms if isinstance(term, Every) else (term,)
    return all(_compared(one) for one in terms)


def _compared(term: Term) -> bool:
    assert isinstance(term, Compare) and isinstance(term.left, Constant) and isinstance(term.right, Constant)
    # Counted in the ninth decimal, half up, as the engines compare.
    left, right = (math.floor(float(side.value or 0) * 1e9 + 0.5) for side in (term.left, term.right))
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}.get(term.op, left == right)


def row_of(hit: Hit, held: Sequence[bool | None], results: Sequence[float], *, high: bool) -> int | None:
    """Return the position of the row that decided; None where none did or it cannot be known."""
    order = list(range(len(held)))
    if hit == "worst":
        order.sort(key=lambda place: -results[place] if high else results[place])
    if hit == "unique":
        sure = [place for place in order if held[place]]
        return sure[0] if len(sure) == 1 and None not in held else None
    for place in order:
        if held[place] is not False:
            return place if held[place] else None
    return None


__all__ = [
    "ANY",
    "Cell",
    "CellError",
    "CellValue",
    "Hit",
    "condition_of",
    "decided",
    "holds",
    "is_any",
    "number_limits",
    "row_condition",
    "row_of",
]
