"""What leaves the inventory: Parquet, points, and a workbook that is read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from kit.cli.main_job import read_period
from kit.errors import KitError
from kit.inventory.export import export_quarter
from kit.inventory.store import Store
from kit.registers import read_register, read_table
from kit.standard import load_standard
from tests.inventory.store_quarters import Acts, quarter, source, unit
from tests.inventory.test_store import first

same = pd.testing.assert_frame_equal


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "inventory.duckdb")
    survey = pd.DataFrame({"unit_id": ["D01", "M01"], "fleet_size": [60.0, 12.0], "energy": ["ev", None]})
    store.submit("2019Q3", first() | {"survey_unit/taxi": survey}, by="某区", made=True)
    return store


def test_parquet_can_be_submitted_again(store: Store, tmp_path: Path) -> None:
    done = export_quarter(store, tmp_path / "out")
    assert done.rows == {"units": 2, "risk_sources": 4, "reviews": 5, "survey_unit/taxi": 2}
    back = read_period(tmp_path / "out", "2019Q3")
    assert back.made and set(back.tables) == set(done.rows)
    for name, frame in store.quarter().items():
        same(back.tables[name], frame)
    again = Store(tmp_path / "again.duckdb")
    again.submit("2019Q3", back.tables, made=back.made)
    same(again.table("risk_sources"), store.table("risk_sources"))
    marks = pq.read_schema(done.paths[0]).metadata
    assert marks[b"kit_origin"] == b"made" and marks[b"kit_period"] == b"2019Q3"
    assert json.loads((tmp_path / "out/2019Q3/EXPORT.json").read_text(encoding="utf-8"))["rows"] == done.rows


def test_data_that_are_not_made_are_not_marked(tmp_path: Path) -> None:
    store = Store(tmp_path / "i.duckdb")
    store.submit("2019Q3", first())
    done = export_quarter(store, tmp_path / "out")
    assert not (tmp_path / "out/MADE_DATA.txt").exists()
    assert b"kit_origin" not in pq.read_schema(done.paths[0]).metadata


def test_an_export_replaces_only_an_export(store: Store, tmp_path: Path) -> None:
    export_quarter(store, tmp_path / "out")
    export_quarter(store, tmp_path / "out", tables=["units"])
    names = sorted(path.name for path in (tmp_path / "out/2019Q3").iterdir())
    assert names == ["EXPORT.json", "units.parquet"], "tables of the former export are gone"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["2019Q3", "MADE_DATA.txt"]
    other = tmp_path / "other/2019Q3"
    other.mkdir(parents=True)
    (other / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(KitError, match="is no export of the inventory"):
        export_quarter(store, tmp_path / "other")
    assert [path.name for path in other.iterdir()] == ["mine.txt"]


def test_points(tmp_path: Path) -> None:
    """Own place, the unit's, shifted systems brought to WGS-84, swapped, none at all."""
    shifted = {"lon": 116.41, "lat": 39.92, "crs": "gcj02"}
    units = [unit("D01"), unit("M01", **shifted), unit("E01", lon=None, lat=None, crs=None)]
    rows = [
        source("D1", lon=116.5, lat=39.95, crs="cgcs2000"), source("D2"), source("M1"), source("E1"),
        source("D3", lon=39.95, lat=116.5, crs="bd09"), source("D4", lon=116.5, lat=39.95, crs="unknown"),
    ]  # fmt: skip
    store = Store(tmp_path / "i.duckdb")
    store.submit("2019Q3", quarter(rows, units=units))
    done = export_quarter(store, tmp_path / "out", kind="geoparquet")
    frame = gpd.read_parquet(tmp_path / "out/2019Q3/risk_sources.parquet")
    assert frame.crs.to_epsg() == 4326
    points = {
        name: None if point is None else (point.x, point.y)
        for name, point in zip(frame["source_id"], frame.geometry, strict=True)
    }
    assert points["D1"] == (116.5, 39.95) and points["D2"] == (116.41, 39.92)
    # The shift of GCJ-02 in Beijing: about 0.006 degrees to the east, 0.0014 to the north.
    assert points["M1"] == pytest.approx((116.41 - 0.00624, 39.92 - 0.0014), abs=2e-4)
    assert points["E1"] is None and points["D3"] is None and points["D4"] is None
    assert frame["placed_by"].fillna("").tolist() == ["source", "unit", "unit", "", "", ""]
    assert frame["crs"].fillna("").tolist() == ["cgcs2000", "", "", "", "bd09", "unknown"], "columns stay as they were"
    assert done.notes == [
        "安全风险源清单：1行由国测局坐标换算为WGS-84",
        "安全风险源清单：1行坐标系为百度坐标，不能换算，几何为空",
        "安全风险源清单：1行坐标系为unknown，不能换算，几何为空",
        "安全风险源清单：1行没有可用坐标，几何为空",
        "生产经营单位台账：1行由国测局坐标换算为WGS-84",
        "生产经营单位台账：1行没有可用坐标，几何为空",
    ]
    plain = pd.read_parquet(tmp_path / "out/2019Q3/reviews.parquet")
    assert len(plain) == 0 and "source_id" in plain


