"""The least change of one field that would give a row another level.

Candidates are the points at which a rule turns for this row (`kit.scoring.cut_points`), just below and just above them,
every other category and truth, and the ends of the range; where a rule cannot be solved exactly, a grid over the range,
refined. All of them are scored, so a change is only reported when scoring gives it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kit.scoring.apply import ITEM_COLUMN, score
from kit.scoring.cut_points import cut_points
from kit.scoring.tracing import trace, traced_program
from kit.scoring.wording import plain_number, printed_unit, value_words
from kit.standard.fields import FieldSpec
from kit.standard.standard import Standard

GRID = 33
ROUNDS = 4


@dataclass(frozen=True)
class Change:
    """One field, altered as little as it takes.

    Attributes
    ----------
    before, after : value of the field.
    level_before, level_after : level with it.
    worse : whether the level after is the worse one.
    distance : the change as a share of the field's range; None for categories, truths and fields without range.
    text_zh : the change in words.
    """

    field: str
    label_zh: str
    before: Any
    after: Any
    level_before: str
    level_after: str
    worse: bool
    distance: float | None
    text_zh: str


def least_changes(
    standard: Standard,
    row: pd.Series[Any],
    level: str | None,
    *,
    children: Mapping[str, Any] | None = None,
    relative: bool = False,
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return, for each field, the least change to a worse and to a better level, nearest first; and words.

    Parameters
    ----------
    row : the row as it stands in the table.
    level : its level; without one nothing is searched.
    relative : whether the row's value depends on the other rows; then nothing is searched either.

    Returns
    -------
    The changes, and the same in words; where a direction has none, the words say so.
    """
    if relative:
        return (), ("本标准含相对指标，结果取决于全部数据，不逐项试算",)
    if level is None:
        return (), ("数据不足，先补齐或更正所列采集值",)
    search = _Search(standard, row, level, children)
    found = search.run()
    return found, _notes(standard, found, level)


def _notes(standard: Standard, changes: tuple[Change, ...], level: str) -> tuple[str, ...]:
    notes = [change.text_zh for change in changes]
    names = standard.scale.names if standard.scale.worst == "last" else standard.scale.names[::-1]
    for worse, end in ((False, names[0]), (True, names[-1])):
        if any(change.worse == worse for change in changes):
            continue
        label = standard.scale.levels[level].label.zh
        if level == end:
            notes.append(f"{label}已是最{'差' if worse else '好'}的等级")
        else:
            notes.append(f"任何单独一项采集值的变动都不能使等级变{'差' if worse else '好'}")
    return tuple(notes)


@dataclass
class _Candidate:
    field: str
    value: Any
    level: str | None = None


