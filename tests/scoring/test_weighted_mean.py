"""`weighted_mean`: sum of weight times score over the nodes that apply, by the sum of their weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import ProblemsError
from tests.scoring.tiny import Engine, tiny

BODY = """\
scores:
  s:
    weighted_mean:
      one: {weight: 0.2, formula: x%s}
      two: {weight: 0.3, formula: y}
      three: {weight: 0.5, formula: n%s}"""


def test_the_mean(tmp_path: Path, engine: Engine) -> None:
    got = engine.score(tiny(tmp_path, BODY % ("", "")), [{"x": 1, "y": 2, "n": 4}, {"x": 1, "y": None, "n": 4}])
    assert got[0]["s"] == pytest.approx(2.8, abs=1e-12) and got[0]["level"] == "general"
    assert got[1]["s"] is None and got[1]["level"] is None and got[1]["reason"] == "missing:y"
    assert got[1]["s.one"] == 1, "nodes that can be computed are shown although the row is not scored"


def test_a_skipped_node_leaves_the_weights(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, BODY % (", missing: skip", ""))
    got = engine.score(standard, [{"x": None, "y": 2, "n": 4}, {"x": 1, "y": 2, "n": 4}])
    assert got[0]["s"] == pytest.approx((0.3 * 2 + 0.5 * 4) / 0.8)
    assert got[0]["reason"] is None
    assert got[1]["s"] == pytest.approx(2.8)


def test_a_node_that_does_not_apply_leaves_the_weights(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, BODY % (", applies_when: b", ""))
    got = engine.score(standard, [{"x": 9, "y": 2, "n": 4, "b": value} for value in (True, False, None)])
    assert got[0]["s"] == pytest.approx(4.4)
    assert got[1]["s"] == pytest.approx(3.25) and got[1]["s.one"] is None and got[1]["reason"] is None
    assert got[2]["s"] is None and got[2]["level"] is None and got[2]["reason"] == "missing:b"


def test_all_skipped_is_no_level(tmp_path: Path, engine: Engine) -> None:
    body = "scores:\n  s: {weighted_mean: {one: {weight: 1, formula: x, missing: skip}}}"
    got = engine.score(tiny(tmp_path, body), [{"x": None}, {"x": 3}])
    assert got[0]["s"] is None and got[0]["level"] is None and got[0]["reason"]
    assert got[1]["s"] == 3


def test_nested_branches_have_their_own_aggregation(tmp_path: Path, engine: Engine) -> None:
    body = """\
scores:
  s:
    weighted_mean:
      worst: {weight: 3, max: {one: {formula: x}, two: {formula: y}}}
      rest: {weight: 1, formula: n}
    round: {digits: 1, mode: half_up}"""
    assert engine.column(tiny(tmp_path, body), [{"x": 1, "y": 4, "n": 2}]) == [3.5]


def test_a_word_for_a_weight_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="must be a number"):
        tiny(tmp_path, "scores:\n  s: {weighted_mean: {one: {weight: half, formula: x}}}")
