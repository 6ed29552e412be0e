"""One standard on the pilot's rows by each engine, and by the plain-Python oracle row by row: medians of one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import polars as pl

from kit.cli.main_job import pilot_folder
from kit.scoring import score
from kit.standard import load_standard
from tests.scoring.oracle import Oracle

ROUNDS = 5


def run() -> None:
    standard = load_standard("catering")
    folder = pilot_folder() / "2019Q4"
    sources = pd.read_parquet(folder / "risk_sources.parquet")
    survey = pd.read_parquet(folder / "survey_unit" / "catering.parquet")
    frame = sources[sources["sector"] == "catering"][["unit_id", "checklist_item"]].merge(survey, on="unit_id")
    frame = frame[["checklist_item", *standard.fields]]
    polars = pl.from_pandas(frame)
    connection = duckdb.connect()
    connection.register("given", polars.to_arrow())
    ways: dict[str, Callable[[], Any]] = {
        "pandas": lambda: score(standard, frame),
        "polars": lambda: score(standard, polars),
        "duckdb": lambda: score(standard, connection.table("given")).fetch_arrow_table(),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - started)
    few = polars.head(500).to_dicts()
    started = time.perf_counter()
    for row in few:
        oracle = Oracle(standard, row)
        oracle.level()
    row_by_row = (time.perf_counter() - started) / len(few) * len(frame)
    print(f"catering, {len(frame):,} rows, {len(standard.nodes)} nodes; seconds, median of {ROUNDS}")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"  {name:<8} {median:6.2f}   row by row in Python: {row_by_row:.1f} s, {row_by_row / median:.0f} times")
