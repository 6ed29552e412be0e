"""What a person is told."""

from __future__ import annotations

import pytest

from kit.errors import KitError, Problem, ProblemsError, cut, did_you_mean, nearest


def test_cut() -> None:
    assert cut("short") == "short"
    assert cut("a\n b\t c") == "a b c"
    assert len(cut("x" * 1000)) == 80 and cut("x" * 1000).endswith("…")
    assert cut("x" * 80) == "x" * 80
    assert cut(None) == "None"


def test_nearest() -> None:
    assert nearest("mayor", ["low", "major"]) == "major"
    assert nearest("zzz", ["low", "major"]) is None
    assert nearest("low", []) is None


def test_did_you_mean() -> None:
    assert did_you_mean("mayor", ["major", "low"]) == "allowed: low, major; did you mean major?"
    assert did_you_mean("zzz", ["low"], allowed="there are") == "there are: low"
    assert did_you_mean("x", []) == "allowed: nothing"
    many = did_you_mean("zzz", [f"name{place:02}" for place in range(30)])
    assert "name19, … (30 in all)" in many and "name20" not in many


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("wrong"), "wrong"),
        (Problem("wrong", "a.yaml"), "a.yaml: wrong"),
        (Problem("wrong", "a.yaml", 3), "a.yaml:3: wrong"),
        (Problem("wrong", "a.yaml", 3, 7, "fields.age"), "a.yaml:3:7: fields.age: wrong"),
        (Problem("wrong", key="fields.age"), "fields.age: wrong"),
    ],
)
def test_problems_say_where(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_several_problems_are_one_error() -> None:
    error = ProblemsError([Problem("one", "a", 1), Problem("two", "a", 2)])
    assert isinstance(error, KitError)
    assert str(error) == "2 problems found\n  a:1: one\n  a:2: two"
    assert str(ProblemsError([Problem("one")])).startswith("1 problem found")
    assert str(ProblemsError([Problem("one")], "head")) == "head\n  one"
