"""Decision tables: gaps, overlaps and rows that never decide, exactly over the declared domains."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from kit.checking.decision_cells import Cell as TableCell
from kit.checking.decision_cells import Column, Interval
from kit.checking.decision_table import DecisionTable, TableFault, table_faults
from kit.checking.findings import Finding, shown
from kit.checking.registry import Context
from kit.standard.cells import ANY, Cell, Hit, is_any, number_limits
from kit.standard.nodes.base import Address
from kit.standard.nodes.table import Table
from kit.standard.terms import Ref

OTHER = "（其他）"
_WORDS = {
    "overlap": (
        "error",
        "第{rows}行同时成立，hit: unique只允许一行",
        "rows {rows} hold together; hit: unique allows one",
    ),
    "empty": ("error", "第{rows}行在声明的取值范围内永远不成立", "row {rows} holds nowhere in the declared ranges"),
    "masked": ("error", "第{rows}行永远轮不到，前面的行已经决定", "row {rows} never decides; rows above it always do"),
    "redundant": ("warning", "第{rows}行去掉后结果不变", "without row {rows} the table gives the same"),
    "gap": ("warning", "没有一行成立：{where}，此时没有结果", "no row holds: {where}; there is no result then"),
}
_REMEDIES = {
    "overlap": "改其中一行的条件，或把hit改为first或worst",
    "empty": "改这一行的条件，或改字段的range",
    "masked": "把这一行移到前面，或去掉",
    "redundant": "去掉这一行，或改它的结果",
    "gap": "补上这种情形的行，或在otherwise中写明结果",
}

EXAMINES = ("table",)


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with each `table`."""
    for path, address, node in context.leaves():
        kind = node.kind
        if isinstance(kind, Table):
            yield from _check(
                context, f"“{context.name_of(path)}”", (*address, "table"), kind.inputs, kind.hit,
                [row.when for row in kind.rows], [row.score for row in kind.rows], kind.otherwise, node.clause,
            )  # fmt: skip
    level = context.document.level.table
    if level is not None:
        yield from _check(
            context, "等级判定表", ("level", "table"), level.inputs, level.hit, [row.when for row in level.rows],
            [row.level for row in level.rows], level.otherwise, None,
        )  # fmt: skip


def _check(
    context: Context,
    name: str,
    place: Address,
    inputs: Sequence[str],
    hit: Hit,
    rows: Sequence[Sequence[Cell]],
    results: Sequence[object],
    otherwise: object,
    clause: str | None,
) -> Iterator[Finding]:
    columns = [_column(context, source, [row[at] for row in rows]) for at, source in enumerate(inputs)]
    cells = [[_cell(cell, column) for cell, column in zip(row, columns, strict=True)] for row in rows]
    table = DecisionTable(columns, cells)
    for fault in table_faults(table, results, hit, otherwise=otherwise != "none"):
        severity, zh, en = _WORDS[fault.kind]
        where: dict[str, Any] = {"where": fault.where or ""}
        yield context.find(
            "error" if severity == "error" else "warning",
            name + zh.format(rows="、".join(map(str, fault.rules)), **where),
            f"{'.'.join(map(str, place))}: " + en.format(rows=", ".join(map(str, fault.rules)), **where),
            _row(place, fault),
            clause=clause,
            counter_example=_example(fault.example),
            remedy_zh=_REMEDIES[fault.kind],
        )


def _row(place: Address, fault: TableFault) -> Address:
    return (*place, "rows", fault.rules[-1] - 1) if fault.rules else (*place, "rows")


def _example(example: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if example is None:
        return None
    return {name: shown(value) if isinstance(value, float) else value for name, value in example.items()}


def _column(context: Context, source: str, cells: Sequence[Cell]) -> Column:
    term = context.standard.names.parse(source)
    named = [
        one
        for cell in cells
        for one in (cell if isinstance(cell, list) else [cell])
        if isinstance(one, str) and one != ANY
    ]
    if term.kind == "boolean":
        return Column(source, "boolean")
    if term.kind == "text":
        values = context.standard.names.categories(source)
        # A text without declared categories may be anything: a word that no row names stands for the rest.
        return Column(source, "category", values=tuple(values or (*dict.fromkeys(named), OTHER)))
    reach = context.reach.number(term)
    low, high = (end if math.isinf(end) else Fraction(str(end)) for end in (reach.low, reach.high))
    whole = isinstance(term, Ref) and context.reach.whole(term)
    within = Interval(low, high, not math.isinf(reach.low), not math.isinf(reach.high))
    return Column(source, "integer" if whole else "number", within)


def _cell(cell: Cell, column: Column) -> TableCell:
    if is_any(cell):
        return TableCell(any=True)
    parts = cell if isinstance(cell, list) else [cell]
    if not column.numeric:
        return TableCell(values=frozenset(part for part in parts if isinstance(part, bool | str)))
    intervals = []
    for part in parts:
        low, high, low_in, high_in = number_limits(part)
        ends = [end if math.isinf(end) else Fraction(str(end)) for end in (low, high)]
        intervals.append(Interval(ends[0], ends[1], low_in, high_in))
    return TableCell(intervals=tuple(intervals))
