"""Gaps and overlaps of a decision table, exactly.

A table is a list of rules; a rule holds where every one of its cells does. Along each column the cells' ends cut the
domain into elementary regions (points and the open intervals between them, truths, categories) on each of which no
cell changes its mind. One value stands for a region, so walking the regions decides every question about the table
for all values, of which there are infinitely many. Only the cuts of rules still alive are walked, and a set of alive
rules is walked once for each column: the regions are never all listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from kit.checking.decision_cells import Cell, Column, End, Interval, Value
from kit.errors import KitError

Rules = frozenset[int]


@dataclass(frozen=True)
class Box:
    """A part of the table's domain: column name to an interval or a tuple of values, and one point in it."""

    parts: dict[str, Interval | tuple[bool | str, ...]]
    example: dict[str, Any]

    def __str__(self) -> str:
        shown = []
        for name, part in self.parts.items():
            if isinstance(part, Interval):
                shown.append(f"{name} {part}")
            else:
                shown.append(f"{name} {{{', '.join(_plain_text(value) for value in part)}}}")
        return "; ".join(shown)

    def __contains__(self, point: object) -> bool:
        if not isinstance(point, dict):
            return False
        return all(
            (_exact(point[name]) in part) if isinstance(part, Interval) else point[name] in part
            for name, part in self.parts.items()
        )


@dataclass(frozen=True)
class Overlap:
    """Rules (numbered from 1) that hold together at `example`; no further rule ever holds together with all of them."""

    rules: tuple[int, ...]
    example: dict[str, Any]


@dataclass(frozen=True)
class _Region:
    """An elementary region: what it is and one value in it."""

    part: Interval | bool | str
    sample: Value


