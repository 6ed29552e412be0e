"""`kit inventory changes` and `kit inventory compound`, as a district office uses them, on a small folder."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.running import kit
from tests.inventory.quarters import WORSE, quarter, source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two quarters of three companies close together, one of them in another district."""
    away = {"district": "110105", "street": "110105001"}
    crowd = {"accident_class": "X1", "name": "=1+1<b>拥挤</b>"}
    before = quarter([source("A1", "low"), source("B1", "low", **crowd), source("C1", "low")],
                     {"A": {}, "B": {}, "C": {}}, C=away)  # fmt: skip
    now = quarter([source("A1", "major"), source("B1", "major", **crowd), source("C2", "low")],
                  {"A": WORSE, "B": {"has_permit": False}, "C": {}}, C=away)  # fmt: skip
    for period, tables in (("2019Q3", before), ("2019Q4", now)):
        for name, frame in tables.items():
            file = tmp_path / "data" / period / f"{name}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            frame.to_parquet(file, index=False)
    return tmp_path / "data"


def test_changes(folder: Path, tmp_path: Path) -> None:
    out, details = tmp_path / "变化.xlsx", tmp_path / "明细.csv"
    done = kit("inventory", "changes", "--data", str(folder), "-o", str(out), "--details", str(details))
    assert done.code == 0, done.err
    assert "升级" in done.out and "等级依据示意性标准" in done.out
    sheet = pd.read_excel(out, dtype=str)
    assert sheet["变化"].tolist() == ["升级", "升级", "新增", "销号"]
    assert sheet.loc[sheet["风险源编号"] == "B1", "原因"].item() == "直接判定：无许可或证件不齐"
    assert sheet.loc[sheet["风险源编号"] == "B1", "风险源名称"].item() == "=1+1<b>拥挤</b>"
    assert sheet["说明"].eq("等级依据示意性标准").all()
    assert sheet["区（地区）"].tolist() == ["东城区", "东城区", "朝阳区", "朝阳区"]
    moved = pd.read_csv(details, dtype=str)
    assert ((moved["变动项"] == "指标数据") & (moved["名称"] == "平均车龄") & (moved["本季度"] == "12年")).any()


def test_changes_of_a_district_as_json(folder: Path) -> None:
    done = kit("inventory", "changes", "--data", str(folder), "--district", "朝阳区", "--json")
    answer = json.loads(done.out)
    assert answer["counts"]["now"] == 1 and answer["counts"]["new"] == 1 and answer["counts"]["closed"] == 1
    assert {row["风险源编号"] for row in answer["changes"]} == {"C1", "C2"}
    assert answer["previous"] == "2019Q3"


def test_compound(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "综合叠加"
    done = kit("inventory", "compound", "--data", str(folder), "-o", str(out))
    assert done.code == 0, done.err
    assert "叠加区域1处" in done.out and "风险种类的划分和距离为示意值" in done.out
    assert sorted(path.name for path in out.iterdir()) == [
        "areas.xlsx", "cells.geojson", "cells.xlsx", "hot_areas.xlsx", "hot_cells.xlsx", "sources.xlsx",
    ]  # fmt: skip
    areas = pd.read_excel(out / "areas.xlsx", dtype=str)
    assert areas.loc[0, "风险种类"] == "交通、拥挤踩踏"
    for path in out.glob("*.xlsx"):
        assert not [name for name in pd.read_excel(path).columns if name.isascii()], path.name
    cells = json.loads((out / "cells.geojson").read_text(encoding="utf-8"))
    (cell,) = cells["features"]
    ring = cell["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1] and len(ring) == 7
    lon, lat = zip(*ring, strict=True)
    assert min(lon) < 116.41 < max(lon) and min(lat) < 39.92 < max(lat)
    nothing = kit("inventory", "compound", "--data", str(folder), "--district", "110105", "--json")
    assert json.loads(nothing.out)["areas"] == []


def test_wrong_use(folder: Path) -> None:
    assert "是不是想写“东城区”" in kit("inventory", "changes", "--data", str(folder), "--district", "东城").err
    done = kit("inventory", "changes", "--data", str(folder), "--period", "2019Q3")
    assert done.code == 2 and "没有“2019Q2”这一季" in done.err
    assert kit("inventory", "compound", "--data", str(folder), "--metres", "-5").code == 2