def test_the_workbook_is_read_back(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "清单.xlsx"
    done = export_quarter(store, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["说明", "生产经营单位台账", "安全风险源清单", "审核记录"]
    about = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
    assert about["数据性质"].startswith("示例数据") and about["已确认（个）"] == 2 and about["季度"] == "2019Q3"
    assert all("示例数据" in book[name].oddHeader.center.text for name in book.sheetnames)
    assert done.paths == [path]
    for sheet, register in (("生产经营单位台账", "units"), ("安全风险源清单", "risk_sources")):
        read = read_register(path, register, sheet=sheet)
        assert read.n_rejected == 0 and read.extra == []
        want = store.table(register)
        same(read.frame[list(want.columns)], want, check_column_type=False)
    acts = read_register(path, "reviews", sheet="审核记录").frame
    want = store.quarter()["reviews"]
    same(acts.drop(columns="at"), want.drop(columns="at"), check_column_type=False)


def test_a_survey_in_the_workbook(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    export_quarter(store, path, kind="xlsx", tables=["survey_unit/taxi"])
    sheet = openpyxl.load_workbook(path)["调查表 taxi"]
    fields = load_standard("taxi").fields
    assert [cell.value for cell in sheet[1]] == ["单位编号", fields["fleet_size"].label.zh, fields["energy"].label.zh]
    read = read_table(path, {name: fields[name] for name in ("fleet_size", "energy")}, sheet="调查表 taxi")
    assert read.frame["energy"].fillna("").tolist() == ["ev", ""] and read.frame["fleet_size"].tolist() == [60.0, 12.0]


def test_formulas_and_markup_stay_text(tmp_path: Path) -> None:
    odd = ["=HYPERLINK(1)", "+1", "@a", "-1", '<img src="x">', "a\x07b"]
    store = Store(tmp_path / "i.duckdb")
    store.submit("2019Q3", quarter([source(f"D{at}", name=text) for at, text in enumerate(odd)]))
    export_quarter(store, tmp_path / "a.xlsx")
    cells = list(
        openpyxl.load_workbook(tmp_path / "a.xlsx")["安全风险源清单"].iter_rows(min_row=2, min_col=6, max_col=6)
    )
    assert [cell.value for (cell,) in cells] == [*odd[:5], "a�b"]
    assert {cell.data_type for (cell,) in cells} == {"s"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "shp"}, "no export of the kind 'shp'"),
        ({"kind": "xlsx"}, "a workbook ends in .xlsx"),
        ({"period": "2019Q2"}, "no quarter '2019Q2'"),
        ({"tables": ["unts"]}, "did you mean units"),
    ],
)
def test_wrong_use(store: Store, tmp_path: Path, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(KitError, match=words):
        export_quarter(store, tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_reviews_since_the_submission_are_in_the_export(store: Store, tmp_path: Path) -> None:
    store.review(Acts("2019-10-08", "X").add("D3", "sector_accept", "low").add("D3", "confirm").frame())
    export_quarter(store, tmp_path / "out")
    frame = pd.read_parquet(tmp_path / "out/2019Q3/risk_sources.parquet").set_index("source_id")
    assert frame.loc["D3", ["review_state", "reviewed_level"]].tolist() == ["confirmed", "low"]
    assert len(pd.read_parquet(tmp_path / "out/2019Q3/reviews.parquet")) == 7