@dataclass
class DecisionTable:
    """A table to be analysed.

    Examples
    --------
    >>> from kit.checking.decision_cells import parse_cell
    >>> table = DecisionTable([Column("x", "number")], [[parse_cell("< 3", Column("x", "number"))]])
    >>> [str(gap) for gap in table.gaps()]
    ['x [3, inf)']
    """

    columns: Sequence[Column]
    rules: Sequence[Sequence[Cell]]
    _gaps: dict[tuple[int, Rules], tuple[tuple[Any, ...], ...]] = field(default_factory=dict, repr=False)
    _sets: dict[tuple[int, Rules], dict[Rules, tuple[Value, ...]]] = field(default_factory=dict, repr=False)
    _firsts: dict[tuple[int, Rules], frozenset[tuple[int, int]]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for position, rule in enumerate(self.rules, start=1):
            if len(rule) != len(self.columns):
                raise KitError(
                    f"rule {position} has {len(rule)} cells, but the table has {len(self.columns)} columns; "
                    "write - for a cell that asks nothing"
                )

    @property
    def all_rules(self) -> Rules:
        """Return the numbers of all rules, from 1."""
        return frozenset(range(1, len(self.rules) + 1))

    def regions(self, position: int, rules: Rules) -> Iterator[_Region]:
        """Yield the elementary regions of a column as `rules` cut it, in order."""
        column = self.columns[position]
        if column.type == "boolean":
            yield from (_Region(value, value) for value in (True, False))
        elif column.type == "category":
            yield from (_Region(value, value) for value in column.values)
        else:
            ends = {column.within.low, column.within.high}
            for number in rules:
                for interval in self.rules[number - 1][position].intervals:
                    ends |= {interval.low, interval.high}
            yield from _number_regions(sorted(ends), column)

    def after(self, position: int, rules: Rules, region: _Region) -> Rules:
        """Return those of `rules` whose cell in the column holds on the region."""
        return frozenset(number for number in rules if self.rules[number - 1][position].holds(region.sample))

    # -- gaps ----------------------------------------------------------------------------------------

    def gaps(self) -> list[Box]:
        """Return where no rule holds, as boxes that do not overlap; each with a point in it."""
        return [
            Box(
                {column.name: part for column, (part, _) in zip(self.columns, box, strict=True)},
                {column.name: _plain(sample) for column, (_, sample) in zip(self.columns, box, strict=True)},
            )
            for box in self._gaps_from(0, self.all_rules)
        ]

    def _gaps_from(self, position: int, rules: Rules) -> tuple[tuple[Any, ...], ...]:
        if position == len(self.columns):
            return () if rules else ((),)
        key = (position, rules)
        if key not in self._gaps:
            found: list[tuple[Any, ...]] = []
            for part, sample, below in self._merged(position, rules):
                found += [((part, sample), *box) for box in below]
            self._gaps[key] = tuple(found)
        return self._gaps[key]

    def _merged(self, position: int, rules: Rules) -> list[tuple[Any, Value, tuple[tuple[Any, ...], ...]]]:
        """Return the regions of a column with the gaps behind them, neighbours alike behind them made one."""
        merged: list[tuple[Any, Value, tuple[tuple[Any, ...], ...]]] = []
        numeric = self.columns[position].numeric
        for region in self.regions(position, rules):
            below = self._gaps_from(position + 1, self.after(position, rules, region))
            if numeric:
                part = region.part
                assert isinstance(part, Interval)
                if merged and merged[-1][2] == below:
                    first, sample, _ = merged[-1]
                    merged[-1] = (Interval(first.low, part.high, first.low_in, part.high_in), sample, below)
                else:
                    merged.append((part, region.sample, below))
                continue
            alike = next((index for index, entry in enumerate(merged) if entry[2] == below), None)
            if alike is None:
                merged.append(((region.part,), region.sample, below))
            else:
                merged[alike] = ((*merged[alike][0], region.part), merged[alike][1], below)
        return [entry for entry in merged if entry[2]]

    # -- overlaps ------------------------------------------------------------------------------------

    def overlaps(self) -> list[Overlap]:
        """Return the largest sets of rules that hold together somewhere, each with a point where they do."""
        sets = self._sets_from(0, self.all_rules)
        largest = [rules for rules in sets if not any(rules < other for other in sets)]
        return [
            Overlap(
                tuple(sorted(rules)),
                {column.name: _plain(value) for column, value in zip(self.columns, sets[rules], strict=True)},
            )
            for rules in sorted(largest, key=sorted)
        ]

    def _sets_from(self, position: int, rules: Rules) -> dict[Rules, tuple[Value, ...]]:
        if len(rules) < 2:
            return {}
        if position == len(self.columns):
            return {rules: ()}
        key = (position, rules)
        if key not in self._sets:
            found: dict[Rules, tuple[Value, ...]] = {}
            for region in self.regions(position, rules):
                alive = self.after(position, rules, region)
                for together, point in self._sets_from(position + 1, alive).items():
                    found.setdefault(together, (region.sample, *point))
            self._sets[key] = {
                together: point for together, point in found.items() if not any(together < other for other in found)
            }
        return self._sets[key]

    # -- rules that never decide -----------------------------------------------------------------------

    def never_first(self) -> tuple[list[int], list[int]]:
        """Return the rules that hold nowhere in the domain, and those always masked by rules above them."""
        firsts = {first for first, _ in self._firsts_from(0, self.all_rules)}
        empty = [number for number in sorted(self.all_rules) if not self._firsts_from(0, frozenset({number}))]
        return empty, sorted(self.all_rules - firsts - set(empty))

    def redundant(self, outputs: Sequence[object]) -> list[int]:
        """Return the rules each of which could go, the first that holds deciding: the next gives the same output."""
        pairs = self._firsts_from(0, self.all_rules)
        return [
            number
            for number in sorted({first for first, _ in pairs})
            if all(second and outputs[second - 1] == outputs[number - 1] for first, second in pairs if first == number)
        ]

    def _firsts_from(self, position: int, rules: Rules) -> frozenset[tuple[int, int]]:
        """Return each pair of the first and second rule that hold somewhere; 0 where there is no second."""
        if position == len(self.columns) or not rules:
            first, second = (*sorted(rules)[:2], 0, 0)[:2]
            return frozenset({(first, second)}) if rules else frozenset()
        key = (position, rules)
        if key not in self._firsts:
            found: set[tuple[int, int]] = set()
            for region in self.regions(position, rules):
                found |= self._firsts_from(position + 1, self.after(position, rules, region))
            self._firsts[key] = frozenset(found)
        return self._firsts[key]


@dataclass(frozen=True)
class TableFault:
    """Something wrong with a table.

    Attributes
    ----------
    kind : `gap` (no rule holds), `overlap` (several hold, the hit policy allows one), `empty` (a rule that holds
        nowhere in the domain), `masked` (rules above it always decide), `redundant` (it could go).
    rules : the rules concerned, from 1; none for a gap.
    where : the gap in words.
    example : a row that shows it; null where there is none.
    """

    kind: Literal["gap", "overlap", "empty", "masked", "redundant"]
    rules: tuple[int, ...]
    where: str | None = None
    example: dict[str, Any] | None = None


def table_faults(
    table: DecisionTable, outputs: Sequence[object], hit: Literal["unique", "first", "worst"], *, otherwise: bool
) -> list[TableFault]:
    """Return what is wrong with a table under its hit policy.

    Parameters
    ----------
    outputs : what each rule gives, in order.
    hit : `unique` allows one rule to hold, `first` and `worst` several.
    otherwise : whether the table says what comes where no rule holds; then gaps are meant.

    Examples
    --------
    >>> from kit.checking.decision_cells import parse_cell
    >>> x = Column("x", "number")
    >>> table = DecisionTable([x], [[parse_cell("< 3", x)], [parse_cell(">= 3", x)], [parse_cell("5", x)]])
    >>> found = table_faults(table, [1, 2, 3], "unique", otherwise=False)
    >>> [(fault.kind, fault.rules, fault.example) for fault in found]
    [('overlap', (2, 3), {'x': 5})]
    """
    found = [] if otherwise else [TableFault("gap", (), str(gap), gap.example) for gap in table.gaps()]
    if hit == "unique":
        found += [TableFault("overlap", overlap.rules, None, overlap.example) for overlap in table.overlaps()]
    empty, masked = table.never_first()
    found += [TableFault("empty", (number,)) for number in empty]
    if hit == "first":
        found += [TableFault("masked", (number,)) for number in masked]
        found += [TableFault("redundant", (number,)) for number in table.redundant(outputs)]
    return found


def _number_regions(ends: list[End], column: Column) -> Iterator[_Region]:
    within = column.within
    for position, end in enumerate(ends):
        if isinstance(end, Fraction) and end in within and (column.type == "number" or end.denominator == 1):
            yield _Region(Interval(end, end, True, True), end)
        if position + 1 < len(ends):
            low, high = end, ends[position + 1]
            sample = _between(low, high, whole=column.type == "integer")
            if sample is not None and sample in within:
                yield _Region(Interval(low, high), sample)


def _between(low: End, high: End, *, whole: bool) -> Fraction | None:
    """Return a number strictly between the two, None when there is no whole one."""
    if isinstance(low, Fraction):
        candidate = Fraction(math.floor(low) + 1)
        if candidate < high:
            return candidate
    elif isinstance(high, Fraction):
        return Fraction(math.ceil(high) - 1)
    else:
        return Fraction(0)
    return None if whole or not isinstance(high, Fraction) else (low + high) / 2


def _exact(value: object) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        return None
    return Fraction(value) if not isinstance(value, float) else Fraction(repr(value))


def _plain(value: Value) -> Any:
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value


def _plain_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
