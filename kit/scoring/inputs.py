"""Reading the columns of a frame as the programme wants them: doubles without NaN, truths, texts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kit.errors import KitError, Problem, ProblemsError, cut, did_you_mean
from kit.standard.fields import FieldSpec

# How the columns of the computation begin.
INTERNAL = (
    "raw:", "odd:", "fault:", "field:", "derived:", "total:", "score:", "applies:", "level:", "fires:", "override:",
    "row:", "out:", "scaled:", "child_fault:", "child_none:", "lookup:", "term:", "sum:", "known:",
)  # fmt: skip
_TEXTS = (nw.String, nw.Categorical, nw.Enum, nw.Object)
_WANTED = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "category": "a category (text)",
    "text": "text",
    "date": "text or a date",
}


def arrow_of(frame: Any, columns: list[str] | None = None, *, exact: Collection[str] = ()) -> Any:
    """Return (`columns` of) a pandas, Polars or Arrow table as an Arrow table, whatever missing value it used.

    Numbers become doubles, except whole numbers in the columns `exact` (keys: two long ones may be one double). Of
    pandas frames NaN, NA and None become null, and what is neither number nor truth becomes text.
    """
    import pyarrow as pa

    if isinstance(frame, pd.DataFrame):
        wanted = frame.columns if columns is None else columns
        return pa.table({column: _arrow_column(frame[column], exact=column in exact) for column in wanted})
    table = frame
    if not isinstance(table, pa.Table):
        import polars as pl

        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    if columns is not None:
        table = table.select(columns)
    for place, column in enumerate(table.schema):
        if pa.types.is_integer(column.type) and column.name not in exact:
            # Beyond 2**53 a whole number has no double of its own; the nearest does for a value out of all range.
            table = table.set_column(place, column.name, table.column(place).cast(pa.float64(), safe=False))
    return table


def _arrow_column(series: pd.Series[Any], *, exact: bool) -> Any:
    import pyarrow as pa

    if series.dtype == object or isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object).convert_dtypes()
    if pd.api.types.is_bool_dtype(series.dtype):
        return pa.array(series.astype("boolean"))
    if series.isna().all():
        return pa.nulls(len(series))
    if exact and pd.api.types.is_integer_dtype(series.dtype):
        return pa.array(series, from_pandas=True)
    if pd.api.types.is_numeric_dtype(series.dtype):
        return pa.array(series.to_numpy("float64", na_value=float("nan")), from_pandas=True)
    texts = series.astype(object).map(str, na_action="ignore")
    return pa.array(texts.to_numpy(object), type=pa.large_string(), from_pandas=True)


def table_of(frame: Any) -> tuple[Any, list[Any]]:
    """Return the frame as Narwhals knows it, and the names of its columns.

    Raises
    ------
    KitError
        When it is no table.
    """
    if isinstance(frame, pd.DataFrame):  # Narwhals refuses doubled names with a message of its own
        return (nw.from_native(frame) if frame.columns.is_unique else frame), list(frame.columns)
    try:
        given = nw.from_native(frame)
    except TypeError:
        raise KitError(
            f"a {type(frame).__name__} is no table; give a pandas, Polars, DuckDB, Arrow or PySpark frame"
        ) from None
    return given, given.collect_schema().names()


def refuse_names(columns: list[Any], what: str = "the table") -> None:
    """Raise KitError for a column that is there more than once, or is named like one of the computation's own."""
    twice = sorted({str(name) for name in columns if columns.count(name) > 1})
    if twice:
        raise KitError(f"{what}: the column(s) {', '.join(twice)} stand more than once; keep one of each")
    odd = [str(name) for name in columns if str(name).startswith(INTERNAL)]
    if odd:
        raise KitError(f"{what}: the column name(s) {', '.join(odd)} begin like columns of the kit's own; rename them")


def raw_columns(
    schema: Mapping[str, Any],
    fields: Mapping[str, FieldSpec],
    *,
    what: str = "the table",
    others: Collection[str] | None = None,
) -> dict[str, nw.Expr]:
    """Return the expressions that make `raw:<field>` (and `odd:<field>` for truths) of a frame with this schema.

    Parameters
    ----------
    schema : column name to Narwhals type.
    what : how messages call the frame.
    others : all columns the user gave, where `schema` has only some of them.

    Raises
    ------
    ProblemsError
        When a required column is not there or a column has a type that cannot be meant; all of them at once.
    """
    problems: list[Problem] = []
    found: dict[str, nw.Expr] = {}
    for name, spec in fields.items():
        dtype = schema.get(name)
        if dtype is None:
            if spec.required:
                hint = did_you_mean(
                    name, [column for column in others or schema if column not in fields], allowed="other columns"
                )
                problems.append(Problem(f"{what} has no column '{name}' ({spec.label.zh}), which is required; {hint}"))
            found |= _nothing(name, spec)
            continue
        column = nw.col(name)
        if dtype == nw.Unknown:  # a column of nulls has no type of its own
            found |= _nothing(name, spec)
        elif spec.numeric and dtype.is_numeric():
            value = column.cast(nw.Float64)
            found[f"raw:{name}"] = nw.when(~value.is_nan()).then(value)
        elif spec.type == "boolean" and dtype == nw.Boolean:
            found[f"raw:{name}"] = column
            found[f"odd:{name}"] = nw.lit(False)
        elif spec.type == "boolean" and dtype.is_numeric():
            value = column.cast(nw.Float64)
            value = nw.when(~value.is_nan()).then(value)
            is_truth = (value == nw.lit(0.0)) | (value == nw.lit(1.0))
            found[f"raw:{name}"] = nw.when(is_truth).then(value == nw.lit(1.0))
            found[f"odd:{name}"] = nw.when(~is_truth).then(nw.lit(True)).otherwise(nw.lit(False))
        elif spec.type in ("category", "text", "date") and (dtype in _TEXTS or spec.type == "date"):
            found[f"raw:{name}"] = column.cast(nw.String)
        else:
            problems.append(_wrong_type(name, spec, dtype, what))
    if problems:
        raise ProblemsError(problems, f"{what} does not fit the standard: {len(problems)} problem(s)")
    return found


def _nothing(name: str, spec: FieldSpec) -> dict[str, nw.Expr]:
    kind = nw.Float64 if spec.numeric else nw.Boolean if spec.type == "boolean" else nw.String
    nothing = {f"raw:{name}": nw.lit(None, dtype=kind)}
    return nothing | {f"odd:{name}": nw.lit(False)} if spec.type == "boolean" else nothing


def _wrong_type(name: str, spec: FieldSpec, dtype: Any, what: str) -> Problem:
    allowed = f"; allowed: {', '.join(spec.values)}" if spec.values else ""
    return Problem(
        f"column '{name}' ({spec.label.zh}) of {what} has the type {cut(dtype, 40)}, but {_WANTED[spec.type]} is needed"
        f"{allowed}. Read the file with kit.registers.read_table, which says which rows are wrong."
    )
