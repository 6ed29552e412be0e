"""The planted defects of the sample: recall by kind, failing rows that were not planted, and the speed.

``BENCH_SAMPLE`` names another sample's folder than the shipped one, such as one of ``kit data sample --size city``.
"""

from __future__ import annotations

import os
import resource
import time

import pandas as pd

from kit.cli.main_job import before_of, quality_checks, read_period
from kit.periods import quarter_end
from kit.quality import validate
from kit.quality.registry import rules
from kit.quality.run import great_expectations
from kit.standard import load_all

# Text that no rule forbids, planted to be shown as it is written.
NO_DEFECT = "markup_in_text"


def run() -> None:
    """Print recall by kind, false alarms, time and memory."""
    standards = load_all()
    great_expectations()
    started, worked = time.perf_counter(), time.process_time()
    quarter = read_period(os.environ.get("BENCH_SAMPLE"), "2019Q4")
    read, read_worked = time.perf_counter(), time.process_time()
    tables, checks = quality_checks(quarter, standards, before_of(quarter))
    scored, scored_worked = time.perf_counter(), time.process_time()
    result = validate(tables, checks, as_of=quarter_end(quarter.period), standards=standards)
    done, done_worked = time.perf_counter(), time.process_time()

    planted = pd.read_csv(quarter.folder / "planted_defects.csv", dtype=str)
    planted = planted[planted["kind"] != NO_DEFECT].copy()
    known = {rule.id for rule in rules()}
    rows = result.rows
    by_rule = set(zip(rows["table"], rows["key"], rows["check_id"], strict=True))
    by_column = set(zip(rows["table"], rows["key"], rows["column"], strict=True))
    # A kind named like a rule has to be found by that rule, any other by a check of its column.
    planted["found"] = [
        (table, key, kind) in by_rule if kind in known else (table, key, column) in by_column
        for table, key, column, kind in zip(
            planted["table"], planted["key"], planted["column"], planted["kind"], strict=True
        )
    ]
    print(planted.groupby("kind")["found"].agg(["sum", "size"]).to_string())
    expected = set(zip(planted["table"], planted["key"], strict=True))
    clean = sum(len(frame) for frame in quarter.tables.values()) - len(expected)
    flagged = set(zip(rows["table"], rows["key"], strict=True)) - expected
    print(
        f"recall {planted['found'].mean():.2%} of {len(planted):,} in {planted['kind'].nunique()} kinds (target 99 %)"
    )
    print(f"false alarms: {len(flagged)} of {clean:,} clean rows ({len(flagged) / clean:.3%}; target at most 0.5 %)")
    unplanted = known - set(planted["kind"]) - {"phone_format", "resource_expired", "resource_quantity"}
    print(f"rules without a planted defect of their name: {', '.join(sorted(unplanted)) or 'none'}")
    states = result.checks["state"].value_counts().to_dict()
    print(f"{len(result.checks)} checks {states}, {len(rows):,} failing rows listed")
    print(
        f"read {read - started:.1f} s (processor {read_worked - worked:.1f} s), levels by the standards "
        f"{scored - read:.1f} s ({scored_worked - read_worked:.1f} s), all checks {done - scored:.1f} s "
        f"({done_worked - scored_worked:.1f} s); import of Great Expectations not included; "
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB"
    )
