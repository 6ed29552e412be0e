"""Declared rounding: first to 9 decimals half up, then as the standard says."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from kit.scoring.rounding import rounded_9
from tests.scoring.tiny import Engine, tiny

VALUES = [1.005, 2.675, 0.5, 1.5, 2.5, -0.5, -1.5, 2.4999999999, 0.1 + 0.2, 1e7 + 0.5]


@pytest.mark.parametrize(
    ("digits", "mode", "wanted"),
    [
        (2, "half_up", [1.01, 2.68, 0.5, 1.5, 2.5, -0.5, -1.5, 2.5, 0.3, 1e7 + 0.5]),
        (0, "half_up", [1, 3, 1, 2, 3, 0, -1, 3, 0, 10000001]),
        (0, "half_even", [1, 3, 0, 2, 2, 0, -2, 2, 0, 10000000]),
        (0, "floor", [1, 2, 0, 1, 2, -1, -2, 2, 0, 10000000]),
        (0, "ceil", [2, 3, 1, 2, 3, 0, -1, 3, 1, 10000001]),
    ],
)
def test_modes(tmp_path: Path, engine: Engine, digits: int, mode: str, wanted: list[float]) -> None:
    standard = tiny(tmp_path, f"scores:\n  s: {{formula: y, round: {{digits: {digits}, mode: {mode}}}}}")
    assert engine.column(standard, [{"y": value} for value in VALUES]) == wanted


def test_the_rounded_value_is_what_is_compared(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, "scores:\n  s: {formula: y, round: {digits: 0, mode: half_up}}")
    got = engine.score(standard, [{"y": 1.4999}, {"y": 1.5}, {"y": 1.4999999999}, {"y": None}])
    assert [row["level"] for row in got] == ["low", "general", "general", None]


@pytest.mark.parametrize("value", [0.1 + 0.2, 1.0000000005, -1.0000000005, 3.9e6, 4.1e6, 1e300, 0.0])
def test_plain_rounding(value: float) -> None:
    wanted = value if abs(value) >= 4e6 else math.floor(value * 1e9 + 0.5) / 1e9
    assert rounded_9(value) == wanted
