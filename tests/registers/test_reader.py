"""Reading filled-in tables: every row is accepted or rejected with its reason, and bad files are told clearly."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kit.errors import KitError, ProblemsError
from kit.registers import read_register, read_table, write_rejects
from kit.standard.fields import FieldSpec

FIELDS = {
    name: FieldSpec.model_validate(spec)
    for name, spec in {
        "unit_id": {"label": {"zh": "单位编号"}, "type": "text", "required": True},
        "vehicle_age": {
            "label": {"zh": "平均车龄"},
            "type": "number",
            "unit": "年",
            "range": [0, 15],
            "required": True,
        },
        "trained_share": {"label": {"zh": "培训合格率"}, "type": "number", "unit": "%", "range": [0, 100]},
        "fleet_size": {"label": {"zh": "车辆数"}, "type": "integer", "unit": "辆"},
        "has_permit": {"label": {"zh": "持有许可"}, "type": "boolean"},
        "energy": {"label": {"zh": "动力类型"}, "type": "category", "values": {"ev": "纯电动", "cng": "天然气"}},
        "checked_at": {"label": {"zh": "检查日期"}, "type": "date"},
    }.items()
}


def _csv(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "表.csv"
    path.write_bytes(text.encode(encoding))
    return path


def _read(path: Path):
    return read_table(path, FIELDS, key="unit_id")


def test_text_in_a_number_column_rejects_the_row_with_its_reason(tmp_path: Path) -> None:
    path = _csv(tmp_path, "单位编号,平均车龄\nU1,3\nU2,三年左右\n\nU3,4.5\n")
    result = _read(path)
    assert result.frame["unit_id"].tolist() == ["U1", "U3"]
    assert (result.n_read, result.n_rejected) == (3, 1)
    reject = result.rejects.iloc[0]
    assert reject["row"] == 3
    assert reject["column"] == "平均车龄"
    assert reject["value"] == "三年左右"
    assert "不是数" in reject["reason"]
    assert "年" in reject["reason"]
    assert reject["单位编号"] == "U2"


def test_value_of_a_reject_is_cut_to_80_characters(tmp_path: Path) -> None:
    result = _read(_csv(tmp_path, f"单位编号,平均车龄\nU1,{'长' * 500}\n"))
    assert len(result.rejects.loc[0, "value"]) == 80


def test_all_reasons_of_a_row_are_told_at_once(tmp_path: Path) -> None:
    result = _read(_csv(tmp_path, "单位编号,平均车龄,持有许可,检查日期\n,x,也许,2019\n"))
    reason = result.rejects.loc[0, "reason"]
    assert result.n_rejected == 1
    assert all(label in reason for label in ("单位编号", "平均车龄", "持有许可", "检查日期"))


def test_out_of_range_and_unknown_categories_are_read_not_rejected(tmp_path: Path) -> None:
    result = _read(_csv(tmp_path, "单位编号,平均车龄,动力类型,车辆数\nU1,99,煤,2.5\n"))
    assert result.n_rejected == 0
    assert result.frame.loc[0, ["vehicle_age", "energy", "fleet_size"]].tolist() == [99.0, "煤", 2.5]


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("３.５", 3.5),
        (" 4 ", 4.0),
        ('"1,234.5"', 1234.5),
        ('"1,234,567"', 1234567.0),
        ("1e2", 100.0),
        ("", None),
        ("NaN", None),
        ("null", None),
    ],
)
def test_numbers_as_people_write_them(tmp_path: Path, given: str, value: float | None) -> None:
    result = _read(_csv(tmp_path, f"单位编号,平均车龄\nU1,{given}\nU2,一\n"))
    read = result.frame.loc[0, "vehicle_age"]
    assert pd.isna(read) if value is None else read == value


@pytest.mark.parametrize("given", ['"1,234"', '"12,5"', "inf", "3年", "85%", "0x10", "1_000", "-", "无"])
def test_numbers_that_could_mean_two_things_are_refused(tmp_path: Path, given: str) -> None:
    result = _read(_csv(tmp_path, f"单位编号,平均车龄\nU1,{given}\n"))
    assert (len(result.frame), result.n_rejected) == (0, 1)


def test_percent_sign_is_read_where_the_unit_is_percent(tmp_path: Path) -> None:
    result = _read(_csv(tmp_path, "单位编号,平均车龄,培训合格率\nU1,1,85%\n"))
    assert result.frame.loc[0, "trained_share"] == 85.0


def test_booleans_categories_and_dates_by_their_chinese_words(tmp_path: Path) -> None:
    text = "单位编号,平均车龄,持有许可,动力类型,检查日期\n"
    text += "U1,1,是,纯电动,2019年10月1日\nU2,1,0,cng,2019/1/2\nU3,1,,,20191231\n"
    frame = _read(_csv(tmp_path, text)).frame
    assert frame["has_permit"].tolist()[:2] == [True, False]
    assert pd.isna(frame.loc[2, "has_permit"])
    assert frame["energy"].tolist()[:2] == ["ev", "cng"]
    assert frame["checked_at"].dt.strftime("%Y-%m-%d").tolist() == ["2019-10-01", "2019-01-02", "2019-12-31"]


def test_types_do_not_depend_on_the_data(tmp_path: Path) -> None:
    wanted = {
        "unit_id": "str", "vehicle_age": "float64", "trained_share": "float64", "fleet_size": "float64",
        "has_permit": "boolean", "energy": "str", "checked_at": "datetime64[ms]",
    }  # fmt: skip
    for body in ("U1,1\n", ""):
        frame = _read(_csv(tmp_path, "单位编号,平均车龄\n" + body)).frame
        assert frame.dtypes.astype(str).to_dict() == wanted


@pytest.mark.parametrize(("encoding", "name"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gbk", "gb18030")])
def test_encodings(tmp_path: Path, encoding: str, name: str) -> None:
    result = _read(_csv(tmp_path, "单位编号,平均车龄,备注\nU1,2,煤气\n", encoding))
    assert result.encoding == name
    assert result.frame.loc[0, "备注"] == "煤气"


def test_headings_by_id_label_alias_and_with_units(tmp_path: Path) -> None:
    result = _read(_csv(tmp_path, "unit_id,平均车龄（年）*,车辆数\nU1,2,3\n"))
    assert result.frame.loc[0, ["vehicle_age", "fleet_size"]].tolist() == [2.0, 3.0]
    assert "energy" in result.absent


def test_missing_column_names_file_sheet_columns_and_nearest(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "填报"
    book.active.append(["单位编号", "平均车令"])
    book.active.append(["U1", 3])
    path = tmp_path / "survey.xlsx"
    book.save(path)
    with pytest.raises(ProblemsError) as caught:
        _read(path)
    message = str(caught.value)
    for words in (
        "survey.xlsx",
        "sheet '填报'",
        "'vehicle_age'",
        "平均车龄",
        "did you mean the column '平均车令'",
        "单位编号",
    ):
        assert words in message


def test_doubled_headings_are_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match=r"columns 2 \('平均车龄'\) and 3 \('vehicle_age'\)"):
        _read(_csv(tmp_path, "单位编号,平均车龄,vehicle_age\nU1,1,2\n"))


def test_values_without_heading_and_rows_too_long_are_told(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="no heading"):
        _read(_csv(tmp_path, "单位编号,平均车龄,\nU1,1,2\n"))
    result = _read(_csv(tmp_path, "单位编号,平均车龄\nU1,1,2\nU2,3\n"))
    assert result.rejects["row"].tolist() == [2]
    assert "3 个单元格" in result.rejects.loc[0, "reason"]


def test_row_numbers_are_those_of_the_file_also_after_line_breaks_in_cells(tmp_path: Path) -> None:
    result = _read(_csv(tmp_path, '单位编号,平均车龄,备注\nU1,1,"两\n行"\nU2,x,\n'))
    assert result.rejects["row"].tolist() == [4]


def test_excel_row_numbers_percent_cells_and_formula_errors(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["单位编号", "平均车龄", "培训合格率", "检查日期"])
    page.append([1101, 2, 0.85, pd.Timestamp("2019-10-01").to_pydatetime()])
    page["C2"].number_format = "0%"
    page.append([None, None, None, None])
    page.append(["U2", "#DIV/0!", 90, None])
    path = tmp_path / "a.xlsx"
    book.save(path)
    result = _read(path)
    assert result.frame.loc[0, "unit_id"] == "1101"
    assert result.frame.loc[0, "trained_share"] == 85.0
    assert result.frame.loc[0, "checked_at"] == pd.Timestamp("2019-10-01")
    assert result.rejects["row"].tolist() == [4]
    assert "错误值" in result.rejects.loc[0, "reason"]


def test_script_in_a_name_survives_as_text(tmp_path: Path) -> None:
    name = "示例<script>alert(1)</script>餐饮店"
    path = _csv(tmp_path, f"单位编号,平均车龄,名称\nU1,1,{name}\n")
    assert _read(path).frame.loc[0, "名称"] == name


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n", "no headings"),
        ("empty.xlsx", b"", "empty"),
        ("damaged.xlsx", b"PK\x03\x04 not a workbook", "not a readable Excel workbook"),
        ("text.xlsx", b"a,b\n1,2\n", "not a readable Excel workbook"),
        ("damaged.parquet", b"PAR1 nothing", "not a readable Parquet"),
        ("damaged.gpkg", b"SQLite? no", "not a readable GeoPackage"),
        ("old.xls", b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
        ("table.ods", b"x", "unknown format"),
        ("renamed.csv", b"PK\x03\x04\x00\x00\x00\x00", "not a CSV"),
        ("bytes.csv", b"a,b\n\xff\xff\xff\n", "neither UTF-8 nor GB18030"),
    ],
)
def test_bad_files_are_told_clearly(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(KitError, match=words) as caught:
        _read(path)
    assert name in str(caught.value)


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("a", encoding="utf-8")
    with pytest.raises(KitError, match=r"did you mean units\.csv"):
        _read(tmp_path / "unit.csv")


def test_unknown_sheet_names_the_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(KitError, match="no sheet '填报'"):
        read_table(path, FIELDS, sheet="填报")


def test_geopackage_points_become_lon_and_lat(tmp_path: Path) -> None:
    import geopandas
    from shapely.geometry import Point

    path = tmp_path / "units.gpkg"
    points = geopandas.GeoDataFrame(
        {"unit_id": ["U1", "U2"], "vehicle_age": [1.0, 2.0]},
        geometry=[Point(116.4, 39.9), Point(116.5, 40.0)],
        crs=4326,
    )
    points.to_crs(32650).to_file(path)
    result = _read(path)
    assert result.frame["lon"].round(6).tolist() == [116.4, 116.5]
    assert result.frame["lat"].round(6).tolist() == [39.9, 40.0]
    assert result.notes


def test_register_with_codes_given_by_name(tmp_path: Path) -> None:
    heads = "单位编号,单位名称,行业,监管层级,区,街道,地址,经度,纬度,坐标系,从业人数,登记日期,基本信息审核"
    row = "U001,示例店,餐饮,区属及其他单位,海淀区,万寿路街道,示例路1号,116.3,39.9,WGS-84,12,2018-01-01,通过"
    path = _csv(tmp_path, heads.replace("街道", "街道（乡镇）") + "\n" + row + "\n")
    frame = read_register(path, "units").frame
    assert frame.loc[0, ["sector", "supervision", "district", "crs"]].tolist() == [
        "catering",
        "district",
        "110108",
        "wgs84",
    ]
    assert frame.loc[0, "street"].startswith("110108")


def test_rejects_are_written_beside_the_input_and_stale_ones_removed(tmp_path: Path) -> None:
    path = _csv(tmp_path, "单位编号,平均车龄\nU1,x\n")
    result = _read(path)
    target = tmp_path / "rejects.csv"
    assert write_rejects(target, result.rejects) == target
    assert "不是数" in target.read_text(encoding="utf-8-sig")
    assert write_rejects(target, result.rejects.iloc[:0]) is None
    assert not target.exists()
