"""A standard applied to a table: levels, every node's score, and the reason where there is no level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kit.errors import KitError
from kit.scoring.children import child_totals
from kit.scoring.engine import run
from kit.scoring.inputs import arrow_of, raw_columns, refuse_names, table_of
from kit.scoring.program import ITEM, Program, build_program
from kit.standard.standard import Standard

ITEM_COLUMN = "checklist_item"
ORDER = "row:order"


def score(
    standard: Standard,
    frame: Any,
    *,
    children: Mapping[str, Any] | None = None,
    nodes: bool = True,
    applies: bool = False,
) -> Any:
    """Return `frame` with the levels of `standard` and the score of every node.

    Parameters
    ----------
    standard : a loaded standard.
    frame : a pandas, Polars, DuckDB or PySpark frame (anything Narwhals knows); one row is one assessed object. Columns
        named like the standard's fields are read in the fields' units; others are kept. A column `checklist_item`
        (null allowed) names the item of the suggestion list a row is about.
    children : frames of child rows by name, where the standard declares `children:`.
    nodes : whether to keep the score of every node (`likelihood`, `likelihood.hazard`, …) beside the level.
    applies : whether to add `<node>__applies`, true or false: a node without a score either does not apply or is
        unknown.

    Returns
    -------
    A frame of the type that was given, its rows and columns kept, with

    - one column for each node: a double, null where the node does not apply or is unknown;
    - `level_before_overrides`, `override` (the one that decided), `overrides_fired` (all that fired, joined by `;`);
    - `level`: a level of the scale, or null;
    - `reason`: why the level is null, as `kind:field` joined by `;` — `missing`, `out_of_range`, `not_integer`,
      `not_allowed`, `not_finite`, `not_computable`, `no_indicator`, `too_few`, `not_on_matrix`, `not_in_table`,
      `unknown_item`, `child_fault`, `child_none`; null where there is a level.

    A row with missing or wrong input never falls through to a level. Only the worst level, reached by an override whose
    condition is known, stands although other values are missing.

    Raises
    ------
    ProblemsError
        When a required column is missing or has a type that cannot be meant.
    KitError
        When a result column is there already, or child rows are not given.

    Examples
    --------
    >>> import kit, pandas as pd                                            # doctest: +SKIP
    >>> lec = kit.load_standard("tests/cases/lec_construction")             # doctest: +SKIP
    >>> table = pd.DataFrame({"basis": ["Ⅴ"], "L": [6.0], "E": [6.0], "C": [7.0]})  # doctest: +SKIP
    >>> lec.score(table)[["D", "level"]].iloc[0].tolist()                   # doctest: +SKIP
    [252.0, 'major']
    """
    pandas_frame = isinstance(frame, pd.DataFrame)
    given, columns = table_of(frame)
    refuse_names(columns)
    program = build_program(standard, items=bool(standard.checklist) and ITEM_COLUMN in columns)
    results = _results(program, nodes=nodes, applies=applies)
    taken = [name for name in results if name in columns]
    if taken:
        raise KitError(
            f"the table already has the column(s) {', '.join(taken)}, which scoring with {standard.id} would write; "
            "drop or rename them first"
        )
    if pandas_frame:
        return _score_pandas(standard, frame, program, results, children)
    if given.implementation.is_pyarrow():
        return _score_arrow(standard, given.to_native(), program, results, children)
    if given.implementation.is_polars():
        return _score_polars(standard, frame, program, results, children)
    return _run(standard, given, program, children, columns, results)


def _run(
    standard: Standard,
    frame: Any,
    program: Program,
    children: Mapping[str, Any] | None,
    columns: list[str],
    results: Mapping[str, str],
    others: list[str] | None = None,
) -> Any:
    """Return the native frame with `columns` kept and `results` added; rows keep their order where a frame has one.

    `others` are all columns that were given, for the nearest name of a missing one.
    """
    names = frame.collect_schema().names()
    ordered = bool(standard.document.children) and isinstance(frame, nw.DataFrame)
    if ordered and ORDER not in names:
        frame = frame.with_row_index(ORDER)
    scored = run(_with_raw(standard, frame, program, children, columns, others or names), program)
    if ordered:  # a join may shuffle
        scored = scored.sort(ORDER)
    return scored.select(
        *[nw.col(name) for name in columns], *[nw.col(step).alias(name) for name, step in results.items()]
    ).to_native()


def _score_pandas(
    standard: Standard,
    frame: pd.DataFrame,
    program: Program,
    results: Mapping[str, str],
    children: Mapping[str, Any] | None,
) -> pd.DataFrame:
    answers = _through_arrow(standard, frame, program, results, children).to_pandas()
    answers = pd.DataFrame({name: _plain_column(answers[name]) for name in results})
    answers.index = frame.index
    result = pd.concat([frame, answers], axis=1)
    result.attrs = frame.attrs | {"kit": provenance(standard)}
    return result


def _score_arrow(
    standard: Standard, table: Any, program: Program, results: Mapping[str, str], children: Mapping[str, Any] | None
) -> Any:
    answers = _through_arrow(standard, table, program, results, children)
    for name in answers.column_names:
        table = table.append_column(name, answers.column(name))
    return table


def _score_polars(
    standard: Standard, frame: Any, program: Program, results: Mapping[str, str], children: Mapping[str, Any] | None
) -> Any:
    import polars as pl

    eager = frame.collect() if isinstance(frame, pl.LazyFrame) else frame
    inside = {
        name: rows.collect() if isinstance(rows, pl.LazyFrame) else rows for name, rows in (children or {}).items()
    }
    answers = pl.from_arrow(_through_arrow(standard, eager, program, results, inside))
    assert isinstance(answers, pl.DataFrame)
    scored = eager.hstack(answers.get_columns())
    return scored.lazy() if isinstance(frame, pl.LazyFrame) else scored


def _through_arrow(
    standard: Standard, frame: Any, program: Program, results: Mapping[str, str], children: Mapping[str, Any] | None
) -> Any:
    """Return the results for a pandas, Polars or Arrow table as an Arrow table, in the order of the rows.

    Arrow computes for them: numpy-backed pandas does not know missing truths, and Polars 2.1 divides by a constant, and
    in frames of one row by anything, through the reciprocal, which is off by one in the last bit (docs/decisions/0002).
    """
    columns = frame.column_names if hasattr(frame, "column_names") else list(frame.columns)
    keys = {rows.key for rows in standard.document.children.values()}
    table = arrow_of(frame, [name for name in _read_columns(standard, program) if name in columns], exact=keys)
    inside = {}
    for name, rows in (children or {}).items():
        refuse_names(table_of(rows)[1], f"the child rows '{name}'")
        inside[name] = arrow_of(rows, exact=keys)
    # The order also tells how many rows there are, should every column be absent or empty.
    import pyarrow as pa

    order = pa.array(range(len(frame)), pa.int64())
    table = table.append_column(ORDER, order) if table.num_columns else pa.table({ORDER: order})
    return _run(standard, nw.from_native(table), program, inside, [], results, [str(name) for name in columns])


def results_of(
    standard: Standard,
    frame: pd.DataFrame,
    program: Program,
    results: Mapping[str, str],
    children: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return steps of a programme for the rows of a frame, `results` being result name to step; NaN where unknown."""
    answers: pd.DataFrame = _through_arrow(standard, frame, program, results, children).to_pandas()
    return answers


