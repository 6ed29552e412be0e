"""What a rule of a decision table asks of one column: numbers in intervals, truths, categories."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from kit.errors import KitError, cut, did_you_mean

End = Fraction | float  # floats only for the two infinities
Value = Fraction | bool | str


@dataclass(frozen=True)
class Interval:
    """Numbers between two ends, each of which belongs to it or not; an infinite end never does."""

    low: End = -math.inf
    high: End = math.inf
    low_in: bool = False
    high_in: bool = False

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, Fraction):
            return False
        above = value > self.low or (self.low_in and value == self.low)
        return above and (value < self.high or (self.high_in and value == self.high))

    def __str__(self) -> str:
        if self.low == self.high:
            return _number_text(self.low)
        left = "[" if self.low_in else "("
        right = "]" if self.high_in else ")"
        return f"{left}{_number_text(self.low)}, {_number_text(self.high)}{right}"


@dataclass(frozen=True)
class Column:
    """One input of a table.

    Attributes
    ----------
    name : as a reader knows it.
    type : number, integer, boolean or category.
    within : the declared range (numbers); without limits by default.
    values : the categories.
    """

    name: str
    type: Literal["number", "integer", "boolean", "category"]
    within: Interval = Interval()
    values: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers."""
        return self.type in ("number", "integer")


@dataclass(frozen=True)
class Cell:
    """What a rule asks of one column: any value, or one of these intervals or values; `negated` turns it round."""

    any: bool = False
    intervals: tuple[Interval, ...] = ()
    values: frozenset[bool | str] = frozenset()
    negated: bool = False

    def holds(self, value: Value) -> bool:
        """Return whether `value` is among those asked for."""
        if self.any:
            return True
        if isinstance(value, Fraction):
            return any(value in interval for interval in self.intervals) != self.negated
        return (value in self.values) != self.negated


_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
_INTERVAL = re.compile(rf"([\[\](])\s*({_NUMBER}|-inf)\s*(?:\.\.|,)\s*({_NUMBER}|inf)\s*([\])\[])")
_RELATION = re.compile(rf"(<=|>=|<|>|=|≤|≥)\s*({_NUMBER})")
_PLAIN = re.compile(_NUMBER)
_TEXT = re.compile(r'"([^"]*)"|\'([^\']*)\'|([^\s,"\'()\[\]]+)')
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)


def parse_cell(cell: object, column: Column) -> Cell:
    """Return what a cell asks of its column.

    Cells are written as in DMN: `-` or empty asks nothing; `< 3`, `>= 10`, `[3..10)`, `[3, 10)`, `]3..10]`, `5`;
    `true`, `false`; `"a"` or `a`; several with commas; `not(...)`. A list, number or truth (from YAML) is read alike.

    Raises
    ------
    KitError
        When the cell is none of these or names no value of the column, with what is allowed.

    Examples
    --------
    >>> [str(part) for part in parse_cell("[0..3), > 5", Column("x", "number")).intervals]
    ['[0, 3)', '(5, inf)']
    """
    if isinstance(cell, list | tuple):
        cells = [parse_cell(part, column) for part in cell]
        return Cell(
            any(part.any for part in cells),
            tuple(interval for part in cells for interval in part.intervals),
            frozenset(value for part in cells for value in part.values),
        )
    if cell is None:
        return Cell(any=True)
    text = ("true" if cell else "false") if isinstance(cell, bool) else str(cell).strip()
    if text in ("", "-"):
        return Cell(any=True)
    turned = _NOT.fullmatch(text)
    if turned:
        inner = parse_cell(turned.group(1), column)
        if inner.any:
            raise _bad(text, column)
        return Cell(False, inner.intervals, inner.values, not inner.negated)
    intervals: list[Interval] = []
    values: set[bool | str] = set()
    rest = text
    while True:
        if column.numeric:
            interval, length = _read_interval(rest, text, column)
            intervals.append(interval)
        else:
            value, length = _read_value(rest, text, column)
            values.add(value)
        rest = rest[length:].lstrip()
        if not rest:
            return Cell(False, tuple(intervals), frozenset(values))
        if not rest.startswith(","):
            raise _bad(text, column)
        rest = rest[1:].lstrip()


def _read_interval(rest: str, text: str, column: Column) -> tuple[Interval, int]:
    if match := _INTERVAL.match(rest):
        left, low, high, right = match.groups()
        ends = [-math.inf if low == "-inf" else Fraction(low), math.inf if high == "inf" else Fraction(high)]
        if ends[0] > ends[1]:
            raise KitError(f"'{cut(text)}' of {column.name} runs backwards: {low} is above {high}")
        interval = Interval(
            ends[0], ends[1], left == "[" and ends[0] != -math.inf, right == "]" and ends[1] != math.inf
        )
    elif match := _RELATION.match(rest):
        op, end = match.group(1).replace("≤", "<=").replace("≥", ">="), Fraction(match.group(2))
        interval = {
            "<": Interval(high=end),
            "<=": Interval(high=end, high_in=True),
            ">": Interval(low=end),
            ">=": Interval(low=end, low_in=True),
            "=": Interval(end, end, True, True),
        }[op]
    elif match := _PLAIN.match(rest):
        interval = Interval(Fraction(match.group()), Fraction(match.group()), True, True)
    else:
        raise _bad(text, column)
    return interval, match.end()


def _read_value(rest: str, text: str, column: Column) -> tuple[bool | str, int]:
    match = _TEXT.match(rest)
    if match is None:
        raise _bad(text, column)
    word = next(group for group in match.groups() if group is not None)
    if column.type == "boolean":
        if word.lower() not in ("true", "false"):
            raise KitError(f"'{cut(text)}' is no value of {column.name}; allowed: true, false, -")
        return word.lower() == "true", match.end()
    if word not in column.values:
        raise KitError(f"'{cut(word)}' is no value of {column.name}; {did_you_mean(word, column.values)}")
    return word, match.end()


def _bad(text: str, column: Column) -> KitError:
    forms = {
        "boolean": "true, false, -",
        "category": "a value, several with commas, not(…), -",
    }.get(column.type, "< 3, >= 10, [3, 10), 5, several with commas, not(…), -")
    return KitError(f"'{cut(text)}' cannot be read as a cell of {column.name}; allowed: {forms}")


def _number_text(value: End) -> str:
    if isinstance(value, Fraction):
        return str(value.numerator) if value.denominator == 1 else f"{float(value):.12g}"
    return "inf" if value > 0 else "-inf"
