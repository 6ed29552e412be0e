"""Cells of the workbook: what is shown, and what is read from them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.standard.spreadsheet.columns import TRUTH, CellMistakeError, Column, same_cell
from kit.standard.spreadsheet.tables import MISSING, WORSE


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        (Column("a", "甲", "choice", choices=WORSE), "higher", "越高越不利"),
        (Column("a", "甲", "choice", choices=TRUTH), False, "否"),
        (Column("a", "甲", "missing", choices=MISSING), "skip", "不计入"),
        (Column("a", "甲", "missing", choices=MISSING), {"value": 2.5}, 2.5),
        (Column("a", "甲", "lines"), ["一", "二"], "一\n二"),
        (Column("a", "甲", "lines", choices={"unit": "单位"}), ["unit"], "单位"),
        (Column("a", "甲", "pairs"), {"ev": "电动=车", "g": "气"}, "ev=电动=车\ng=气"),
        (Column("a", "甲", "paragraphs"), [{"zh": "段"}, {"zh": "落"}], "段\n落"),
        (Column("a", "甲", "cell"), [True], "是 |"),
        (Column("a", "甲", "cell"), ["cng", 3, False], "cng | 3 | 否"),
        (Column("a", "甲", "cell"), "[3, 10)", "[3, 10)"),
        (Column("a", "甲", "number"), 0.15, 0.15),
        (Column("a", "甲", "clause"), "5.10", "5.10"),
    ],
)
def test_values_are_shown_and_read_again(column: Column, value: Any, shown: Any) -> None:
    assert column.shown(value) == shown
    assert column.parsed(shown) == value
    assert column.shown(None) is None and column.parsed(None) is None and column.parsed("  ") is None


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        (Column("a", "甲", "number"), "3 年", "is no number"),
        (Column("a", "甲", "number"), True, "is a truth value"),
        (Column("a", "甲", "clause"), 5.1, "format the cell as text"),
        (Column("a", "甲", "choice", choices=WORSE), "越高越不", "did you mean"),
        (Column("a", "甲", "missing", choices=MISSING), "跳过", "allowed or a number"),
        (Column("a", "甲", "pairs"), "ev 电动", "write key=中文"),
        (Column("a", "甲", "lines", choices={"unit": "单位"}), "单 位", "allowed: 单位"),
    ],
)
def test_cells_that_are_not_taken(column: Column, cell: Any, message: str) -> None:
    with pytest.raises(CellMistakeError, match=message):
        column.parsed(cell)


def test_codes_and_written_truths_are_taken_too() -> None:
    assert Column("a", "甲", "choice", choices=WORSE).parsed("lower") == "lower"
    assert Column("a", "甲", "choice", choices=TRUTH).parsed(True) is True
    assert Column("a", "甲", "number").parsed(" 1e3 ") == 1000
    assert Column("a", "甲").parsed(3.0) == "3"
    assert Column("a", "甲", "cell").parsed("3.0") == 3


@given(st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9)))
def test_numbers_come_back_as_short_as_they_are(number: float) -> None:
    value = Column("a", "甲", "number").parsed(number)
    assert value == pytest.approx(number, rel=1e-14, abs=0)
    assert isinstance(value, int) == float(f"{number:.15g}").is_integer()
    assert same_cell(value, number)


def test_the_same_cell_written_otherwise() -> None:
    assert same_cell(3, 3.0) and same_cell(None, "") and same_cell("a\r\nb", "a_x000D_\nb") and same_cell(True, "是")
    assert same_cell(0.1 + 0.2, 0.3)
    assert not same_cell(3, "3") and not same_cell("a", "a ") and not same_cell(0, None)
