"""Reading the columns of a frame as the programme wants them: doubles without NaN, truths, texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kit.errors import Problem, ProblemsError, cut, did_you_mean
from kit.standard.fields import FieldSpec

_TEXTS = (nw.String, nw.Categorical, nw.Enum, nw.Object)
_WANTED = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "category": "a category (text)",
    "text": "text",
    "date": "text or a date",
}


def arrow_of(frame: Any, columns: list[str] | None = None) -> Any:
    """Return (`columns` of) a pandas or Polars frame as an Arrow table, whatever flavour of missing value it used.

    Of pandas frames, numbers become doubles, truths booleans, all else texts; NaN, NA and None become null.
    """
    import pyarrow as pa

    if not isinstance(frame, pd.DataFrame):
        import polars as pl

        chosen = frame if columns is None else frame.select(columns)
        return chosen.to_arrow(compat_level=pl.CompatLevel.oldest())
    found: dict[str, Any] = {}
    for column in frame.columns if columns is None else columns:
        series = frame[column]
        if series.dtype == object or isinstance(series.dtype, pd.CategoricalDtype):
            series = series.astype(object).convert_dtypes()
        if pd.api.types.is_bool_dtype(series.dtype):
            found[column] = pa.array(series.astype("boolean"))
        elif series.isna().all():
            found[column] = pa.nulls(len(series))
        elif pd.api.types.is_numeric_dtype(series.dtype):
            found[column] = pa.array(series.to_numpy("float64", na_value=float("nan")), from_pandas=True)
        else:
            texts = series.astype(object).map(str, na_action="ignore")
            found[column] = pa.array(texts.to_numpy(object), type=pa.large_string(), from_pandas=True)
    return pa.table(found)


def raw_columns(
    schema: Mapping[str, Any],
    fields: Mapping[str, FieldSpec],
    *,
    truths: set[str] | None = None,
    what: str = "the table",
) -> dict[str, nw.Expr]:
    """Return the expressions that make `raw:<field>` (and `odd:<field>` for truths) of a frame with this schema.

    Parameters
    ----------
    schema : column name to Narwhals type.
    what : how messages call the frame.

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
                    name, [column for column in schema if column not in fields], allowed="other columns"
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
