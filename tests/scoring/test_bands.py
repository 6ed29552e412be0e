"""`bands`: s0 below the first cut, s1 from it up to (not including) the second, and so on."""

from __future__ import annotations

import math
from pathlib import Path

from tests.scoring.tiny import Engine, tiny

BODY = "scores:\n  s: {bands: {of: x, at: [2, 4, 15], scores: [1, 2, 3, 4]}}"


def test_a_cut_belongs_to_the_band_above(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, BODY)
    rows = [{"x": value} for value in (0, 1.9999, math.nextafter(2, 0), 2, 3.999, 4, 14.9, 15)]
    # The double just below 2 meets the cut: both sides are rounded to 9 decimals before they are compared.
    assert engine.column(standard, rows) == [1, 1, 2, 2, 2, 3, 3, 4]


def test_no_value_and_wrong_values_get_no_band_and_no_level(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, BODY)
    rows = [{"x": value} for value in (None, math.nan, math.inf, -math.inf, 15.1, -0.1, 3)]
    got = engine.score(standard, rows)
    assert [row["s"] for row in got] == [None] * 6 + [2]
    assert [row["level"] for row in got] == [None] * 6 + ["general"]
    assert [row["reason"] for row in got[:2]] == ["missing:x"] * 2
    for row in got[2:4]:
        assert row["reason"].split(";") == ["not_finite:x", "out_of_range:x"]
    assert [row["reason"] for row in got[4:6]] == ["out_of_range:x"] * 2


def test_sums_of_decimals_meet_a_cut(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, "scores:\n  s: {bands: {of: x + y, at: [0.3, 3.3], scores: [1, 2, 3]}}")
    rows = [{"x": 0.1, "y": 0.2}, {"x": 1.1, "y": 2.2}, {"x": 0.1, "y": 0.199999}, {"x": 0.3, "y": -4e-10}]
    assert 0.1 + 0.2 != 0.3
    assert engine.column(standard, rows) == [2, 3, 1, 2]


def test_the_top_of_a_range_is_reached_by_division(tmp_path: Path, engine: Engine) -> None:
    """A frame of one row divides by the reciprocal in Polars 2.1: 3.9 / 1.3 would be 3 less one bit."""
    standard = tiny(tmp_path, "scores:\n  s: {bands: {of: x / y, at: [3, 15], scores: [1, 2, 3]}}")
    rows = [{"x": 3.9, "y": 1.3}, {"x": 15, "y": 1}, {"x": 14.7, "y": 4.9}]
    assert engine.column(standard, rows) == [2, 3, 2]
    assert [engine.column(standard, [row])[0] for row in rows] == [2, 3, 2]
