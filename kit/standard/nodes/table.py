"""`table`: a decision table over several inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from kit.standard.cells import Cell, CellError, Hit, condition_of, is_any
from kit.standard.expressions import ExpressionError
from kit.standard.fields import Label, Model, Number
from kit.standard.nodes.base import Address, Environment, NodeKind
from kit.standard.terms import ValueKind


class TableRow(Model):
    """One row: a cell for each input, in their order, and the score."""

    when: list[Cell]
    score: Number
    note: Label | None = None


class Table(Model, NodeKind):
    """A decision table whose rows give scores.

    `{inputs: [vehicle_age, energy], hit: first, rows: [{when: [">=8", "-"], score: 5}, {when: ["-", ev], score: 3}],
    otherwise: 1}` gives 5 from 8 years on, 3 to younger electric cars, 1 to the rest.

    Attributes
    ----------
    inputs : formulas, mostly names of fields; each may be a number, a truth or a category.
    hit : `unique` (rows may not overlap: no score where two hold), `first` or `worst`.
    otherwise : the score where no row holds, or `none` for no score.
    """

    key: ClassVar[str] = "table"

    inputs: list[str] = Field(min_length=1)
    hit: Hit
    rows: list[TableRow] = Field(min_length=1)
    otherwise: Number | Literal["none"]

    def formulas(self) -> Iterator[tuple[Address, str, ValueKind | None]]:
        for position, source in enumerate(self.inputs):
            yield ("table", "inputs", position), source, None

    def problems(self, node: object, names: Environment) -> Iterator[tuple[Address, str]]:
        for address, message in table_problems(self.inputs, [row.when for row in self.rows], names):
            yield ("table", *address), message


def table_problems(
    inputs: Sequence[str], rows: Sequence[Sequence[Cell]], names: Environment
) -> Iterator[tuple[Address, str]]:
    """Yield what is wrong with the cells of a table: address below the table and a message."""
    values = []
    for source in inputs:
        try:
            values.append(names.parse(source))
        except ExpressionError:  # told with the formula
            return
    seen: dict[tuple[str, ...], int] = {}
    for place, cells in enumerate(rows):
        if len(cells) != len(inputs):
            yield (
                ("rows", place, "when"),
                f"the row has {len(cells)} cells, but there are {len(inputs)} inputs ({', '.join(inputs)}); "
                "write - for an input that does not matter",
            )
            continue
        for position, (cell, value, source) in enumerate(zip(cells, values, inputs, strict=True)):
            try:
                condition_of(cell, value, names.categories(source))
            except CellError as error:
                yield ("rows", place, "when", position), f"{source}: {error}"
        key = tuple(repr(cell) for cell in cells)
        if key in seen:
            yield (
                ("rows", place, "when"),
                f"the row asks for the same as row {seen[key] + 1}; remove one",
            )
        seen.setdefault(key, place)
        if all(is_any(cell) for cell in cells):
            yield ("rows", place, "when"), "the row asks for nothing; write its score as otherwise:"
