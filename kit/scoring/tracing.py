"""Every step of the computation for a few rows: what explanations, coverage and searches look into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from kit.scoring.apply import ITEM_COLUMN, _through_arrow
from kit.scoring.program import Program, build_program
from kit.standard.standard import Standard
from kit.standard.terms import Term, references, walk

READ = "read:"


def trace(
    standard: Standard,
    frame: pd.DataFrame,
    *,
    children: Mapping[str, Any] | None = None,
    extra: Mapping[str, Term] | None = None,
    alone: bool = False,
) -> pd.DataFrame:
    """Return every step of the computation as a column, for each row of `frame` in its order.

    Parameters
    ----------
    extra : further terms over fields, derived values, totals and scores, by the name of their column.
    alone : compute only these terms and what they need.

    Returns
    -------

    Columns are the steps of `kit.scoring.program` (`field:x`, `derived:x`, `score:a.b`, `applies:a.b`, `fires:x`,
    `level:base`, `level:after:x`, `out:level`, …), the totals of child rows (`total:x`) and, for each formula of a
    node, `read:<node>:<position>`: what the bands or the map looked at. Numbers are doubles with NaN, truths and texts
    objects with None.

    Examples
    --------
    >>> trace(taxi, frame)["derived:crash_rate"].iloc[0]                     # doctest: +SKIP
    2.3333333333333335
    """
    program = traced_program(standard, items=bool(standard.checklist) and ITEM_COLUMN in frame.columns)
    for name, term in (extra or {}).items():
        program.assign(name, term)
    if alone:
        needed = needed_steps(program.steps, extra or {})
        program.steps = {name: term for name, term in program.steps.items() if name in needed}
    columns = list(program.steps)
    raws = {name for term in program.steps.values() for name in references(term)}
    columns += sorted(name for name in raws if name not in program.steps)
    table = _through_arrow(standard, frame, program, {name: name for name in columns}, children)
    found = {name: table.column(name).to_pylist() for name in columns}
    return pd.DataFrame(
        {name: pd.Series(values, dtype="float64" if _numeric(values) else object) for name, values in found.items()}
    )


def traced_program(standard: Standard, *, items: bool) -> Program:
    """Return the programme of the standard with a step `read:<node>:<position>` for each formula of a node."""
    program = build_program(standard, items=items)
    for path, node in standard.nodes.items():
        for position, (_, source, _) in enumerate(node.kind.formulas()):
            program.assign(f"{READ}{path}:{position}", standard.names.parse(source))
    level = standard.document.level
    if level.cuts is not None:
        program.assign(f"{READ}level:0", standard.names.parse(level.cuts.of))
    if level.table is not None:
        for position, source in enumerate(level.table.inputs):
            program.assign(f"{READ}level:{position}", standard.names.parse(source))
    if level.only_when is not None:
        program.assign(f"{READ}level:only_when", standard.names.parse(level.only_when.formula))
    return program


def is_relative(standard: Standard) -> bool:
    """Whether the value of a row depends on the other rows of the table."""
    program = build_program(standard, items=False)
    return any(getattr(part, "relative", False) for term in program.steps.values() for part in walk(term))


def needed_steps(steps: Mapping[str, Term], wanted: Iterable[str]) -> set[str]:
    """Return the columns that the wanted ones are made of, themselves included."""
    found: set[str] = set()
    stack = list(wanted)
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack.extend(references(steps[name]) if name in steps else ())
    return found


def _numeric(values: list[Any]) -> bool:
    return all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values)


__all__ = ["READ", "is_relative", "needed_steps", "trace", "traced_program"]
