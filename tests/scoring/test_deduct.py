"""`deduct`: full points less deductions, never below nought; an unknown count deducts nothing and gives no score."""

from __future__ import annotations

from pathlib import Path

from tests.scoring.tiny import Engine, tiny

BODY = """\
scores:
  s: {full: 20, deduct: [{each: n, points: 5}, {when: not b, points: 8}]%s}"""


def test_deductions(tmp_path: Path, engine: Engine) -> None:
    rows = [{"n": n, "b": b} for n, b in ((0, True), (1, True), (0, False), (2, False), (3, False), (50, True))]
    assert engine.column(tiny(tmp_path, BODY % ""), rows) == [20, 15, 12, 2, 0, 0]


def test_unknown(tmp_path: Path, engine: Engine) -> None:
    got = engine.score(tiny(tmp_path, BODY % ""), [{"n": None, "b": True}, {"n": 1, "b": None}, {"n": 1.5, "b": True}])
    assert [row["s"] for row in got] == [None, None, None]
    assert [row["reason"] for row in got] == ["missing:n", "missing:b", "not_integer:n"]


def test_the_worst_of_an_item_is_nought_where_more_is_better(tmp_path: Path, engine: Engine) -> None:
    level = "level:\n  cuts: {of: s, at: [10, 15, 18], levels: [poor, fair, good, excellent]}\n  scale: capability\n"
    for policy, wanted in (("worst", 0), ("best", 20), ("{value: 7}", 7)):
        standard = tiny(tmp_path, BODY % f", missing: {policy}", level=level)
        assert engine.column(standard, [{"n": None, "b": True}]) == [wanted]
