"""What an unknown value does: `missing: error | worst | best | skip | {value: x}`, and `applies_when`."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from kit.errors import ProblemsError
from tests.scoring.tiny import Engine, tiny

ROWS = [{"x": None}, {"x": math.nan}, {"x": 99}, {"x": 3}]


@pytest.mark.parametrize(
    ("policy", "wanted", "level"),
    [("error", None, None), ("worst", 5, "major"), ("best", 1, "low"), ("{value: 2.5}", 2.5, "general")],
)
def test_policies(tmp_path: Path, engine: Engine, policy: str, wanted: float | None, level: str | None) -> None:
    standard = tiny(tmp_path, f"scores:\n  s: {{bands: {{of: x, at: [2, 4], scores: [1, 3, 5]}}, missing: {policy}}}")
    got = engine.score(standard, ROWS)
    assert [(row["s"], row["level"]) for row in got[:2]] == [(wanted, level)] * 2
    assert got[2]["level"] is None and got[2]["reason"] == "out_of_range:x", "a wrong value is not a missing one"
    assert (got[3]["s"], got[3]["level"]) == (3, "considerable")


def test_a_branch_has_no_worst_score(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="belongs to the nodes that read fields"):
        tiny(tmp_path, "scores:\n  s: {max: {one: {formula: x}}, missing: worst}")
    with pytest.raises(ProblemsError, match="a formula has no worst or best score"):
        tiny(tmp_path, "scores:\n  s: {formula: x, missing: best}")


def test_unknown_applicability_is_no_level(tmp_path: Path, engine: Engine) -> None:
    body = "scores:\n  s: {max: {one: {formula: x}, two: {formula: y, applies_when: x >= 3 and b}}}"
    rows = [{"x": 2, "y": 9, "b": None}, {"x": 3, "y": 9, "b": None}, {"x": 3, "y": 9, "b": True}]
    got = engine.score(tiny(tmp_path, body), rows)
    # Kleene: false and unknown is false, so the first row knows that `two` does not apply.
    assert [row["s"] for row in got] == [2, None, 9]
    assert got[1]["level"] is None and got[1]["reason"] == "missing:b"


def test_applies_columns(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, "scores:\n  s: {max: {one: {formula: x}, two: {formula: y, applies_when: b}}}")
    got = engine.score(standard, [{"x": 1, "y": 2, "b": False}, {"x": 1, "y": None, "b": True}], applies=True)
    assert [(row["s.one__applies"], row["s.two__applies"]) for row in got] == [(True, False), (True, True)]
    assert got[1]["s.two"] is None
