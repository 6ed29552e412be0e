"""`points`: S = S1 / S0 * scale_to; items that do not apply leave the denominator."""

from __future__ import annotations

from pathlib import Path

from tests.scoring.tiny import Engine, tiny

BODY = """\
scores:
  s:
    points: {scale_to: 1000}
    children:
      group:
        points: {}
        children:
          one: {full: 20, deduct: [{each: n, points: 5}]}
          two: {full: 30, applies_when: b, map: {of: k, to: {a: 30, b: 10, c: 0}}}
      drill: {full: 50, bands: {of: x, at: [1, 2], scores: [0, 30, 50]}}"""
LEVEL = "level:\n  cuts: {of: s, at: [600, 750, 900], levels: [poor, fair, good, excellent]}\n  scale: capability\n"


def test_points(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, BODY, level=LEVEL)
    full = {"n": 1, "b": True, "k": "b", "x": 2}
    got = engine.score(standard, [full, full | {"b": False}, full | {"b": False, "n": 0}])
    # 15 of 20, 10 of 30 and 50 of 50; then without the item of 30.
    assert [(row["s__got"], row["s__full"], row["s"]) for row in got] == [
        (75, 100, 750),
        (65, 70, 65 / 70 * 1000),
        (70, 70, 1000),
    ]
    assert [(row["s.group__got"], row["s.group__full"]) for row in got] == [(25, 50), (15, 20), (20, 20)]
    assert [row["level"] for row in got] == ["good", "excellent", "excellent"]


def test_an_unknown_item_is_no_grade(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, BODY, level=LEVEL)
    full = {"n": 1, "b": True, "k": "b", "x": 2}
    got = engine.score(
        standard, [full | {"k": None}, full | {"b": None}, full | {"n": None}, full | {"k": None, "b": False}]
    )
    assert [row["level"] for row in got[:3]] == [None] * 3
    assert [row["reason"] for row in got[:3]] == ["missing:k", "missing:b", "missing:n"]
    assert got[3]["level"] == "excellent", "what is missing from an item that does not apply does not matter"


def test_no_item_applies(tmp_path: Path, engine: Engine) -> None:
    body = (
        "scores:\n  s:\n    points: {scale_to: 100}\n    children:\n      one: {full: 20, applies_when: b, formula: x}"
    )
    got = engine.score(tiny(tmp_path, body), [{"b": False, "x": 10}, {"b": True, "x": 10}])
    assert got[0]["s"] is None and got[0]["level"] is None and got[0]["reason"] == "no_indicator:s"
    assert got[1]["s"] == 50
