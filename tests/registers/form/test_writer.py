"""The survey form as a workbook: sheets, headings, rules of each cell, marks, and text that stays text."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kit.errors import ProblemsError
from kit.registers import form_layout, form_workbook, write_form
from kit.registers.form.cells import FIRST_ROW, HEADING_ROW, HINT_ROW, ID_ROW
from kit.registers.form.layout import allowed_text, hint
from kit.standard import load_standard
from tests.registers.form.form_standards import write_standard
from tests.shipped import NAMES

ALL = sorted(NAMES)


def _sheet(book: openpyxl.Workbook, title: str):  # type: ignore[no-untyped-def]
    page = book[title]
    heads = {page.cell(ID_ROW, at).value: page.cell(HEADING_ROW, at) for at in range(1, page.max_column + 1)}
    return page, heads


def _rules(page) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """Return the validation of each column, by letter."""
    return {str(rule.sqref).split(":")[0].rstrip("0123456789"): rule for rule in page.data_validations.dataValidation}


@pytest.mark.parametrize("name", ALL)
def test_every_field_of_every_shipped_standard_has_a_column_with_unit_help_and_rule(name: str, tmp_path: Path) -> None:
    standard = load_standard(name)
    book = openpyxl.load_workbook(write_form(standard, tmp_path / "form.xlsx"))
    layout = form_layout(standard)
    asked = {column.id for sheet in layout.sheets if sheet.kind != "child" for column in sheet.columns if column.asked}
    assert asked == set(standard.fields)
    for sheet in layout.sheets:
        page, heads = _sheet(book, sheet.title)
        rules = _rules(page)
        for column in sheet.columns:
            cell = heads[column.id]
            assert column.spec.label.zh in cell.value
            assert not column.spec.unit or f"（{column.spec.unit}）" in cell.value
            assert cell.value.endswith("*") == column.spec.required
            assert page.cell(HINT_ROW, cell.column).value == hint(column)
            rule = rules[cell.column_letter]
            assert rule.prompt and len(rule.prompt) <= 255 and len(rule.promptTitle) <= 32
            assert rule.error and len(rule.error) <= 255 and len(rule.errorTitle) <= 32
            assert re.search("[一-鿿]", rule.error) and rule.showErrorMessage
        assert page.freeze_panes and page.print_title_rows == f"${HEADING_ROW}:${HINT_ROW}"
        assert (page.page_setup.orientation, int(page.page_setup.paperSize)) == ("landscape", 9)
        assert page.row_dimensions[ID_ROW].hidden
    assert book["_lists"].sheet_state == book["_kit"].sheet_state == "hidden"
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]


def _listed(book: openpyxl.Workbook, formula: str) -> list[str]:
    found = re.fullmatch(r"'(.+)'!\$([A-Z]+)\$(\d+):\$([A-Z]+)\$(\d+)", formula)
    assert found, formula
    title, letter, first, _, last = found.groups()
    return [book[title][f"{letter}{row}"].value for row in range(int(first), int(last) + 1)]


def test_rules_of_the_taxi_form(tmp_path: Path) -> None:
    taxi = load_standard("taxi")
    book = openpyxl.load_workbook(write_form(taxi, tmp_path / "form.xlsx"))
    page, heads = _sheet(book, "单位")
    rules = _rules(page)

    def rule(name: str):  # type: ignore[no-untyped-def]
        return rules[heads[name].column_letter]

    age = rule("vehicle_age")
    assert (age.type, age.operator, age.formula1, age.formula2, age.errorStyle or "stop") == (
        "decimal", "between", "0", "15", "stop",
    )  # fmt: skip
    assert "0～15 年" in age.error and "行驶证登记日期" in age.prompt
    assert (rule("fleet_size").type, rule("fleet_size").formula2) == ("whole", "60000")
    assert _listed(book, rule("energy").formula1) == ["汽油", "压缩天然气", "纯电动或换电"]
    assert _listed(book, rule("has_permit").formula1) == ["是", "否"]
    page, heads = _sheet(book, "风险源")
    rules = _rules(page)
    assert _listed(book, rule("checklist_item").formula1) == [item.name_zh for item in taxi.checklist]
    assert "道路交通事故" in _listed(book, rule("accident_class").formula1)
    assert rule("updated_at").type == "date"
    assert rule("unit_id").formula1.startswith("OFFSET('单位'!$A$5")
    assert rule("source_id").type == "custom"


def test_the_checklist_says_which_fields_matter(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_form(load_standard("taxi"), tmp_path / "form.xlsx"))
    rows = {row[0]: row for row in book["辨识建议清单"].iter_rows(values_only=True)}
    assert rows["taxi_s02"][1:3] == ("疲劳驾驶", "道路交通事故")
    assert rows["taxi_s02"][6].split("、") == [
        "驾驶员日均驾驶时长", "夜间（22时至5时）营运里程占比", "单次事故最大受影响人数", "动态监控接入率",
    ]  # fmt: skip
    assert "双班交接" in rows["taxi_s02"][7]


def test_first_page_says_what_the_form_is_and_that_the_standard_is_illustrative(tmp_path: Path) -> None:
    taxi = load_standard("taxi")
    book = openpyxl.load_workbook(write_form(taxi, tmp_path / "form.xlsx", made=True))
    text = "\n".join(str(cell.value) for row in book["填报说明"].iter_rows() for cell in row if cell.value is not None)
    for words in (
        taxi.title, "taxi@0.1.0", taxi.fingerprint[:12], "试行", "示意性标准", "数据不足", "示例数据", "谁来填",
        "怎么交回", "平均车龄", "0～15 年", "行驶证登记日期",
    ):  # fmt: skip
        assert words in text
    assert taxi.fingerprint not in text
    assert "None" not in text
    for sheet in form_layout(taxi).sheets:
        assert "示意性标准" in book[sheet.title]["A1"].value and "示例数据" in book[sheet.title]["A1"].value
    assert ("fingerprint", taxi.fingerprint) in list(book["_kit"].iter_rows(values_only=True))


def test_child_rows_choose_keys_of_the_lookup_table_and_see_names(tmp_path: Path) -> None:
    standard = load_standard("gb18218")
    book = openpyxl.load_workbook(write_form(standard, tmp_path / "form.xlsx"))
    page, heads = _sheet(book, "单元内的危险化学品")
    rule = _rules(page)[heads["cas"].column_letter]
    assert _listed(book, rule.formula1) == [str(key) for key in standard.lookups["critical_quantity"].index]
    table = {row[0]: row for row in book["临界量和校正系数"].iter_rows(values_only=True)}
    assert table["7664-41-7"][1:] == ("氨", 10, 2)
    assert table["7783-41-7"][3] is None, "a coefficient that the table does not give is not 0"


def test_unused_cells_of_an_item_are_greyed(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_form(write_standard(tmp_path / "s"), tmp_path / "form.xlsx"))
    page, heads = _sheet(book, "风险源")
    formulas = {
        str(area.sqref).split(":")[0]: [rule.formula[0] for rule in rules]
        for area, rules in page.conditional_formatting._cf_rules.items()
    }
    (found,) = formulas[f"{heads['staff'].column_letter}{FIRST_ROW}"]
    listed = re.search(r"COUNTIF\((.+),\$C5\)>0", found)
    assert listed and _listed(book, listed.group(1)) == ["炉灶"], "only the item without staff"


def test_text_is_never_a_formula_and_codes_stay_text(tmp_path: Path) -> None:
    standard = write_standard(tmp_path / "s")
    evil = ["=HYPERLINK(1)", "+86", "-5", "@SUM(A1)", "#N/A", "007", "1e5", "_x0041_"]
    frame = pd.DataFrame({"unit_id": [f"U0{at}" for at in range(len(evil))], "memo": evil})
    path = write_form(standard, tmp_path / "form.xlsx", data=frame)
    page = openpyxl.load_workbook(path)["单位"]
    at = next(cell.column for cell in page[ID_ROW] if cell.value == "memo")
    cells = [page.cell(FIRST_ROW + row, at) for row in range(len(evil))]
    assert {cell.data_type for cell in cells} == {"s"} and {cell.number_format for cell in cells} == {"@"}
    assert [cell.value for cell in cells[:-1]] == evil[:-1]
    assert cells[0].quotePrefix and not cells[5].quotePrefix
    with zipfile.ZipFile(path) as parts:
        assert not [
            name for name in parts.namelist() if re.search(r"<f>|<f ", parts.read(name).decode("utf-8", "replace"))
        ]


def test_what_cannot_be_the_type_is_written_as_it_stands(tmp_path: Path) -> None:
    frame = pd.DataFrame({"unit_id": ["U01", "U02"], "area": ["三间", "12"]})
    page = form_workbook(write_standard(tmp_path / "s"), data=frame)["单位"]
    at = next(cell.column for cell in page[ID_ROW] if cell.value == "area")
    assert [page.cell(FIRST_ROW + row, at).value for row in (0, 1)] == ["三间", 12]


def test_every_text_that_is_too_long_is_told(tmp_path: Path) -> None:
    frame = pd.DataFrame({"unit_id": ["U01", "U02"], "name": ["长" * 32_768, None], "memo": ["短", "x" * 40_000]})
    with pytest.raises(ProblemsError) as caught:
        write_form(write_standard(tmp_path / "s"), tmp_path / "form.xlsx", data=frame)
    assert len(caught.value.problems) == 2 and "32,767" in str(caught.value) and "单位名称" in str(caught.value)
    assert not (tmp_path / "form.xlsx").exists()


def test_wrong_names(tmp_path: Path) -> None:
    standard = write_standard(tmp_path / "s")
    with pytest.raises(ProblemsError, match=r"name it form\.xlsx"):
        write_form(standard, tmp_path / "form.csv")
    with pytest.raises(ProblemsError, match="no sheet 'unit'; it has units, sources"):
        write_form(standard, tmp_path / "form.xlsx", data={"unit": pd.DataFrame()})


def test_large_ranges_are_written_out() -> None:
    layout = form_layout(load_standard("gb18218"))
    assert allowed_text(layout.main.column("residents_500m")) == "0～1000000 人，整数"


def test_categories_that_share_a_text_are_shown_by_key(tmp_path: Path) -> None:
    fuel = form_layout(write_standard(tmp_path / "s")).sheet("sources").column("fuel")
    assert fuel.options == {"gas": "燃气（一）", "none": "无", "wood": "wood", "coal": "coal"}
    assert allowed_text(fuel) == "燃气（一）、无、wood=其他、coal=其他"


def test_sheet_names_are_legal_and_differ(tmp_path: Path) -> None:
    child = {
        "key": "source_id",
        "label": {"zh": "风险源"},
        "fields": {"q": {"label": {"zh": "量"}, "type": "number", "unit": "t"}},
        "totals": {"total": {"sum": "q"}},
    }
    other = {**child, "label": {"zh": "明细[1]/附:" + "长" * 40}, "totals": {"rest": {"sum": "q"}}}
    standard = write_standard(tmp_path / "s", children={"first": child, "second": other})
    titles = [sheet.title for sheet in form_layout(standard).sheets]
    assert titles == ["单位", "风险源", "风险源2", "明细1附" + "长" * 24]
    assert openpyxl.load_workbook(write_form(standard, tmp_path / "form.xlsx")).sheetnames[1:5] == titles


def test_a_child_register_that_hangs_on_nothing_is_told(tmp_path: Path) -> None:
    child = {
        "key": "tank_id",
        "fields": {"q": {"label": {"zh": "量"}, "type": "number"}},
        "totals": {"total": {"sum": "q"}},
    }
    standard = write_standard(tmp_path / "s", children={"tanks": child})
    with pytest.raises(
        Exception, match="hang on 'tank_id', but the rows of the form are named by unit_id and source_id"
    ):
        form_layout(standard)
