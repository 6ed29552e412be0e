"""Reading a filled-in form: every row accepted or rejected with its reason, however people left the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from kit.errors import KitError, ProblemsError
from kit.registers import FormData, form_mark, read_form, write_form
from kit.registers.form.cells import FIRST_ROW, HEADING_ROW, ID_ROW
from kit.registers.form.tables import write_import
from kit.standard import Standard, load_standard
from tests.registers.form.form_standards import write_standard

UNITS = pd.DataFrame(
    {
        "unit_id": ["U01", "U02"],
        "name": ["甲亭", "乙亭"],
        "area": [5.0, 60.0],
        "built": pd.to_datetime(["2001-02-03", None]).astype("datetime64[ms]"),
        "memo": ["=1+1", None],
    }
)
SOURCES = pd.DataFrame(
    {
        "source_id": ["R01", "R02", "R03"],
        "unit_id": ["U01", "U02", "U02"],
        "checklist_item": ["kiosk_s01", "kiosk_s02", "kiosk_s01"],
        "public_impact": pd.array([True, False, False], dtype="boolean"),
        "updated_at": pd.to_datetime(["2019-12-01"] * 3).astype("datetime64[ms]"),
        "fuel": ["gas", "none", "coal"],
        "staff": [1.0, 2.0, 3.0],
        "checked": pd.array([True, None, False], dtype="boolean"),
    }
)


@pytest.fixture
def standard(tmp_path: Path) -> Standard:
    return write_standard(tmp_path / "s")


@pytest.fixture
def filled(standard: Standard, tmp_path: Path) -> Callable[..., FormData]:
    """Return a function that makes a form, lets `change` work on the workbook, and reads it back."""

    def read(change: Callable[[Any], None] | None = None, **options: Any) -> FormData:
        path = write_form(standard, tmp_path / "form.xlsx", data={"units": UNITS, "sources": SOURCES})
        if change:
            book = openpyxl.load_workbook(path)
            change(book)
            book.save(path)
        return read_form(path, standard, **options)

    return read


def put(book: Any, sheet: str, row: int, column: str, value: Any) -> None:
    """Write into the `row`th data row (from 0) of the column with this id."""
    page = book[sheet]
    at = next(cell.column for cell in page[ID_ROW] if cell.value == column)
    cell = page.cell(FIRST_ROW + row, at)
    cell.value = value
    if isinstance(value, str) and value.startswith("="):
        cell.data_type = "s"


def test_an_untouched_form(filled: Callable[..., FormData]) -> None:
    result = filled()
    pd.testing.assert_frame_equal(result.frames["units"], UNITS)
    pd.testing.assert_frame_equal(result.frames["sources"][list(SOURCES)], SOURCES)
    assert result.rejects.empty and result.remarks.empty and result.notes == [] and not result.made
    assert [(count.read, count.accepted, count.rejected) for count in result.counts.values()] == [(2, 2, 0), (3, 3, 0)]


def test_all_faults_at_once_and_nothing_dropped(filled: Callable[..., FormData]) -> None:
    def spoil(book: Any) -> None:
        put(book, "单位", 0, "area", "五平米左右")
        put(book, "单位", 0, "built", "去年")
        put(book, "单位", 2, "name", "没有编号的亭")
        put(book, "风险源", 0, "checklist_item", "炉子")
        put(book, "风险源", 1, "unit_id", "U99")
        put(book, "风险源", 3, "source_id", "R04")

    result = filled(spoil)
    for name, count in result.counts.items():
        assert count.read == count.accepted + count.rejected
        assert count.accepted == len(result.frames[name])
    assert result.counts["units"].rejected == 2 and result.counts["sources"].rejected == 3
    found = {(row.sheet, row.row, row.column): row for row in result.rejects.itertuples()}
    assert set(found) == {
        ("单位", 5, "面积"), ("单位", 5, "建成日期"), ("单位", 7, "单位编号"), ("风险源", 5, "辨识建议清单条目"),
        ("风险源", 6, "单位编号"), ("风险源", 8, "单位编号"),
    }  # fmt: skip
    area = found["单位", 5, "面积"]
    assert (area.value, area.allowed) == ("五平米左右", "0～100 m²") and "不是数" in area.reason
    assert "甲亭" in area.given and "U01" in area.given
    item = found["风险源", 5, "辨识建议清单条目"]
    assert item.value == "炉子" and item.allowed == "炉灶、高峰拥挤"
    assert "没有编号“U99”" in found["风险源", 6, "单位编号"].reason
    # R03 stands: its unit is on the sheet.
    assert result.frames["sources"]["source_id"].tolist() == ["R03"]


def test_sources_of_a_rejected_unit_stay_and_are_remarked_upon(filled: Callable[..., FormData]) -> None:
    result = filled(lambda book: put(book, "单位", 0, "area", "不知道"))
    assert result.frames["sources"]["source_id"].tolist() == ["R01", "R02", "R03"]
    (remark,) = result.remarks.itertuples()
    assert (remark.sheet, remark.row) == ("风险源", 5) and "被退回" in remark.reason
    rows = result.rows().set_index("source_id")
    assert pd.isna(rows.loc["R01", "area"]), "unknown, not anything else"


def test_doubled_numbers(filled: Callable[..., FormData]) -> None:
    result = filled(lambda book: put(book, "风险源", 2, "source_id", "R02"))
    assert result.frames["sources"]["source_id"].tolist() == ["R01"]
    assert result.rejects["row"].tolist() == [6, 7] and "第6、7行重复，内容不同" in result.rejects.loc[0, "reason"]

    def copy(book: Any) -> None:
        for column, value in {"unit_id": "U02", "name": "乙亭", "area": 60}.items():
            put(book, "单位", 2, column, value)

    result = filled(copy)
    assert result.frames["units"]["unit_id"].tolist() == ["U01", "U02"]
    assert result.rejects["row"].tolist() == [7] and "与第6行完全相同" in result.rejects.loc[0, "reason"]


def test_values_outside_are_read_and_remarked_upon(filled: Callable[..., FormData]) -> None:
    def strange(book: Any) -> None:
        put(book, "单位", 0, "area", 1000)
        put(book, "单位", 1, "area", None)
        put(book, "风险源", 0, "staff", 1.5)
        put(book, "风险源", 1, "fuel", "柴油")
        put(book, "风险源", 2, "checklist_item", None)

    result = filled(strange)
    assert result.rejects.empty and result.frames["units"]["area"].tolist()[0] == 1000
    said = {(row.sheet, row.row): row.reason for row in result.remarks.itertuples()}
    assert "“1000”超出允许范围" in said["单位", 5]
    assert "采集项未填：面积；有关结果按数据不足处理" in said["单位", 6]
    assert "“1.5”不是整数" in said["风险源", 5]
    assert "“柴油”不在可选项内" in said["风险源", 6]
    assert "须填写：风险源名称、事故类型" in said["风险源", 7]


def test_what_people_type(filled: Callable[..., FormData]) -> None:
    def typed(book: Any) -> None:
        put(book, "单位", 0, "area", "１２．５")
        put(book, "单位", 0, "unit_id", " U01 ")
        put(book, "单位", 1, "built", "2019年10月1日")
        put(book, "风险源", 0, "checked", "√")
        put(book, "风险源", 1, "checked", "无")
        put(book, "风险源", 1, "fuel", "燃气(一)")
        put(book, "风险源", 2, "checklist_item", "kiosk_s02 ")

    result = filled(typed)
    assert result.rejects.empty
    units, sources = result.frames["units"], result.frames["sources"]
    assert units["area"].tolist() == [12.5, 60] and units["unit_id"].tolist() == ["U01", "U02"]
    assert units.loc[1, "built"] == pd.Timestamp("2019-10-01")
    assert sources["checked"].tolist() == [True, False, False]
    assert sources["fuel"].tolist() == ["gas", "gas", "coal"]
    assert sources["checklist_item"].tolist() == ["kiosk_s01", "kiosk_s02", "kiosk_s02"]


def test_added_columns_blank_rows_and_moved_columns(filled: Callable[..., FormData]) -> None:
    def rework(book: Any) -> None:
        page = book["单位"]
        page.insert_cols(3)
        page.cell(HEADING_ROW, 3).value = "电话"
        page.cell(FIRST_ROW, 3).value = "123"
        page.cell(FIRST_ROW, 20).value = "旁注"
        page.insert_rows(FIRST_ROW + 1, 3)
        page = book["风险源"]
        width = page.max_column
        for row in page.iter_rows(max_row=FIRST_ROW + 2):
            values = [cell.value for cell in row][::-1]
            for cell, value in zip(row[:width], values, strict=True):
                cell.value = value

    result = filled(rework)
    assert result.rejects.empty
    assert result.frames["units"][["unit_id", "name", "area", "memo"]].equals(
        UNITS[["unit_id", "name", "area", "memo"]]
    )
    assert result.frames["sources"]["staff"].tolist() == [1, 2, 3]
    assert result.notes == ["“单位”表中多出的列没有读取：电话、T列（无表头）"]


def test_without_the_hidden_row_the_headings_serve(filled: Callable[..., FormData]) -> None:
    def strip(book: Any) -> None:
        for title in ("单位", "风险源"):
            book[title].delete_rows(ID_ROW)

    result = filled(strip)
    assert result.rejects.empty and result.frames["units"]["unit_id"].tolist() == ["U01", "U02"]
    assert result.frames["sources"]["fuel"].tolist() == ["gas", "none", "coal"]


def test_renamed_and_missing_sheets(filled: Callable[..., FormData], tmp_path: Path) -> None:
    def rename(book: Any) -> None:
        book["单位"].title = "Sheet1"

    assert len(filled(rename).frames["units"]) == 2
    with pytest.raises(ProblemsError, match="sheet '风险源' is missing"):
        filled(lambda book: book.remove(book["风险源"]))


def test_a_deleted_required_column_is_told_with_all_others(filled: Callable[..., FormData]) -> None:
    def delete(book: Any) -> None:
        for title, column in (("单位", "area"), ("风险源", "updated_at")):
            at = next(cell.column for cell in book[title][ID_ROW] if cell.value == column)
            book[title].delete_cols(at)

    with pytest.raises(ProblemsError) as caught:
        filled(delete)
    assert "'area' (面积)" in str(caught.value) and "'updated_at' (更新日期)" in str(caught.value)


def test_merged_cells_hold_for_each_of_their_rows(filled: Callable[..., FormData]) -> None:
    def merge(book: Any) -> None:
        page = book["风险源"]
        at = next(cell.column_letter for cell in page[ID_ROW] if cell.value == "unit_id")
        page.merge_cells(f"{at}{FIRST_ROW + 1}:{at}{FIRST_ROW + 2}")

    result = filled(merge)
    assert result.frames["sources"]["unit_id"].tolist() == ["U01", "U02", "U02"]
    assert "合并单元格" in result.notes[0]


def test_a_formula_without_its_result_is_no_missing_answer(filled: Callable[..., FormData]) -> None:
    def calculate(book: Any) -> None:
        page = book["单位"]
        at = next(cell.column for cell in page[ID_ROW] if cell.value == "area")
        page.cell(FIRST_ROW, at).value = "=2*3"

    result = filled(calculate)
    assert result.counts["units"].rejected == 1 and "公式" in result.rejects.loc[0, "reason"]


def test_another_standard_version_and_text(filled: Callable[..., FormData], tmp_path: Path) -> None:
    filled()
    path = tmp_path / "form.xlsx"
    mark = form_mark(path)
    assert mark is not None and mark.standard == "kiosk"
    with pytest.raises(KitError, match="a form of 'kiosk'") as caught:
        read_form(path, load_standard("taxi"))
    assert "--standard kiosk" in str(caught.value)

    worded = write_standard(tmp_path / "worded", version="0.1.1", title={"zh": "售货亭标准"})
    (note,) = read_form(path, worded).notes
    assert "kiosk@0.1.0" in note and "kiosk@0.1.1" in note and "没有变化" in note

    fields = dict(worded.document.model_dump(exclude_none=True, by_alias=True)["fields"])
    fields["area"] = {**fields["area"], "range": [0, 50]}
    fields["exits"] = {"label": {"zh": "出口数"}, "type": "integer", "unit": "个"}
    fields = {
        name: {**spec, "range": list(spec["range"])} if "range" in spec else spec for name, spec in fields.items()
    }
    asks_more = write_standard(tmp_path / "more", version="0.2.0", fields=fields)
    with pytest.raises(KitError) as refused:
        read_form(path, asks_more)
    for words in (
        "kiosk@0.1.0",
        "kiosk@0.2.0",
        mark.fingerprint[:12],
        asks_more.fingerprint[:12],
        "--accept-version",
        "--data",
    ):
        assert words in str(refused.value)
    forced = read_form(path, asks_more, accept_version=True)
    assert forced.frames["units"]["exits"].isna().all() and len(forced.frames["units"]) == 2
    assert any("强行读取" in note for note in forced.notes)


def test_a_form_that_lost_its_mark(filled: Callable[..., FormData]) -> None:
    def strip(book: Any) -> None:
        del book["_kit"]

    assert filled(strip).mark is not None, "the file's properties still have it"

    def strip_all(book: Any) -> None:
        del book["_kit"]
        book.custom_doc_props = type(book.custom_doc_props)()

    with pytest.raises(KitError, match="no mark of a survey form"):
        filled(strip_all)
    assert len(filled(strip_all, accept_version=True).frames["units"]) == 2


@pytest.mark.parametrize(("name", "content"), [("form.xlsx", b"no workbook"), ("form.xls", b""), ("other.xlsx", None)])
def test_files_that_are_no_forms(standard: Standard, tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(KitError, match=name):
        read_form(tmp_path / name, standard)


CHEMICALS = pd.DataFrame({"installation_id": ["P01", "P02"], "residents_500m": [60.0, 0.0]})
SUBSTANCES = pd.DataFrame(
    {"installation_id": ["P01", "P01", "P02"], "cas": ["7446-09-5", "7664-41-7", "7446-09-5"], "q": [200.0, 5.0, 3.0]}
)


def read_plants(tmp_path: Path, substances: pd.DataFrame) -> FormData:
    standard = load_standard("gb18218")
    path = write_form(standard, tmp_path / "p.xlsx", data={"installation": CHEMICALS, "substances": substances})
    return read_form(path, standard)


def test_child_rows_are_rejected_together_with_their_fellows(tmp_path: Path) -> None:
    result = read_plants(tmp_path, SUBSTANCES)
    pd.testing.assert_frame_equal(result.children["substances"], SUBSTANCES)
    result = read_plants(tmp_path, SUBSTANCES.assign(q=[200, "很多", 3]))
    assert result.children["substances"]["installation_id"].tolist() == ["P02"], "P01 without ammonia would be too low"
    assert result.counts["substances"].rejected == 2 and "整组退回" in result.rejects.loc[0, "reason"]
    assert result.frames["installation"]["installation_id"].tolist() == ["P01", "P02"]
    result = read_plants(tmp_path, SUBSTANCES.assign(cas=["7446-09-5", "1-2-3", "7446-09-5"]))
    assert "“1-2-3”不在可选项内" in result.rejects.loc[1, "reason"]
    result = read_plants(tmp_path, SUBSTANCES.assign(installation_id=["P01", None, "P02"]))
    assert result.children["substances"].empty and "整张明细表" in result.rejects.loc[0, "reason"]
    result = read_plants(tmp_path, SUBSTANCES.assign(installation_id=["P01", "P09", "P02"]))
    assert result.children["substances"].empty and result.counts["substances"].read == 3


def test_equal_child_rows_are_remarked_upon(tmp_path: Path) -> None:
    result = read_plants(tmp_path, pd.concat([SUBSTANCES, SUBSTANCES.iloc[:1]], ignore_index=True))
    assert len(result.children["substances"]) == 4, "two equal tanks may stand there"
    assert "与第5行完全相同" in result.remarks.loc[0, "reason"]


def test_registers_from_the_form(filled: Callable[..., FormData]) -> None:
    tables = filled().tables()
    assert set(tables) == {"survey_unit/kiosk", "survey/kiosk", "risk_sources", "score_input/kiosk"}
    register = tables["risk_sources"].set_index("source_id")
    assert register.loc["R02", ["sector", "standard", "name", "accident_class"]].tolist() == [
        "kiosk", "kiosk@0.1.0", "高峰拥挤", "X1",
    ]  # fmt: skip
    assert register["reviewed_level"].isna().all() and set(register["review_state"]) == {"draft"}
    assert list(tables["survey/kiosk"]) == ["source_id", "fuel", "staff", "checked"]
    rows = tables["score_input/kiosk"]
    assert rows["area"].tolist() == [5, 60, 60] and rows["staff"].tolist() == [1, 2, 3]


def test_a_folder_is_written_whole_or_not_at_all(
    filled: Callable[..., FormData], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = filled()
    out, form = tmp_path / "out", tmp_path / "form.xlsx"
    paths = write_import(result, out, source=form)
    assert all(path.is_file() for path in paths)
    pd.testing.assert_frame_equal(pd.read_parquet(out / "survey_unit" / "kiosk.parquet"), UNITS)
    write_import(filled(lambda book: put(book, "单位", 0, "area", "大")), out, source=form, kind="csv")
    assert not (out / "risk_sources.parquet").exists() and (out / "risk_sources.csv").exists()
    assert (
        (out / "rejects.csv").read_text(encoding="utf-8-sig").startswith("sheet,row,column,value,reason,allowed,given")
    )

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with monkeypatch.context() as patch:
        patch.setattr("kit.registers.form.tables.describe", fail)
        with pytest.raises(OSError, match="disk full"):
            write_import(result, out, source=form)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious.txt").write_text("x")
    with pytest.raises(KitError, match="not written by an import"):
        write_import(result, other, source=form)
    assert [path.name for path in other.iterdir()] == ["precious.txt"]
    second = form.rename(tmp_path / "second.xlsx")
    with pytest.raises(KitError, match=r"import of another form \(form\.xlsx, kiosk\); name a new folder for second"):
        write_import(result, out, source=second)
    (out / "import.json").write_text("{", encoding="utf-8")
    with pytest.raises(KitError, match=r"import\.json is damaged"):
        write_import(result, out, source=form)


def test_a_failed_formula_is_no_text_but_a_text_that_looks_like_one_is(filled: Callable[..., FormData]) -> None:
    def fail(book: Any) -> None:
        put(book, "单位", 0, "memo", "#N/A")
        put(book, "单位", 1, "memo", "#N/A")
        page = book["单位"]
        at = next(cell.column for cell in page[ID_ROW] if cell.value == "memo")
        page.cell(FIRST_ROW, at).data_type = "s"
        page.cell(FIRST_ROW + 1, at).data_type = "e"

    result = filled(fail)
    assert result.frames["units"]["memo"].tolist() == ["#N/A"]
    assert "错误值" in result.rejects.loc[0, "reason"] and result.rejects.loc[0, "row"] == 6


def test_an_empty_form_has_its_columns(standard: Standard, tmp_path: Path) -> None:
    result = read_form(write_form(standard, tmp_path / "empty.xlsx"), standard)
    assert result.frames["units"].empty and "area" in result.frames["units"]
    assert list(result.tables()["risk_sources"])[:3] == ["source_id", "unit_id", "sector"]
    assert result.rows().empty and "area" in result.rows()


def test_fields_that_bear_the_names_of_the_forms_own_columns(tmp_path: Path) -> None:
    fields = {
        "area": {"label": {"zh": "面积"}, "type": "number", "required": True},
        "name": {"label": {"zh": "字号"}, "type": "text"},
        "unit_id": {"label": {"zh": "单位编号"}, "type": "text"},
        "location": {"label": {"zh": "第几层"}, "type": "integer", "per": "source"},
    }
    standard = write_standard(tmp_path / "s", fields=fields)
    units = pd.DataFrame({"unit_id": ["U01"], "name": ["老号"], "area": [5.0]})
    sources = pd.DataFrame({"source_id": ["R01"], "unit_id": ["U01"], "name": ["灶"], "location": [3.0]})
    path = write_form(standard, tmp_path / "form.xlsx", data={"units": units, "sources": sources})
    result = read_form(path, standard)
    assert result.rejects.empty
    assert result.rows().iloc[0][["source_id", "unit_id", "name", "location", "area"]].tolist() == [
        "R01", "U01", "老号", 3, 5,
    ]  # fmt: skip
    fields["source_id"] = {"label": {"zh": "编号"}, "type": "number", "per": "source"}
    with pytest.raises(KitError, match="'source_id' is number, but the form names rows by it"):
        write_form(write_standard(tmp_path / "n", fields=fields), tmp_path / "n.xlsx")
