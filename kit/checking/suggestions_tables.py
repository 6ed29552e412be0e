"""Examples for decision tables: at both sides of each limit of a cell, and one for each row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING

from kit.checking.cases import case_tables
from kit.scoring.nodes.table import cells_words, deciding_row
from kit.scoring.tracing import READ, trace
from kit.standard.cells import Cell, CellError, Hit, number_limits
from kit.standard.nodes.table import Table
from kit.standard.standard import Standard
from kit.standard.terms import Term

if TYPE_CHECKING:
    from kit.checking.suggestions import Suggester, Suggestion

MOST_ROWS = 4000


@dataclass(frozen=True)
class _Sheet:
    """A decision table, of an indicator or of the level.

    Attributes
    ----------
    address : where it stands; read : how its input columns are called when traced.
    """

    address: str
    read: str
    label: str
    inputs: Sequence[str]
    cells: Sequence[Sequence[Cell]]
    results: Sequence[float]
    hit: Hit


def _sheets(standard: Standard) -> Iterator[_Sheet]:
    for path, node in standard.nodes.items():
        kind = node.kind
        if isinstance(kind, Table):
            label = node.label.zh if node.label else path
            cells, results = [row.when for row in kind.rows], [row.score for row in kind.rows]
            yield _Sheet(f"scores.{path}.table", path, label, kind.inputs, cells, results, kind.hit)
    table = standard.document.level.table
    if table is not None:
        ranks = [float(standard.scale.names.index(row.level)) for row in table.rows]
        cells = [row.when for row in table.rows]
        yield _Sheet("level.table", "level", "等级", table.inputs, cells, ranks, table.hit)


def table_suggestions(suggester: Suggester) -> Iterator[Suggestion]:
    """Yield drafts for every decision table of the standard."""
    for sheet in _sheets(suggester.standard):
        terms = [suggester.standard.names.parse(source) for source in sheet.inputs]
        for column, term in enumerate(terms):
            if term.kind == "number":
                for limit, row in _limits(sheet, column).items():
                    yield from suggester.boundary(term, limit, f"{sheet.address}.rows.{row}.when.{column}")
        yield from _rows(suggester, sheet, terms)


def _limits(sheet: _Sheet, column: int) -> dict[float, int]:
    """Return each finite limit in a column of cells, with the first row that has it."""
    found: dict[float, int] = {}
    for row, cells in enumerate(sheet.cells):
        cell = cells[column]
        for one in cell if isinstance(cell, list) else [cell]:
            try:
                low, high, _, _ = number_limits(one)
            except CellError:  # "-" asks for nothing
                continue
            for limit in (low, high):
                if math.isfinite(limit):
                    found.setdefault(limit, row)
    return found


def _rows(suggester: Suggester, sheet: _Sheet, terms: list[Term]) -> Iterator[Suggestion]:
    """Yield for each row the rows of data nearest to the base case that it decides; those it cannot decide are left."""
    standard = suggester.standard
    fields = sorted(set().union(*(standard.fields_of(term) for term in terms)), key=list(standard.fields).index)
    options = [suggester.values_around(name, sheet.read) for name in fields]
    if math.prod(len(some) for some in options) > MOST_ROWS:
        return
    rows = [dict(zip(fields, values, strict=True)) for values in islice(product(*options), MOST_ROWS)]
    cases = [suggester.base.model_copy(update={"input": suggester.altered(row)}) for row in rows]
    frame, children = case_tables(standard, cases)
    steps = trace(standard, frame, children=children or None)
    columns = [f"{READ}{sheet.read}:{place}" for place in range(len(terms))]
    given = steps[columns].astype(object).where(steps[columns].notna(), None).to_numpy().tolist()
    best: dict[int, tuple[int, int]] = {}
    for place, values in enumerate(given):
        decided = deciding_row(
            sheet.hit, sheet.cells, sheet.results, values, high=standard.scale.worst == "last"
        )  # fmt: skip
        if decided is not None:
            cost = (suggester.cost(rows[place]), place)
            best[decided] = min(best.get(decided, cost), cost)
    for decided, (_, place) in sorted(best.items()):
        asked = "其他情形" if decided == len(sheet.cells) else cells_words(standard, sheet.inputs, sheet.cells[decided])
        yield suggester.draft(
            "row", f"{sheet.address}.rows.{decided}", f"{sheet.label}：{asked}",
            f"{sheet.address}第{decided + 1}行；其余同“{suggester.base.name}”", rows[place],
        )  # fmt: skip
