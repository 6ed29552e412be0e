"""`map`: each category, truth or listed number has its score; anything else has none."""

from __future__ import annotations

import math
from pathlib import Path

from tests.scoring.tiny import Engine, tiny


def test_categories(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, "scores:\n  s: {map: {of: k, to: {a: 1, b: 2.5, c: 4}}}")
    got = engine.score(standard, [{"k": value} for value in ("a", "b", "c", "z", "", None)])
    assert [row["s"] for row in got] == [1, 2.5, 4, None, None, None]
    assert [row["level"] for row in got] == ["low", "general", "major", None, None, None]
    assert [row["reason"] for row in got[3:]] == ["not_allowed:k", "not_allowed:k", "missing:k"]


def test_truths(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, "scores:\n  s: {map: {of: b, to: {true: 4, false: 1}}}")
    got = engine.score(standard, [{"b": True}, {"b": False}, {"b": None}])
    assert [row["s"] for row in got] == [4, 1, None]
    assert got[2]["level"] is None and got[2]["reason"] == "missing:b"


def test_numbers(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, "scores:\n  s: {map: {of: n, to: {0: 1, 1: 2, 3: 4}}}")
    got = engine.score(standard, [{"n": value} for value in (0, 1, 2, 3, math.nan)])
    assert [row["s"] for row in got] == [1, 2, None, 4, None]
    assert got[2]["level"] is None and got[2]["reason"] == "not_computable:s"
