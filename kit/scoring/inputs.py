"""Reading the columns of a frame as the programme wants them: doubles without NaN, truths as 1.0/0.0, texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from kit.errors import Problem, ProblemsError, cut, did_you_mean
from kit.standard.fields import FieldSpec

_WANTED = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "category": "a category (text)",
    "text": "text",
    "date": "text or a date",
}


def plain_pandas(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return `columns` of a pandas frame in numpy types, whatever flavour of missing value they used."""
    plain = {}
    for column in columns:
        series = frame[column]
        if series.dtype == object:
            series = series.convert_dtypes()
        if isinstance(series.dtype, pd.CategoricalDtype):
            series = series.astype("object").convert_dtypes() if len(series) else series.astype("str")
        if pd.api.types.is_bool_dtype(series.dtype):
            plain[column] = pd.Series(series.astype("boolean").to_numpy("float64", na_value=float("nan")), frame.index)
            plain[column].attrs["truth"] = True
        elif pd.api.types.is_numeric_dtype(series.dtype):
            plain[column] = pd.Series(series.to_numpy("float64", na_value=float("nan")), frame.index)
        else:
            plain[column] = series.astype("str").where(series.notna())
    result = pd.DataFrame(plain, index=frame.index)
    result.attrs["truths"] = {name for name, series in plain.items() if series.attrs.get("truth")}
    return result


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
    truths : numeric columns that are known to hold truths (pandas has no truth with missing values in numpy).
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
            kind = nw.Float64 if spec.numeric or spec.type == "boolean" else nw.String
            found[f"raw:{name}"] = nw.lit(None, dtype=kind)
            if spec.type == "boolean":
                found[f"odd:{name}"] = nw.lit(0.0)
            continue
        column = nw.col(name)
        is_text = dtype in (nw.String, nw.Categorical, nw.Enum, nw.Object)
        if spec.numeric:
            if dtype.is_numeric() and name not in (truths or ()):
                value = column.cast(nw.Float64)
                found[f"raw:{name}"] = nw.when(~value.is_nan()).then(value)
            else:
                problems.append(_wrong_type(name, spec, dtype, what))
        elif spec.type == "boolean":
            if dtype == nw.Boolean:
                one = nw.when(column).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
                found[f"raw:{name}"] = nw.when(~column.is_null()).then(one)
                found[f"odd:{name}"] = nw.lit(0.0)
            elif dtype.is_numeric():
                value = column.cast(nw.Float64)
                value = nw.when(~value.is_nan()).then(value)
                is_truth = (value == nw.lit(0.0)) | (value == nw.lit(1.0))
                found[f"raw:{name}"] = nw.when(is_truth).then(value)
                found[f"odd:{name}"] = nw.when(~value.is_null() & ~is_truth).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
            else:
                problems.append(_wrong_type(name, spec, dtype, what))
        elif is_text or spec.type == "date":
            found[f"raw:{name}"] = column.cast(nw.String)
        elif _all_null(dtype):
            found[f"raw:{name}"] = nw.lit(None, dtype=nw.String)
        else:
            problems.append(_wrong_type(name, spec, dtype, what))
    if problems:
        raise ProblemsError(problems, f"{what} does not fit the standard: {len(problems)} problem(s)")
    return found


def _all_null(dtype: Any) -> bool:
    return dtype == nw.Unknown


def _wrong_type(name: str, spec: FieldSpec, dtype: Any, what: str) -> Problem:
    allowed = f"; allowed: {', '.join(spec.values)}" if spec.values else ""
    return Problem(
        f"column '{name}' ({spec.label.zh}) of {what} has the type {cut(dtype, 40)}, but {_WANTED[spec.type]} is needed"
        f"{allowed}. Read the file with kit.registers.read_table, which says which rows are wrong."
    )
