"""Tiny standards written in a test, and the same rows as a frame of every engine."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

from kit.scoring import score
from kit.standard import Standard, load_standard
from kit.standard.beside import CHECKLIST_COLUMNS

HEAD = """\
format: 1
id: tiny
version: 0.0.1
status: draft
provenance: illustrative
title: {zh: 试题}
department: commerce
object: risk_source
fields:
  x: {label: {zh: 值x}, type: number, range: [0, 15]}
  y: {label: {zh: 值y}, type: number}
  n: {label: {zh: 个数}, type: integer, range: [0, 50]}
  b: {label: {zh: 是否}, type: boolean}
  k: {label: {zh: 类别}, type: category, values: {a: 甲, b: 乙, c: 丙}}
"""
CUTS = "level:\n  cuts: {of: s, at: [2, 3, 4], levels: [low, general, considerable, major]}\n"
CHECKLIST_HEAD = ",".join(CHECKLIST_COLUMNS) + "\n"
TYPES: dict[str, Any] = {"b": pl.Boolean, "k": pl.String, "checklist_item": pl.String}

_number = itertools.count()


def tiny(folder: Path, body: str, *, level: str = CUTS, head: str = HEAD, checklist: str | None = None) -> Standard:
    """Return a standard with the fields x, y, n, b, k; `body` holds `scores:` and what else is wanted."""
    place = folder / f"tiny{next(_number)}"
    place.mkdir()
    (place / "standard.yaml").write_text(head + body + "\n" + level, encoding="utf-8")
    if checklist is not None:
        (place / "checklist.csv").write_text(CHECKLIST_HEAD + checklist, encoding="utf-8")
    return load_standard(place)


def polars_of(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return the rows as a Polars frame, NaN kept apart from null."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame(
        {
            name: pl.Series([row.get(name) for row in rows], dtype=TYPES.get(name, pl.Float64), strict=False)
            for name in names
        }
    )


def _pandas(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    plain = polars_of(rows)
    return pd.DataFrame(
        {name: pd.Series(plain[name].to_list(), dtype=object if name in TYPES else "float64") for name in plain.columns}
    )


def _duckdb(rows: Sequence[Mapping[str, Any]]) -> Any:
    connection = duckdb.connect()
    connection.register("given", polars_of(rows).with_row_index("row").to_arrow())
    return connection.sql("select * from given order by row")


def _arrow(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    return polars_of(rows).to_arrow(compat_level=pl.CompatLevel.oldest())


FRAMES: dict[str, Callable[[Sequence[Mapping[str, Any]]], Any]] = {
    "pandas": _pandas,
    "polars": polars_of,
    "polars_lazy": lambda rows: polars_of(rows).lazy(),
    "duckdb": _duckdb,
    "pyarrow": _arrow,
}


def records(scored: Any) -> list[dict[str, Any]]:
    """Return the rows of a result, every missing value as None."""
    if isinstance(scored, pd.DataFrame):
        plain = scored.astype(object)
        return plain.where(plain.notna(), None).to_dict("records")
    if isinstance(scored, pl.LazyFrame):
        return scored.collect().to_dicts()
    if isinstance(scored, pa.Table):
        return scored.to_pylist()
    return scored.to_dicts() if isinstance(scored, pl.DataFrame) else scored.order("row").pl().to_dicts()


class Engine:
    """One kind of frame."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.frame = FRAMES[name]

    def score(self, standard: Standard, rows: Sequence[Mapping[str, Any]], **options: Any) -> list[dict[str, Any]]:
        """Return the scored rows."""
        return records(score(standard, self.frame(rows), **options))

    def column(self, standard: Standard, rows: Sequence[Mapping[str, Any]], name: str = "s") -> list[Any]:
        """Return one result of every row."""
        return [row[name] for row in self.score(standard, rows)]
