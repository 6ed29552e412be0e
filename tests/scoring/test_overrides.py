"""Overrides (直接判定): in the order of the file; only the worst level stands where the rest is unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scoring.tiny import Engine, tiny

SCORES = "scores:\n  s: {formula: x}\n"


def override(name: str, target: str, when: str) -> str:
    return f"  - {{id: {name}, clause: '6.1', when: \"{when}\", {target}, reason: {{zh: 由}}}}\n"


def test_at_least_at_most_and_set(tmp_path: Path, engine: Engine) -> None:
    rules = (
        override("up", "at_least: considerable", "k == 'a'")
        + override("down", "at_most: general", "k == 'b'")
        + override("fix", "set: low", "k == 'c'")
    )
    standard = tiny(tmp_path, f"{SCORES}overrides:\n{rules}")
    cases = [
        ("a", 1, "considerable", "up"),
        ("a", 4, "major", None),
        ("b", 1, "low", None),
        ("b", 4, "general", "down"),
        ("c", 4, "low", "fix"),
        ("c", 1, "low", None),
    ]
    got = engine.score(standard, [{"k": k, "x": x} for k, x, _, _ in cases])
    assert [(row["level"], row["override"]) for row in got] == [(level, name) for _, _, level, name in cases]
    assert [row["level_before_overrides"] for row in got] == ["low", "major", "low", "major", "major", "low"]
    assert [row["overrides_fired"] for row in got] == ["up", "up", "down", "down", "fix", "fix"]


def test_later_ones_act_on_what_earlier_ones_left(tmp_path: Path, engine: Engine) -> None:
    up, down = override("up", "set: major", "b"), override("down", "at_most: general", "y > 0")
    rows = [{"x": 1, "b": True, "y": 1}]
    first = engine.score(tiny(tmp_path, f"{SCORES}overrides:\n{up}{down}"), rows)[0]
    second = engine.score(tiny(tmp_path, f"{SCORES}overrides:\n{down}{up}"), rows)[0]
    assert (first["level"], first["override"], first["overrides_fired"]) == ("general", "down", "up;down")
    assert (second["level"], second["override"], second["overrides_fired"]) == ("major", "up", "down;up")


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("set: major", "major"),
        ("at_least: major", "major"),
        ("at_least: considerable", None),
        ("at_most: low", None),
        ("set: low", None),
        ("set: considerable", None),
    ],
)
def test_a_row_without_scores(tmp_path: Path, engine: Engine, target: str, wanted: str | None) -> None:
    """Missing data never makes a row mild: only the worst level may be given to a row whose own level is unknown."""
    standard = tiny(tmp_path, f"{SCORES}overrides:\n{override('o', target, 'b')}")
    got = engine.score(standard, [{"x": None, "b": True}, {"x": 99, "b": True}, {"x": 2, "b": True}])
    assert got[0]["level"] == wanted
    assert got[0]["reason"] == (None if wanted else "missing:x")
    assert got[0]["override"] == ("o" if wanted else None)
    assert got[1]["level"] is None and got[1]["reason"] == "out_of_range:x", "a wrong value is mended first"
    assert got[2]["level"] is not None


@pytest.mark.parametrize(
    ("target", "levels"),
    [
        # x = 1, 3, 4 are low, considerable, major; the condition is unknown: the level stands where it is reached.
        ("at_least: considerable", [None, "considerable", "major"]),
        ("at_most: considerable", ["low", "considerable", None]),
        ("set: major", [None, None, "major"]),
        ("set: low", ["low", None, None]),
    ],
)
def test_an_unknown_condition(tmp_path: Path, engine: Engine, target: str, levels: list[str | None]) -> None:
    standard = tiny(tmp_path, f"{SCORES}overrides:\n{override('o', target, 'b')}")
    got = engine.score(standard, [{"x": x, "b": None} for x in (1, 3, 4)])
    assert [row["level"] for row in got] == levels
    assert [row["reason"] for row in got] == [None if level else "missing:b" for level in levels]
    assert [row["override"] for row in got] == [None] * 3


def test_ids_may_be_any_name(tmp_path: Path, engine: Engine) -> None:
    rules = override("base", "at_least: major", "b") + override("final", "at_least: general", "k == 'a'")
    got = engine.score(tiny(tmp_path, f"{SCORES}overrides:\n{rules}"), [{"x": 1, "b": False, "k": "a"}])
    assert (got[0]["level"], got[0]["override"]) == ("general", "final")


def test_only_when(tmp_path: Path, engine: Engine) -> None:
    level = (
        "level:\n  cuts: {of: s, at: [3], levels: [general, major]}\n  only_when: {formula: y >= 1, otherwise: low}\n"
    )
    rows = [{"x": 4, "y": 1}, {"x": 4, "y": 0.5}, {"x": 4, "y": None}, {"x": None, "y": 0.5}]
    got = engine.score(tiny(tmp_path, SCORES, level=level), rows)
    assert [row["level"] for row in got[:3]] == ["major", "low", None]
    assert got[2]["reason"] == "missing:y"


def test_matrix(tmp_path: Path, engine: Engine) -> None:
    level = "level:\n  matrix: {use: ls_5x5, likelihood: s, severity: t}\n"
    standard = tiny(tmp_path, "scores:\n  s: {formula: x}\n  t: {formula: y}\n", level=level)
    matrix = standard.matrix
    assert matrix is not None
    rows = [{"x": row, "y": column} for row in matrix.likelihood for column in matrix.severity]
    wanted = [name for row in matrix.levels for name in row]
    off = [{"x": 2.5, "y": 1}, {"x": 1, "y": None}]
    got = engine.score(standard, rows + off)
    assert [row["level"] for row in got] == [*wanted, None, None]
    assert [row["reason"] for row in got[-2:]] == ["not_on_matrix:s,t", "missing:y"]


def test_a_limit_at_the_worst_level_raises_nothing(tmp_path: Path, engine: Engine) -> None:
    """`at_most` the worst level demands nothing; it was once taken for the worst level itself."""
    standard = tiny(tmp_path, f"{SCORES}overrides:\n{override('cap', 'at_most: major', 'b')}")
    got = engine.score(standard, [{"x": 1, "b": True}, {"x": 4, "b": True}, {"x": None, "b": True}])
    assert [(row["level"], row["override"]) for row in got] == [("low", None), ("major", None), (None, None)]
    level = "level:\n  cuts: {of: s, at: [2, 3, 4], levels: [poor, fair, good, excellent]}\n  scale: capability\n"
    rules = override("floor", "at_least: poor", "b") + override("drop", "at_most: poor", "k == 'a'")
    turned = tiny(tmp_path, f"{SCORES}overrides:\n{rules}", level=level)
    rows = [{"x": 4, "b": True, "k": "b"}, {"x": 4, "b": False, "k": "a"}, {"x": None, "b": False, "k": "a"}]
    got = engine.score(turned, rows)
    assert [(row["level"], row["override"]) for row in got] == [
        ("excellent", None), ("poor", "drop"), ("poor", "drop"),
    ]  # fmt: skip
