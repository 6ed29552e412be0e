"""What comes in from a hundred offices: each fault is told, or read as it stands, and no row is lost."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.errors import KitError, ProblemsError
from kit.registers import load_schema, read_into, read_register, schema_names, write_table
from kit.registers.schema import RegisterSchema

HEADS = ["单位编号", "单位名称", "行业", "监管层级", "区", "街乡镇", "地址", "经度", "纬度", "坐标系",
         "从业人数", "登记日期", "基本信息审核"]  # fmt: skip
ROW = ["U001", "示例店", "餐饮", "区属及其他单位", "海淀区", "万寿路街道", "示例路1号", "116.3", "39.9", "WGS-84", "12",
       "2018-01-01", "通过"]  # fmt: skip


def _row(**cells: str) -> list[str]:
    return [cells.get(head, cell) for head, cell in zip(HEADS, ROW, strict=True)]


def _csv(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def _xlsx(path: Path, rows: list[list[object]], *merged: str) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for block in merged:
        book.active.merge_cells(block)
    book.save(path)
    return path


# -- the list of the plan for this step ---------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet", ".gpkg", ".geojson"])
def test_an_empty_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"units{suffix}"
    path.write_bytes(b"")
    with pytest.raises(KitError, match="the file is empty") as caught:
        read_register(path, "units")
    assert "文件是空的" in caught.value.text("zh")


def test_headings_and_no_rows(tmp_path: Path) -> None:
    read = read_register(_csv(tmp_path / "a.csv", [HEADS]), "units")
    assert (read.n_read, len(read.frame), read.n_rejected) == (0, 0, 0)
    assert read.frame.dtypes["lon"] == "float64"


def test_two_hundred_columns_too_many(tmp_path: Path) -> None:
    more = [f"多余{at}" for at in range(200)]
    path = _csv(tmp_path / "a.csv", [[*HEADS, *more], [*ROW, *more], [*ROW, *more, "x"]])
    read = read_register(path, "units")
    assert (len(read.frame), read.n_rejected, len(read.extra)) == (1, 1, 200)
    assert read.frame.loc[0, "多余199"] == "多余199"
    assert "214 个单元格" in read.rejects.loc[0, "reason"]
    ragged = read_register(_csv(tmp_path / "b.csv", [HEADS, [*ROW, *more]]), "units")
    assert (ragged.n_read, ragged.n_rejected) == (1, 1)


def test_merged_header_cells(tmp_path: Path) -> None:
    upper = ["示例区生产经营单位台账"]
    groups = ["坐标" if head in ("经度", "纬度", "坐标系") else head for head in HEADS]
    lower = [head if head in ("经度", "纬度", "坐标系") else None for head in HEADS]
    singles = [f"{column}2:{column}3" for column in "ABCDEFGKLM"]
    path = _xlsx(tmp_path / "a.xlsx", [upper, groups, lower, ROW], "A1:M1", "H2:J2", *singles)
    read = read_register(path, "units")
    assert (read.n_read, read.n_rejected) == (1, 0)
    assert read.frame.loc[0, ["unit_id", "lon", "lat", "crs"]].tolist() == ["U001", 116.3, 39.9, "wgs84"]
    assert "headings found in row 3" in read.notes
    assert any("merged" in note for note in read.notes)


def test_merged_cells_in_the_data_have_their_value_in_each_row(tmp_path: Path) -> None:
    rows = [HEADS, ROW, _row(单位编号="U002", 街乡镇="", 地址=""), _row(单位编号="U003", 街乡镇="")]
    read = read_register(_xlsx(tmp_path / "a.xlsx", rows, "F2:F4"), "units")
    assert read.frame["street"].nunique() == 1
    assert read.frame["street"].notna().all()
    assert read.frame["address"].isna().tolist() == [False, True, False]


def test_a_note_merged_below_the_table_is_no_unit(tmp_path: Path) -> None:
    rows = [HEADS, ROW, ["填表人：示例"]]
    read = read_register(_xlsx(tmp_path / "a.xlsx", rows, "A3:M3"), "units")
    assert (len(read.frame), read.rejects["row"].tolist()) == (1, [3])


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_title_above_the_headings_of_a_csv(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    lines = ["示例区生产经营单位台账", delimiter.join(HEADS), delimiter.join(ROW)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    read = read_register(path, "units")
    assert (len(read.frame), read.notes) == (1, ["headings found in row 2"])
    path.write_text("\n".join([*lines, delimiter.join(_row(从业人数="很多"))]) + "\n", encoding="utf-8")
    assert read_register(path, "units").rejects["row"].tolist() == [4]


def test_gbk_is_read_and_text_broken_by_a_wrong_encoding_is_refused(tmp_path: Path) -> None:
    assert len(read_register(_csv(tmp_path / "gbk.csv", [HEADS, ROW], "gbk"), "units").frame) == 1
    gbk = (tmp_path / "gbk.csv").read_bytes()
    utf8 = _csv(tmp_path / "utf8.csv", [HEADS, ROW]).read_bytes()
    broken = {
        "gbk read as UTF-8": gbk.decode("utf-8", errors="replace"),
        "UTF-8 read as GBK": utf8.decode("gb18030", errors="replace"),
        "GBK read as Latin": gbk.decode("latin-1"),
    }
    for name, text in broken.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(KitError, match="headings are garbled") as caught:
            read_register(path, "units")
        assert "乱码" in caught.value.text("zh")


def test_a_cell_of_lost_text_rejects_its_row(tmp_path: Path) -> None:
    rows = [
        HEADS,
        ROW,
        _row(单位编号="U002", 单位名称="示例\ufffd\ufffd店"),
        _row(单位编号="U003", 地址="锟斤拷锟斤拷"),
    ]
    read = read_register(_csv(tmp_path / "a.csv", rows), "units")
    assert read.frame["unit_id"].tolist() == ["U001"]
    assert read.rejects["row"].tolist() == [3, 4]
    assert all("乱码" in reason for reason in read.rejects["reason"])


def test_a_date_in_the_future_and_swapped_coordinates_are_read_as_they_stand(tmp_path: Path) -> None:
    """They are findings of the quality check: a row is not lost for what can be asked back."""
    rows = [HEADS, _row(登记日期="2999-01-01"), _row(单位编号="U002", 经度="39.9", 纬度="116.3", 坐标系="GCJ-02")]
    read = read_register(_csv(tmp_path / "a.csv", rows), "units")
    assert read.n_rejected == 0
    assert read.frame.loc[0, "registered_at"] == pd.Timestamp("2999-01-01")
    # A swapped point cannot be converted; it keeps its system, so that nobody takes it for converted.
    assert read.frame.loc[1, ["lon", "lat", "crs"]].tolist() == [39.9, 116.3, "gcj02"]
    assert read.converted == {}


def test_duplicated_keys_are_all_read(tmp_path: Path) -> None:
    read = read_register(_csv(tmp_path / "a.csv", [HEADS, ROW, ROW]), "units")
    assert read.frame["unit_id"].tolist() == ["U001", "U001"]


def test_formulas_in_cells(tmp_path: Path) -> None:
    plain = read_register(
        _csv(tmp_path / "a.csv", [HEADS, _row(单位名称="=1+1", 地址="@SUM(A1)"), _row(从业人数="=3+4")]), "units"
    )
    assert plain.frame.loc[0, ["name", "address"]].tolist() == ["=1+1", "@SUM(A1)"]
    assert plain.rejects["row"].tolist() == [3]
    out = write_table(plain.frame, tmp_path / "out.xlsx")
    cell = openpyxl.load_workbook(out).active["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    # A workbook made by a program has formulas without results: an empty cell would be taken for no answer.
    formula = [*ROW[:10], "=SUM(3,4)", *ROW[11:]]
    book = read_register(_xlsx(tmp_path / "a.xlsx", [HEADS, ROW, formula]), "units")
    assert (book.n_read, len(book.frame)) == (2, 1)
    assert book.rejects.loc[0, "column"] == "从业人数"
    assert "=SUM(3,4)" in book.rejects.loc[0, "reason"]
    assert "没有计算结果" in book.rejects.loc[0, "reason"]
    # In a column that nobody asked for, its text does no harm.
    more = read_register(_xlsx(tmp_path / "b.xlsx", [[*HEADS, "备注"], [*ROW, "=A2"]]), "units")
    assert more.frame.loc[0, "备注"] == "=A2"


def test_names_with_html_stay_text(tmp_path: Path) -> None:
    name = '<img src=x onerror="alert(1)">示例&amp;'
    for path in (
        _csv(tmp_path / "a.csv", [HEADS, _row(单位名称=name)]),
        _xlsx(tmp_path / "a.xlsx", [HEADS, _row(单位名称=name)]),
    ):
        assert read_register(path, "units").frame.loc[0, "name"] == name


# -- and what else comes ----------------------------------------------------------------------------


def test_a_quote_left_open_does_not_swallow_the_file(tmp_path: Path) -> None:
    rows = "".join(",".join(_row(单位编号=f"U{at:05d}")) + "\n" for at in range(4000))
    path = tmp_path / "a.csv"
    path.write_text(",".join(HEADS) + '\nU1,"示例店' + ",".join(ROW[2:]) + "\n" + rows, encoding="utf-8")
    with pytest.raises(KitError, match=r"line 2: damaged CSV.*check the quotes"):
        read_register(path, "units")


def test_coordinate_systems_as_people_write_them(tmp_path: Path) -> None:
    written = {"GCJ-02": "gcj02", "火星坐标": "gcj02", "ＧＣＪ０２": "gcj02", "BD-09": "bd09", "百度坐标": "bd09",
               "EPSG:4490": "cgcs2000", "CGCS2000": "cgcs2000", "国家2000": "cgcs2000", "WGS84": "wgs84"}  # fmt: skip
    rows = [_row(单位编号=f"U{at:03d}", 坐标系=text) for at, text in enumerate(written)]
    read = read_register(_csv(tmp_path / "a.csv", [HEADS, *rows]), "units")
    assert set(read.frame["crs"]) == {"wgs84"}
    assert read.converted == {"cgcs2000": 3, "gcj02": 3, "bd09": 2}
    assert (read.frame["lon"] < 116.3).sum() == 5


@pytest.mark.parametrize("name", schema_names())
def test_every_register_is_read_by_its_chinese_headings(tmp_path: Path, name: str) -> None:
    """Each declared column is recognised by its label and its aliases, and one filled row is read in each format."""
    schema = load_schema(name)
    values = {field: _sample_value(schema, field) for field in schema.fields}
    labels = {field: spec.label.zh for field, spec in schema.fields.items()}
    header, row = list(labels.values()), [values[field][0] for field in labels]
    for path in (_csv(tmp_path / "a.csv", [header, row], "gbk"), _xlsx(tmp_path / "a.xlsx", [header, row])):
        read = read_register(path, schema)
        assert (read.n_read, read.n_rejected, read.absent, read.extra) == (1, 0, [], [])
        for field, (_, wanted) in values.items():
            got = read.frame.loc[0, field]
            assert got == wanted or (field == "crs" and got == "wgs84"), field
    for field, spec in schema.fields.items():
        for alias in spec.aliases:
            header = [alias if other == field else label for other, label in labels.items()]
            assert read_register(_csv(tmp_path / "b.csv", [header, row]), schema).extra == [], alias


def _sample_value(schema: RegisterSchema, field: str) -> tuple[str, object]:
    from kit.registers import code_names

    spec = schema.fields[field]
    if spec.values:
        key, text = next(iter(spec.values.items()))
        return text, key
    if spec.codes:
        names = code_names(spec.codes)
        key = next(code for code, text in names.items() if list(names.values()).count(text) == 1)
        return names[key], key
    if spec.numeric:
        number = 2.0 if spec.range is None else max(2.0, spec.range[0])
        return f"{number:g}", number
    return {
        "boolean": ("是", True),
        "date": ("2019年10月1日", pd.Timestamp("2019-10-01")),
        "text": (f"示例{field}", f"示例{field}"),
    }[spec.type]


_CELLS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["", "116.3", "39.9", "是", "2019-10-01", "三年", "1,234", "=1+1", "\ufffd", "gcj02", "U1", "nan"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(_CELLS, max_size=15), max_size=8), size=st.integers(1, 4))
def test_accepted_and_rejected_are_always_read(tmp_path: Path, rows: list[list[str]], size: int) -> None:
    clean = [
        [cell.replace("\x00", "").replace("\r", "").encode("utf-8", "ignore").decode() for cell in row] for row in rows
    ]
    path = _csv(tmp_path / "a.csv", [HEADS, *clean])
    wanted = sum(any(cell.strip() for cell in row) for row in clean)
    whole = read_register(path, "units")
    assert whole.n_read == len(whole.frame) + whole.n_rejected == wanted
    summary = read_into(path, "units", tmp_path / "o.parquet", rows=size)
    assert summary.n_read == summary.n_accepted + summary.n_rejected == wanted
    stored = pd.read_parquet(tmp_path / "o.parquet")
    assert len(stored) == len(whole.frame)
    assert stored["unit_id"].fillna("").tolist() == whole.frame["unit_id"].fillna("").tolist()


def test_values_without_heading_far_down_are_told(tmp_path: Path) -> None:
    rows = [[*HEADS, ""], *([*_row(单位编号=f"U{at:03d}"), ""] for at in range(5)), [*ROW, "x"]]
    out = tmp_path / "o.parquet"
    with pytest.raises(ProblemsError, match="column 14 has values but no heading"):
        read_into(_csv(tmp_path / "a.csv", rows), "units", out, rows=2)
    assert not out.exists()
