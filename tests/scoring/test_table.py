"""`table`: decision tables with hit policy, as scores and as levels; unknown inputs never fall through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kit.errors import ProblemsError
from kit.scoring import explain
from kit.standard.cells import holds
from tests.scoring.tiny import CUTS, Engine, tiny

BODY = """\
scores:
  s:
    table:
      inputs: [x, b, k]
      hit: %s
      rows:
        - {when: ["[2, 4)", "-", "-"], score: 2}
        - {when: ["-", true, [a, b]], score: 4}
        - {when: [">=8", "-", c], score: 3}
      otherwise: %s"""


def given(x: float | None, b: bool | None, k: str | None) -> dict[str, Any]:
    return {"x": x, "b": b, "k": k}


ROWS = [
    given(2, False, "a"),  # row 1 alone, its lower end included
    given(4, False, "a"),  # none: the upper end is left out
    given(3, True, "a"),  # rows 1 and 2
    given(9, True, "b"),  # row 2
    given(8, True, "c"),  # row 3
    given(None, True, "a"),  # row 2, and it is unknown whether row 1
    given(9, None, "a"),  # unknown whether row 2
    given(3, None, "a"),  # row 1, unknown whether row 2
    given(9, None, "c"),  # row 3: c is not in row 2, whatever b is
    given(2, False, None),  # row 1; false b keeps row 2 away, 2 keeps row 3 away
]


@pytest.mark.parametrize(
    ("hit", "expected"),
    [
        ("first", [2, 1, 2, 4, 3, None, None, 2, 3, 2]),
        ("worst", [2, 1, 4, 4, 3, 4, None, None, 3, 2]),
        ("unique", [2, 1, None, 4, 3, None, None, None, 3, 2]),
    ],
)
def test_hit_policies(tmp_path: Path, engine: Engine, hit: str, expected: list[float | None]) -> None:
    rows = engine.score(tiny(tmp_path, BODY % (hit, 1)), ROWS)
    assert [row["s"] for row in rows] == expected
    assert [row["level"] is None for row in rows] == [score is None for score in expected]
    assert all(row["reason"] for row in rows if row["s"] is None)


def test_no_score_where_no_row_holds(tmp_path: Path, engine: Engine) -> None:
    (row,) = engine.score(tiny(tmp_path, BODY % ("first", "none")), [given(4, False, "a")])
    assert row["s"] is None and row["level"] is None and row["reason"] == "not_computable:s"


def test_worst_is_the_low_score_where_the_worst_level_is_first(tmp_path: Path) -> None:
    level = "level:\n  scale: capability\n  cuts: {of: s, at: [2, 3, 4], levels: [poor, fair, good, excellent]}\n"
    standard = tiny(tmp_path, BODY % ("worst", 5), level=level)
    assert standard.scale.worst == "first"
    assert Engine("pandas").column(standard, [given(3, True, "a"), given(3, None, "a")]) == [2, 2]


def test_cells_meet_at_nine_decimals(tmp_path: Path, engine: Engine) -> None:
    body = "scores:\n  s: {table: {inputs: [x], hit: first, rows: [{when: ['0.3'], score: 2}], otherwise: 1}}"
    assert engine.column(tiny(tmp_path, body), [{"x": 0.1 + 0.2}, {"x": 0.31}]) == [2, 1]


LEVEL = """\
level:
  table:
    inputs: [s, b]
    hit: %s
    rows:
      - {when: [">=3", "-"], level: considerable}
      - {when: [">=2", true], level: major}
    otherwise: %s
