"""`max`, `min`, `sum`, `product`: only nodes that apply take part, and all of those must be known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scoring.tiny import Engine, tiny

ROW = {"x": 2, "y": 3, "n": 4, "b": False}


@pytest.mark.parametrize(
    ("kind", "all_three", "without_last"), [("max", 4, 3), ("min", 2, 2), ("sum", 9, 5), ("product", 24, 6)]
)
def test_folds(tmp_path: Path, engine: Engine, kind: str, all_three: float, without_last: float) -> None:
    body = f"scores:\n  s:\n    {kind}:\n      one: {{formula: x}}\n      two: {{formula: y}}\n"
    standard = tiny(tmp_path, body + "      three: {formula: n, applies_when: b}")
    rows = [ROW | {"b": True}, ROW, ROW | {"b": None}, ROW | {"y": None}]
    assert engine.column(standard, rows) == [all_three, without_last, None, None]
    assert engine.column(standard, rows, "level")[2:] == [None, None]


@pytest.mark.parametrize("kind", ["max", "min", "sum", "product"])
def test_nothing_applies(tmp_path: Path, engine: Engine, kind: str) -> None:
    body = f"scores:\n  s: {{{kind}: {{one: {{formula: x, applies_when: b}}}}}}"
    got = engine.score(tiny(tmp_path, body), [{"x": 2, "b": False}, {"x": 2, "b": True}])
    assert got[0]["s"] is None and got[0]["level"] is None and got[0]["reason"] == "no_indicator:s"
    assert got[1]["s"] == 2


def test_a_negative_score_can_be_the_highest(tmp_path: Path, engine: Engine) -> None:
    body = "scores:\n  s: {max: {one: {formula: y}, two: {formula: x, applies_when: b}}}"
    assert engine.column(tiny(tmp_path, body), [{"y": -7, "x": 5, "b": False}]) == [-7]
