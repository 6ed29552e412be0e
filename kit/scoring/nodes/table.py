"""`table` as terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kit.scoring.nodes.base import Build
from kit.standard.cells import ANY, Cell, decided, holds, row_condition, row_of
from kit.standard.nodes.table import Table
from kit.standard.terms import UNKNOWN, Term, number

if TYPE_CHECKING:
    from kit.scoring.rows import Row
    from kit.standard.standard import Standard

KINDS = (Table,)


def lower(kind: Table, build: Build) -> Term:
    """Return the score of the row that decides; unknown where a row that could decide cannot be judged."""
    values = [build.parse(source) for source in kind.inputs]
    categories = [build.categories(source) for source in kind.inputs]
    conditions = [row_condition(row.when, values, categories) for row in kind.rows]
    otherwise = UNKNOWN if kind.otherwise == "none" else number(kind.otherwise)
    return decided(kind.hit, conditions, [row.score for row in kind.rows], otherwise, high=build.high_is_worse)


def extremes(kind: Table) -> tuple[float, float]:
    """Return the lowest and the highest score."""
    scores = [row.score for row in kind.rows] + ([] if kind.otherwise == "none" else [kind.otherwise])
    return min(scores), max(scores)


def explain_rows(kind: Table, standard: Standard) -> list[Row]:
    """Return the rows in words, and last the one for everything else."""
    from kit.scoring.rows import Row

    rows = [Row(place, cells_words(standard, kind.inputs, row.when), row.score) for place, row in enumerate(kind.rows)]
    return [*rows, Row(len(rows), "其他情形", None if kind.otherwise == "none" else kind.otherwise)]


def explain_match(kind: Table, values: list[Any], standard: Standard) -> int | None:
    """Return the position of the row that decided, the last for none; None where it cannot be known."""
    scores = [row.score for row in kind.rows]
    return deciding_row(kind.hit, [row.when for row in kind.rows], scores, values, high=standard.scale.worst == "last")


def deciding_row(
    hit: Any, rows: Sequence[Sequence[Cell]], results: Sequence[float], values: Sequence[Any], *, high: bool
) -> int | None:
    """Return the row that decides for plain input values; `len(rows)` where none holds, None where it is not known."""
    held: list[bool | None] = []
    for cells in rows:
        found = [holds(cell, value) for cell, value in zip(cells, values, strict=True)]
        held.append(False if False in found else None if None in found else True)
    if all(one is False for one in held):
        return len(rows)
    return row_of(hit, held, results, high=high)


def cells_words(standard: Standard, inputs: Sequence[str], cells: Sequence[Cell]) -> str:
    """Return what a row asks for, for example `平均车龄 >=8年，能源 纯电动或换电`."""
    from kit.scoring.rows import reads, unit_of
    from kit.scoring.wording import value_words

    def shown(source: str, cell: Cell) -> str:
        if isinstance(cell, list):
            return "、".join(shown(source, one) for one in cell)
        if isinstance(cell, bool) or (source.strip() in standard.fields and standard.fields[source.strip()].values):
            return value_words(standard, source.strip(), cell)
        return f"{cell}{unit_of(standard, source)}"

    return "，".join(
        f"{reads(standard, source)} {shown(source, cell)}"
        for source, cell in zip(inputs, cells, strict=True)
        if cell != ANY
    )
