"""The check of decision tables: gaps, overlaps and rows that never decide, each with a row that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.checking import Finding, check_standard
from tests.scoring.tiny import tiny

ROWS = "scores:\n  s:\n    table:\n      inputs: [x, b]\n      hit: %s\n      rows:\n%s\n      otherwise: %s"


def findings(folder: Path, hit: str, rows: list[str], otherwise: str = "1") -> list[Finding]:
    body = ROWS % (hit, "\n".join(f"        - {{when: {row}}}" for row in rows), otherwise)
    return [finding for finding in check_standard(tiny(folder, body)) if finding.check == "table"]


def test_a_sound_table(tmp_path: Path) -> None:
    assert findings(tmp_path, "unique", ['["<3", "-"], score: 1', '[">=3", true], score: 2']) == []


def test_overlaps_only_where_one_row_may_hold(tmp_path: Path) -> None:
    rows = ['["<=3", "-"], score: 2', '[">=3", true], score: 3']
    (found,) = findings(tmp_path, "unique", rows)
    assert found.severity == "error" and found.counter_example == {"x": 3, "b": True}
    assert "第1、2行同时成立" in found.message_zh and found.key == "scores.s.table.rows.1" and found.line == 22
    assert findings(tmp_path, "worst", rows) == []


def test_gaps_only_without_another_result(tmp_path: Path) -> None:
    rows = ['["<3", "-"], score: 2', '["(3, 15]", "-"], score: 3']
    (found,) = findings(tmp_path, "first", rows, "none")
    assert found.severity == "warning" and found.counter_example is not None and found.counter_example["x"] == 3
    assert findings(tmp_path, "first", rows) == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (['[">15", "-"], score: 2'], "第1行在声明的取值范围内永远不成立"),
        (['["<5", "-"], score: 2', '["<3", true], score: 3'], "第2行永远轮不到"),
    ],
)
def test_rows_that_never_decide(tmp_path: Path, rows: list[str], words: str) -> None:
    assert any(words in finding.message_zh for finding in findings(tmp_path, "first", rows))


def test_level_tables(tmp_path: Path) -> None:
    level = (
        "level:\n  table:\n    inputs: [s]\n    hit: unique\n    rows:\n"
        '      - {when: ["[0, 5]"], level: general}\n      - {when: ["[5, 9)"], level: major}\n    otherwise: none\n'
    )
    found = [
        one for one in check_standard(tiny(tmp_path, "scores:\n  s: {formula: x}", level=level)) if one.check == "table"
    ]
    assert sorted(one.severity for one in found) == ["error", "warning"]
    assert {tuple(one.counter_example or {}) for one in found} == {("s",)}


def test_the_scores_of_a_table_are_all_it_gives(tmp_path: Path) -> None:
    """Under a matrix a table was once taken to give any number."""
    body = (
        ROWS % ("first", '        - {when: ["<3", "-"], score: 2}', "4")
        + "\n  l: {map: {of: b, to: {true: 1, false: 5}}}"
    )
    level = "level:\n  matrix: {use: ls_5x5, likelihood: l, severity: s}\n"
    found = [one for one in check_standard(tiny(tmp_path, body, level=level)) if one.check == "matrix"]
    assert [one.severity for one in found] == ["warning"] * len(found)
    assert not any("可以是任意小数" in one.message_zh for one in found)