def _plain_column(series: pd.Series) -> pd.Series:
    """Return a column of results in the types a pandas user expects: doubles with NaN, texts, truths with NA."""
    if series.dtype.kind == "f":
        return series
    truths = series.dtype.kind == "b" or series.map(lambda value: isinstance(value, bool)).any()
    return series.astype("boolean" if truths else "str")


def provenance(standard: Standard) -> dict[str, str]:
    """Return what produced a result: standard, fingerprint, and whether its figures are illustrative."""
    from importlib.metadata import version

    return {
        "standard": standard.label,
        "title": standard.title,
        "fingerprint": standard.fingerprint,
        "provenance": standard.document.provenance,
        "kit": version("kit"),
    }


def _results(program: Program, *, nodes: bool, applies: bool) -> dict[str, str]:
    results = {name: step for name, step in program.outputs.items() if nodes or step.startswith("out:")}
    if applies:
        results = {f"{path}__applies": step for path, step in program.applies.items()} | results
    return results


def _read_columns(standard: Standard, program: Program) -> list[str]:
    columns = list(program.fields) + [rows.key for rows in standard.document.children.values()]
    return [*columns, ITEM_COLUMN] if program.items else columns


def _with_raw(
    standard: Standard,
    frame: Any,
    program: Program,
    children: Mapping[str, Any] | None,
    columns: list[str],
    others: list[str],
) -> Any:
    schema = dict(frame.collect_schema())
    raw = raw_columns(schema, program.fields, others=others)
    if program.items:
        item = nw.col(ITEM_COLUMN).cast(nw.String)
        # An empty cell is the whole-unit view, as no item is.
        raw[ITEM] = nw.when(item != nw.lit("")).then(item)
    declared = standard.document.children
    keys = [rows.key for rows in declared.values() if rows.key in schema]
    order = [ORDER] if ORDER in schema else []
    # Columns that nobody reads stay behind: an empty one has no type, and a join could not carry it.
    kept = dict.fromkeys([*columns, *keys, *order])
    frame = frame.select(*[nw.col(name) for name in kept], *[value.alias(name) for name, value in raw.items()])
    absent = [name for name in declared if name not in (children or {})]
    unknown = [name for name in children or {} if name not in declared]
    if absent or unknown:
        raise KitError(
            f"{standard.id} needs the child rows {', '.join(declared) or 'of nothing'}"
            f"; given: {', '.join(children or {}) or 'none'}. Pass children={{name: frame}}"
        )
    for name in declared:
        frame = child_totals(standard, name, frame, (children or {})[name])
    return frame