class _Search:
    def __init__(self, standard: Standard, row: pd.Series[Any], level: str, children: Mapping[str, Any] | None) -> None:
        self.standard = standard
        self.level = level
        self.children = children
        keys = [rows.key for rows in standard.document.children.values()]
        items = [ITEM_COLUMN] if standard.checklist and ITEM_COLUMN in row.index else []
        self.row = {name: row[name] for name in [*standard.fields, *keys, *items] if name in row.index}

    def run(self) -> tuple[Change, ...]:
        values, program = self.traced(), traced_program(self.standard, items=ITEM_COLUMN in self.row)
        candidates: list[_Candidate] = []
        searched: list[str] = []
        for name, spec in self.standard.fields.items():
            current = values.get(f"field:{name}")
            if current is None:
                continue
            if spec.type == "boolean":
                candidates.append(_Candidate(name, not current))
            elif spec.values:
                candidates += [_Candidate(name, value) for value in spec.values if value != current]
            elif spec.numeric:
                cuts = cut_points(program, name, values)
                candidates += [_Candidate(name, value) for value in around(cuts.points, spec)]
                if not cuts.complete:
                    searched.append(name)
                    candidates += [_Candidate(name, value) for value in _grid(spec, float(current))]
        self.score(candidates)
        for name in searched:
            self.refine(name, float(values[f"field:{name}"]), candidates)
        return self.nearest(candidates, values)

    def traced(self) -> dict[str, Any]:
        table = pd.DataFrame([self.row]).astype(_dtypes(self.standard, self.row))
        steps = trace(self.standard, table, children=self.children)
        return {
            name: None if (value := steps[name].iloc[0]) is None or value != value else value for name in steps.columns
        }

    def score(self, candidates: list[_Candidate]) -> None:
        if not candidates:
            return
        rows = [{**self.row, candidate.field: candidate.value} for candidate in candidates]
        table = pd.DataFrame(rows).astype(_dtypes(self.standard, self.row))
        levels = score(self.standard, table, children=self.children, nodes=False)["level"]
        for candidate, level in zip(candidates, levels, strict=True):
            candidate.level = level if isinstance(level, str) else None

    def refine(self, name: str, current: float, candidates: list[_Candidate]) -> None:
        """Narrow the stretch between the last value with the old level and the first with another, on each side."""
        spec = self.standard.fields[name]
        step = smallest_step(spec)
        for side in (-1, 1):
            for _ in range(ROUNDS):
                there = sorted(
                    (candidate for candidate in candidates if candidate.field == name and candidate.level is not None),
                    key=lambda candidate: abs(candidate.value - current),
                )
                there = [candidate for candidate in there if (candidate.value - current) * side > 0]
                place = next((i for i, candidate in enumerate(there) if candidate.level != self.level), None)
                if place is None:
                    break
                near = there[place - 1].value if place else current
                far = there[place].value
                if abs(far - near) <= step * 1.5:
                    break
                between = {
                    _printed(near + (far - near) * part / GRID, spec, step) for part in range(1, GRID)
                } - {near, far, current}  # fmt: skip
                fresh = [_Candidate(name, value) for value in sorted(between)]
                if not fresh:
                    break
                self.score(fresh)
                candidates += fresh

    def nearest(self, candidates: list[_Candidate], values: Mapping[str, Any]) -> tuple[Change, ...]:
        order = self.standard.scale.names if self.standard.scale.worst == "last" else self.standard.scale.names[::-1]
        best: dict[tuple[str, bool], tuple[float, Change]] = {}
        for candidate in candidates:
            if candidate.level is None or candidate.level == self.level:
                continue
            worse = order.index(candidate.level) > order.index(self.level)
            spec = self.standard.fields[candidate.field]
            before = values[f"field:{candidate.field}"]
            far, distance = 0.0, None
            if spec.numeric:
                far = abs(candidate.value - before)
                if spec.range and spec.range[1] > spec.range[0]:
                    distance = far / (spec.range[1] - spec.range[0])
            else:  # of several categories the one that alters the level least
                far = abs(order.index(candidate.level) - order.index(self.level))
            slot = (candidate.field, worse)
            if slot not in best or far < best[slot][0]:
                best[slot] = (far, self.change(candidate, before, worse, distance))
        found = [change for _, change in best.values()]
        return tuple(sorted(found, key=lambda change: (change.distance is None, change.distance or 0.0)))

    def change(self, candidate: _Candidate, before: Any, worse: bool, distance: float | None) -> Change:
        standard, name = self.standard, candidate.field
        label = standard.fields[name].label.zh
        levels = [standard.scale.levels[level].label.zh for level in (self.level, str(candidate.level))]
        gap = ""
        if standard.fields[name].numeric:
            difference = candidate.value - float(before)
            unit = printed_unit(standard.fields[name].unit).replace("%", "个百分点")
            gap = f"（{'增' if difference > 0 else '减'}{plain_number(abs(difference))}{unit}）"
        text = (
            f"{label}由{value_words(standard, name, before)}改为{value_words(standard, name, candidate.value)}{gap}，"
            f"等级由{levels[0]}变为{levels[1]}"
        )
        return Change(
            name, label, before, candidate.value, self.level, str(candidate.level), worse, distance, text
        )  # fmt: skip


def _dtypes(standard: Standard, row: Mapping[str, Any]) -> dict[str, str]:
    kinds = {}
    for name in row:
        spec = standard.fields.get(name)
        if spec is not None:
            kinds[name] = "float64" if spec.numeric else "boolean" if spec.type == "boolean" else "object"
    return kinds


def smallest_step(spec: FieldSpec) -> float:
    """Return the smallest step of a field that makes sense to a reader: 1 for whole numbers, else 0.001 or finer."""
    if spec.type == "integer":
        return 1.0
    if spec.range is None or spec.range[1] <= spec.range[0]:
        return 0.001
    return min(0.001, 10.0 ** (math.floor(math.log10(spec.range[1] - spec.range[0])) - 4))


def _printed(value: float, spec: FieldSpec, step: float) -> float:
    return float(round(value)) if spec.type == "integer" else round(round(value / step) * step, 9)


def _inside(value: float, spec: FieldSpec) -> bool:
    return spec.range is None or spec.range[0] <= value <= spec.range[1]


def around(points: tuple[Any, ...], spec: FieldSpec, *, ends: bool = True) -> list[float]:
    """Return each point (where the field can have it), its neighbours on both sides and the ends of the range."""
    step = smallest_step(spec)
    found: set[float] = set(spec.range or ()) if ends else set()
    for point in points:
        if abs(point) > 1e12:
            continue
        low, high = math.floor(point / _exact(step)), math.ceil(point / _exact(step))
        if spec.type == "integer":
            found |= {float(low - 1), float(low), float(high), float(high + 1)}
        else:
            found |= {float(point)} | {round(count * step, 9) for count in (low - 1, low, high, high + 1)}
    return sorted(value for value in found if _inside(value, spec))


def _exact(step: float) -> Any:
    from fractions import Fraction

    return Fraction(str(step)) if step >= 1e-4 else Fraction(step).limit_denominator(10**9)


def _grid(spec: FieldSpec, current: float) -> list[float]:
    low, high = spec.range or (min(0.0, current * 10), max(10.0, abs(current) * 10))
    values = {low + (high - low) * part / (GRID - 1) for part in range(GRID)}
    reach = max(high - current, current - low)
    near = {current + side * reach / 2**power for power in range(1, 16) for side in (-1, 1)}
    step = smallest_step(spec)
    return sorted({_printed(value, spec, step) for value in values | near if _inside(value, spec)} - {current})
