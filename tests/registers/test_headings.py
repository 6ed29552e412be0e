"""Where the headings stand: below titles, in two rows, and never in the data."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kit.registers.headings import find_headings, normal_heading, without_unit

KNOWN = {"编号", "名称", "经度", "纬度", "责任人", "责任人电话"}.__contains__


def test_the_first_row_when_nothing_is_known() -> None:
    assert find_headings([["a", "b"], ["编号", "名称"]], None) == (["a", "b"], 1)
    assert find_headings([], None) == ([], 0)


def test_titles_above_are_passed_over() -> None:
    rows = [["示例区台账", None, None], ["填报日期：2019年", "", ""], ["编号", "名称", "备注"], ["U1", "甲", "乙"]]
    assert find_headings(rows, KNOWN) == (["编号", "名称", "备注"], 3)


def test_two_rows_with_merged_cells_are_one() -> None:
    csv = [["编号", "坐标", "", "责任人", ""], ["", "经度", "纬度", "姓名", "电话"], ["U1", 1, 2, "甲", "3"]]
    assert find_headings(csv, KNOWN) == (["编号", "经度", "纬度", "责任人", "责任人电话"], 2)
    merged = [["编号", "坐标", "坐标", "责任人"], ["编号", "经度", "纬度", "责任人"]]
    assert find_headings(merged, KNOWN) == (["编号", "经度", "纬度", "责任人"], 2)


def test_a_row_of_data_is_no_heading() -> None:
    rows = [["编号", "备注", "说明"], ["U1", "名称", "甲"], ["U2", "", "纬度"]]
    assert find_headings(rows, KNOWN) == (["编号", "备注", "说明"], 1)


@given(st.lists(st.lists(st.text(max_size=4) | st.none() | st.integers(), max_size=5), max_size=12))
def test_rows_without_headings_leave_the_first_row(rows: list[list[object]]) -> None:
    found, taken = find_headings(rows, KNOWN)
    if rows and not any(KNOWN(str(cell).strip()) for row in rows for cell in row if cell is not None):
        assert taken == 1
        assert len(found) == len(rows[0])
    assert taken <= len(rows)


def test_headings_as_they_are_compared() -> None:
    assert normal_heading(" 平均 车龄（年）* ") == "平均车龄(年)"
    assert without_unit("平均车龄(年)") == "平均车龄"
