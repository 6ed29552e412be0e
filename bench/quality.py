"""The planted defects of the pilot sample: recall by kind, and failing rows that were not planted."""

from __future__ import annotations

import time

import pandas as pd

from kit.cli.main_job import before_of, pilot_folder, read_period, validate_period
from kit.standard import load_all


def run() -> None:
    quarter = read_period(None, "2019Q4")
    standards = load_all()
    started = time.perf_counter()
    result = validate_period(quarter, standards, before_of(quarter))
    seconds = time.perf_counter() - started
    planted = pd.read_csv(pilot_folder() / "planted_defects.csv", dtype=str)
    found = set(zip(result.rows["table"], result.rows["key"], strict=True))
    planted["found"] = [pair in found for pair in zip(planted["table"], planted["key"], strict=True)]
    print(planted.groupby("kind")["found"].agg(["sum", "size"]).to_string())
    expected = set(zip(planted["table"], planted["key"], strict=True))
    rows = sum(len(frame) for frame in quarter.tables.values())
    false = len(found - expected)
    print(f"recall {planted['found'].mean():.1%}; other rows with a finding {false} of {rows:,} ({false / rows:.2%})")
    print(f"{len(result.checks)} checks on {rows:,} rows in {seconds:.1f} s, Great Expectations' import included")
