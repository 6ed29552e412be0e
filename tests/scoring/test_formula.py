"""`formula`: arithmetic in doubles; what is no finite number is unknown, never a level."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.scoring.tiny import Engine, tiny

FORMULAS: list[tuple[str, dict[str, float | str | None], float | None]] = [
    ("x / y", {"x": 3.9, "y": 1.3}, 3.9 / 1.3),
    ("x / y", {"x": 3, "y": 0}, None),
    ("y / 0", {"y": 3}, None),
    ("x - y * 2 + 1", {"x": 7, "y": 2.5}, 3.0),
    ("-x ** 2", {"x": 3}, -9.0),
    ("(x + 1) ** -1", {"x": 3}, 0.25),
    ("y ** -2", {"y": 0}, None),
    ("y ** 0.5", {"y": -4}, None),
    ("y ** 0", {"y": -4}, 1.0),
    ("sqrt(x)", {"x": 9}, 3.0),
    ("sqrt(y)", {"y": -1}, None),
    ("log(y)", {"y": 0}, None),
    ("log(y)", {"y": 1}, 0.0),
    ("exp(y)", {"y": 0}, 1.0),
    ("exp(y)", {"y": 10000}, None),
    ("y * 1e10", {"y": 1e300}, None),
    ("abs(y)", {"y": -2.5}, 2.5),
    ("max(x, y, 4)", {"x": 1, "y": 9}, 9.0),
    ("min(x, y)", {"x": 1, "y": None}, None),
    ("round(y, 2)", {"y": 1.005}, 1.01),
    ("x if b else y", {"x": 1, "y": 2, "b": False}, 2.0),
    ("x if b else y", {"x": 1, "y": 2, "b": None}, None),
    ("1 if k in ['a', 'b'] else 3", {"k": "b"}, 1.0),
    ("1 if not (x < 3 or b) else 2", {"x": 3, "b": False}, 1.0),
    ("1 if 2 <= x < 4 else 2", {"x": 4}, 2.0),
    ("1 + 1", {"x": 1}, 2.0),
]


def test_values(tmp_path: Path, engine: Engine) -> None:
    """All formulas as scores of one standard, which is quicker than a standard for each."""
    scores = "".join(f'  f{place}: {{formula: "{source}"}}\n' for place, (source, _, _) in enumerate(FORMULAS))
    standard = tiny(tmp_path, f"scores:\n  s: {{formula: x}}\n{scores}")
    rows = [{"x": None, "y": None, "b": None, "k": None} | row for _, row, _ in FORMULAS]
    got = engine.score(standard, rows)
    came = [(source, got[place][f"f{place}"]) for place, (source, _, _) in enumerate(FORMULAS)]
    assert came == [(source, wanted) for source, _, wanted in FORMULAS]


def test_a_division_by_nought_says_so(tmp_path: Path, engine: Engine) -> None:
    got = engine.score(tiny(tmp_path, "scores:\n  s: {formula: x / y}"), [{"x": 3, "y": 0}])[0]
    assert got["reason"] == "not_computable:s"


def test_exp_is_the_same_as_python_s(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, "scores:\n  s: {formula: exp(x) + log(y)}")
    rows = [{"x": 0.7, "y": 3.3}, {"x": 2, "y": math.e}]
    assert engine.column(standard, rows) == pytest.approx(
        [math.exp(r["x"]) + math.log(r["y"]) for r in rows], rel=1e-12
    )


def test_a_formula_may_name_derived_values_and_scores(tmp_path: Path, engine: Engine) -> None:
    body = """\
derived:
  double: {formula: half * 4}
  half: {formula: x / 2}
scores:
  s: {formula: t + double}
  t: {formula: half + 1}"""
    assert engine.column(tiny(tmp_path, body), [{"x": 3}, {"x": None}]) == [8.5, None]