"""


@pytest.mark.parametrize(
    ("hit", "otherwise", "expected"),
    [
        ("first", "low", ["considerable", "considerable", "major", None, "low", "low"]),
        ("worst", "low", ["major", "considerable", "major", None, "low", "low"]),
        ("unique", "none", [None, "considerable", "major", None, None, None]),
    ],
)
def test_levels(tmp_path: Path, engine: Engine, hit: str, otherwise: str, expected: list[str | None]) -> None:
    standard = tiny(tmp_path, "scores:\n  s: {formula: x}", level=LEVEL % (hit, otherwise))
    rows = engine.score(
        standard,
        [
            {"x": 3, "b": True},
            {"x": 3, "b": False},
            {"x": 2, "b": True},
            {"x": 2, "b": None},
            {"x": 1, "b": None},
            {"x": 1, "b": False},
        ],
    )
    assert [row["level"] for row in rows] == expected
    assert rows[3]["reason"] == "missing:b"
    if hit == "unique":
        assert rows[0]["reason"] == "not_in_table:level" and rows[5]["reason"] == "not_in_table:level"


def test_overrides_come_after_a_level_table(tmp_path: Path, engine: Engine) -> None:
    body = (
        "scores:\n  s: {formula: x}\noverrides:\n"
        "  - {id: no, clause: '5', when: k == 'c', at_least: considerable, reason: {zh: 试}}"
    )
    rows = engine.score(tiny(tmp_path, body, level=LEVEL % ("first", "low")), [{"x": 1, "b": False, "k": "c"}])
    assert rows[0]["level"] == "considerable" and rows[0]["override"] == "no"


def test_the_row_that_decided_is_explained(tmp_path: Path) -> None:
    import pandas as pd

    standard = tiny(tmp_path, BODY % ("first", 1))
    frame = pd.DataFrame([given(9.0, True, "b"), given(5.0, False, "b")])
    found = explain(standard, frame, 0).to_json()
    node = next(part for part in _nodes(found) if part.get("path") == "s")
    assert node["row"]["score"] == 4 and node["row"]["text_zh"] == "是否 是，类别 甲、乙"
    node = next(part for part in _nodes(explain(standard, frame, 1).to_json()) if part.get("path") == "s")
    assert node["row"]["text_zh"] == "其他情形"


def _nodes(tree: Any) -> Any:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from _nodes(value)


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("<3", 3.0, False), ("<=3", 3.0, True), (">3", 3.0, False), ("≥3", 3.0, True), ("3", 3.0, True),
        (3, 3.0, True), ("(3, 10]", 3.0, False), ("(3, 10]", 10.0, True), ([1, ">=3"], 4.0, True), ("<3", None, None),
        ("-", None, True), (True, True, True), (True, False, False), ("a", "a", True), (["a", "b"], "c", False),
    ],
)  # fmt: skip
def test_cells(cell: Any, value: Any, expected: bool | None) -> None:
    assert holds(cell, value) is expected


ROW = "scores:\n  s: {table: {inputs: [x, b, k], hit: first, rows: [%s], otherwise: 1}}"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{when: ["<3", "-"], score: 1}', "the row has 2 cells, but there are 3 inputs"),
        ('{when: ["around 3", "-", "-"], score: 1}', "x: 'around 3' is no condition on a number; write a number, <3"),
        ('{when: ["[9, 3)", "-", "-"], score: 1}', r"no number lies in '\[9, 3\)'"),
        ('{when: ["-", "maybe", "-"], score: 1}', "b: 'maybe' is no truth; write true, false or - for any"),
        ('{when: ["-", "-", d], score: 1}', "k: 'd' is no category"),
        ('{when: ["-", "-", 3], score: 1}', "k: '3' is no text"),
        ('{when: [true, "-", "-"], score: 1}', "x: 'true' is no number"),
        ('{when: ["-", "-", []], score: 1}', "the list is empty"),
        ('{when: ["-", "-", "-"], score: 1}', "write its score as otherwise:"),
        ('{when: ["<3", "-", "-"], score: 1}, {when: ["<3", "-", "-"], score: 2}', "the same as row 1; remove one"),
    ],
)
def test_mistakes_in_cells(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(ProblemsError, match=message) as caught:
        tiny(tmp_path, ROW % row)
    assert all(problem.line for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("level", "message"),
    [
        (
            LEVEL % ("first", "lowest"),
            "no level 'lowest' on the scale risk; allowed: .*, low, major, none; did you mean low",
        ),
        (LEVEL.replace("major", "mayor") % ("first", "low"), "no level 'mayor'"),
        (LEVEL.replace("inputs: [s, b]", "inputs: [t, b]") % ("first", "low"), "'t' is unknown"),
        (LEVEL % ("second", "low"), "second|hit"),
        (LEVEL % ("first", "low") + CUTS.removeprefix("level:\n"), "exactly one of them"),
    ],
)
def test_mistakes_in_level_tables(tmp_path: Path, level: str, message: str) -> None:
    with pytest.raises(ProblemsError, match=message):
        tiny(tmp_path, "scores:\n  s: {formula: x}", level=level)


def test_the_row_of_a_level_table_is_explained_and_covered(tmp_path: Path) -> None:
    import pandas as pd

    from kit.checking import check_standard, coverage

    standard = tiny(tmp_path, "scores:\n  s: {formula: x}", level=LEVEL % ("first", "low"))
    frame = pd.DataFrame({"x": [2.0, 1.0], "b": [True, False]})
    assert "落入 s >=2，是否 是：重大" in explain(standard, frame, 0).text()
    reached = {part.address: part.count for part in coverage(standard, frame) if part.part == "level_row"}
    assert reached == {"level.table[0]": 0, "level.table[1]": 1, "level.table[2]": 1}
    messages = [finding.message_zh for finding in check_standard(standard)]
    assert not any("分值“s”" in message or "等级“重大”没有" in message for message in messages)
