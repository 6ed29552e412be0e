"""Totals over child rows (the substances of an installation), joined to their parents."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kit.errors import KitError
from kit.scoring.engine import round_half_up_9, run
from kit.scoring.inputs import raw_columns, refuse_names, table_of
from kit.scoring.program import Program, field_faults
from kit.standard.standard import Standard
from kit.standard.terms import Case, Compare, Constant, Known, Member, Not, Ref, Term, either, every, number, text, when

# Longer tables would nest too deeply for an engine's expression limit.
MOST_KEYS = 900
KEY = "row:key"


def child_totals(standard: Standard, child: str, parents: Any, rows: Any) -> Any:
    """Return `parents` (Narwhals) with `total:…` columns, and `child_fault:…` and `child_none:…`.

    A total is null when a row of the parent has a missing or wrong value, a key that the lookup table does not have, or
    no value for this total: a sum over some of the rows would be too low. A parent without rows has no totals either.
    Totals are rounded to 9 decimals, so that the order of the rows does not show.
    """
    declared = standard.document.children[child]
    program = _row_program(standard, child)
    what = f"the child rows '{child}'"
    frame, columns = table_of(rows)
    refuse_names(columns, what)
    schema = dict(frame.collect_schema())
    if declared.key not in schema:
        raise KitError(f"{what} have no column '{declared.key}', which joins them to their parents")
    given = dict(parents.collect_schema())
    if declared.key not in given:
        raise KitError(f"the table has no column '{declared.key}', which joins it to {what}")
    if parents.implementation != frame.implementation:
        raise KitError(
            f"{what} are a {frame.implementation} frame and the table a {parents.implementation} one; give both alike"
        )
    key_type = _key_type(declared.key, given[declared.key], schema[declared.key], what)
    joining = nw.col(declared.key).cast(key_type).alias(KEY)
    parents = parents.with_columns(joining)
    frame = frame.with_columns(joining)
    frame = run(frame.with_columns(**raw_columns(schema, declared.fields, what=what)), program)
    sums = [
        getattr(nw.col(f"term:{name}"), total.how)().alias(f"sum:{name}") for name, total in declared.totals.items()
    ]
    counts = [nw.col(f"term:{name}").count().alias(f"known:{name}") for name in declared.totals]
    grouped = frame.group_by(KEY).agg(
        *sums,
        *counts,
        nw.col("row:faults").sum().alias("sum:fault"),
        nw.col("row:faults").count().alias("sum:rows"),
    )
    joined = parents.join(grouped, on=KEY, how="left")
    clean = nw.col("sum:fault") == nw.lit(0.0)
    totals = {
        f"total:{name}": nw.when(clean & (nw.col(f"known:{name}") == nw.col("sum:rows"))).then(
            round_half_up_9(nw.col(f"sum:{name}"))
        )
        for name in declared.totals
    }
    flags = {
        f"child_fault:{child}": nw.when(nw.col("sum:fault") > nw.lit(0.0)).then(nw.lit(True)).otherwise(nw.lit(False)),
        f"child_none:{child}": nw.col("sum:rows").is_null(),
    }
    return joined.with_columns(**totals, **flags).drop(
        *[f"{what}:{name}" for name in declared.totals for what in ("sum", "known")], KEY, "sum:fault", "sum:rows"
    )


def _key_type(key: str, parent: Any, child: Any, what: str) -> Any:
    """Return the type in which the keys of both sides meet."""
    kinds = []
    for dtype in (parent, child):
        if dtype != nw.Unknown:  # a column of nulls has no type of its own
            kinds.append("whole" if dtype.is_integer() else "number" if dtype.is_numeric() else "text")
    if "text" in kinds and set(kinds) != {"text"}:
        raise KitError(
            f"the column '{key}' holds {'text' if kinds[0] == 'text' else 'numbers'} in the table and "
            f"{'text' if kinds[1] == 'text' else 'numbers'} in {what}; read it as text in both"
        )
    return nw.Float64 if "number" in kinds else nw.Int64 if "whole" in kinds else nw.String


def _row_program(standard: Standard, child: str) -> Program:
    declared = standard.document.children[child]
    names = standard.child_names(child)
    program = Program(fields=dict(declared.fields))
    faults: list[Term] = []
    for name, spec in declared.fields.items():
        raw = Ref(f"raw:{name}", names.symbols[name].kind)
        bad = either(*field_faults(raw, spec).values())
        value = program.assign(f"field:{name}", when(bad, Constant(None, raw.kind), raw))
        faults.append(bad)
        if spec.required:
            faults.append(Not(Known(value)))
        if spec.lookup:
            keys = tuple(str(key) for key in standard.lookups[spec.lookup].index)
            faults.append(every(Known(value), Not(Member(value, keys))))
            _lookups(standard, spec.lookup, value, program)
    for name, total in declared.totals.items():
        program.assign(f"term:{name}", names.parse(total.formula, "number"))
    program.assign("row:faults", when(either(*faults), number(1), number(0)))
    return program


def _lookups(standard: Standard, table: str, key: Ref, program: Program) -> None:
    """Add the values of a lookup table as a chain of cases: it needs no join, so every engine can do it."""
    values = standard.lookups[table]
    if len(values) > MOST_KEYS:
        raise KitError(f"the lookup table {table} has {len(values):,} rows; at most {MOST_KEYS} are supported")
    for column, spec in standard.document.tables[table].values.items():
        is_number = spec.type in ("number", "integer")
        branches = []
        for entry, value in values[column].items():
            known = not (pd.isna(value) or value == "")
            result = (number(float(value)) if is_number else text(str(value))) if known else None
            if result is not None:
                branches.append((Compare("==", key, text(str(entry))), result))
        program.assign(f"lookup:{table}.{column}", Case(tuple(branches), number(None) if is_number else text(None)))
