"""`geometric_mean`, `harmonic_mean`, `generalised_mean`; figures worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import ProblemsError
from tests.scoring.tiny import Engine, tiny

BELOW = "one: {%sformula: x}, two: {%sformula: y}"
PLAIN = BELOW % ("", "")
WEIGHTED = BELOW % ("weight: 1, ", "weight: 3, ")


def of(kind: str, nodes: str = PLAIN) -> str:
    if kind.startswith("generalised"):
        return f"scores:\n  s: {{{kind}, children: {{{nodes}}}}}"
    return f"scores:\n  s: {{{kind}: {{{nodes}}}}}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (of("geometric_mean"), 4),  # sqrt(2 * 8)
        (of("geometric_mean", WEIGHTED), 2**2.5),  # (2 * 8**3) ** (1/4)
        (of("harmonic_mean"), 3.2),  # 2 / (1/2 + 1/8)
        (of("harmonic_mean", WEIGHTED), 32 / 7),  # 4 / (1/2 + 3/8)
        (of("generalised_mean: {power: 1}"), 5),
        (of("generalised_mean: {power: 2}"), 34**0.5),
        (of("generalised_mean: {power: 2}", WEIGHTED), 7),  # sqrt((4 + 192) / 4)
        (of("generalised_mean: {power: -1}"), 3.2),
        (of("generalised_mean: {power: 0.5}"), 4.5),  # ((sqrt 2 + sqrt 8) / 2) ** 2
        (of("generalised_mean: {power: 3}"), 260 ** (1 / 3)),
    ],
)
def test_figures_worked_out_by_hand(tmp_path: Path, body: str, expected: float) -> None:
    (found,) = Engine("pandas").column(tiny(tmp_path, body), [{"x": 2, "y": 8}])
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("geometric_mean", 0),
        ("harmonic_mean", 0),
        ("generalised_mean: {power: -2}", 0),
        ("generalised_mean: {power: 2}", 32**0.5),
        ("generalised_mean: {power: 0.5}", 2),
    ],
)
def test_a_nought(tmp_path: Path, kind: str, expected: float) -> None:
    (found,) = Engine("pandas").column(tiny(tmp_path, of(kind)), [{"x": 0, "y": 8}])
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("kind", ["geometric_mean", "harmonic_mean", "generalised_mean: {power: 2}"])
def test_below_nought_or_unknown_there_is_no_mean(tmp_path: Path, engine: Engine, kind: str) -> None:
    rows = engine.score(tiny(tmp_path, of(kind)), [{"x": 2, "y": -8}, {"x": 0, "y": None}, {"x": 2, "y": 8}])
    assert [row["s"] is None for row in rows] == [True, True, False]
    assert [row["level"] is None for row in rows] == [True, True, False]
    assert rows[0]["reason"] and rows[1]["reason"] == "missing:y"


@pytest.mark.parametrize("kind", ["geometric_mean", "harmonic_mean", "generalised_mean: {power: 2}"])
def test_a_node_that_does_not_apply_leaves_the_weights(tmp_path: Path, engine: Engine, kind: str) -> None:
    body = of(kind, "one: {weight: 2, formula: x}, two: {weight: 5, formula: y, applies_when: b}")
    found = engine.column(tiny(tmp_path, body), [{"x": 3, "y": 9, "b": False}, {"x": 3, "y": None, "b": None}])
    assert found == [pytest.approx(3, abs=1e-9), None]


def test_levels_of_any_depth(tmp_path: Path, engine: Engine) -> None:
    body = """\
scores:
  s:
    geometric_mean:
      one: {harmonic_mean: {a: {formula: x}, b: {formula: y}}}
      two: {generalised_mean: {power: 2}, children: {a: {max: {c: {formula: x}, d: {formula: n}}}, b: {formula: y}}}
    round: {digits: 3, mode: half_up}"""
    (row,) = engine.score(tiny(tmp_path, body), [{"x": 2, "y": 8, "n": 6}])
    assert row["s.one"] == pytest.approx(3.2) and row["s.two"] == pytest.approx(50**0.5)
    assert row["s"] == 4.757  # sqrt(3.2 * 7.0710678) = 4.75683


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (of("generalised_mean: {power: 0}"), "write geometric_mean:"),
        (of("generalised_mean: {power: 99}"), "for the highest or lowest value alone write max"),
        (of("geometric_mean", BELOW % ("weight: 1, ", "")), "two: needs weight: because one has one|needs weight:"),
        (of("harmonic_mean", BELOW % ("weight: 1, ", "weight: -1, ")), "the weight -1 must be above 0"),
        ("scores:\n  s: {generalised_mean: {power: 2}}", "has no nodes below it"),
        ("scores:\n  s: {geometric_mean: {a: {formula: x}}, children: {b: {formula: y}}}", "children: belongs to"),
    ],
)
def test_mistakes(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(ProblemsError, match=message):
        tiny(tmp_path, body)
