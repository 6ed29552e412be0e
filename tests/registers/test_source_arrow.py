"""Tables with geometries: points become longitude and latitude in WGS-84, whatever system the layer has."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import pandas as pd
import pytest
from shapely.geometry import Point, Polygon

from kit.errors import KitError
from kit.registers import load_schema, read_into, read_register, read_table
from kit.registers.schema import RegisterSchema

POINTS = [Point(116.4, 39.9), Point(116.5, 40.0), None]
SCHEMA = RegisterSchema.model_validate(
    {
        "name": "places",
        "title": {"zh": "地点"},
        "row": "一个地点",
        "key": "place_id",
        "fields": {
            "place_id": {"label": {"zh": "编号"}, "type": "text", "required": True},
            "lon": {"label": {"zh": "经度"}, "type": "number", "required": True},
            "lat": {"label": {"zh": "纬度"}, "type": "number", "required": True},
            "crs": {
                "label": {"zh": "坐标系"},
                "type": "category",
                "values": {"wgs84": "WGS-84", "gcj02": "国测局坐标", "cgcs2000": "CGCS2000"},
                "required": True,
            },
        },
    }
)


def _layer(epsg: int | None, points: list[Point | None] | None = None) -> geopandas.GeoDataFrame:
    frame = geopandas.GeoDataFrame(
        {"编号": ["P1", "P2", "P3"], "备注": ["甲", "乙", None]}, geometry=points or POINTS, crs=4326
    )
    return frame.to_crs(epsg) if epsg else frame.set_crs(None, allow_override=True)


def _check(path: Path, tolerance: float = 1e-6) -> list[str]:
    read = read_register(path, SCHEMA)
    assert (read.n_read, read.n_rejected) == (3, 0)
    assert read.frame["place_id"].tolist() == ["P1", "P2", "P3"]
    assert read.frame["lon"].tolist()[:2] == pytest.approx([116.4, 116.5], abs=tolerance)
    assert read.frame["lat"].tolist()[:2] == pytest.approx([39.9, 40.0], abs=tolerance)
    assert pd.isna(read.frame["lon"].iloc[2])
    assert set(read.frame["crs"]) == {"wgs84"}
    assert read.frame["备注"].tolist()[:2] == ["甲", "乙"]
    assert read.extra == ["备注"]
    return read.notes


# 4548: CGCS2000 in the zone of Beijing, metres; 32650: UTM; 4490: CGCS2000 degrees.
@pytest.mark.parametrize(("epsg", "told"), [(4326, False), (4490, False), (4548, True), (32650, True)])
@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "parquet"])
def test_layers_in_any_system(tmp_path: Path, suffix: str, epsg: int, told: bool) -> None:
    path = tmp_path / f"places.{suffix}"
    frame = _layer(epsg)
    frame.to_parquet(path) if suffix == "parquet" else frame.to_file(path)
    notes = _check(path)
    assert any("transformed from" in note for note in notes) == told


def test_a_geojson_as_people_write_it(tmp_path: Path) -> None:
    features = [
        {"type": "Feature", "properties": {"编号": f"P{at}", "备注": None if at == 3 else "甲乙"[at - 1]},
         "geometry": None if point is None else {"type": "Point", "coordinates": [point.x, point.y]}}
        for at, point in enumerate(POINTS, start=1)
    ]  # fmt: skip
    path = tmp_path / "places.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), encoding="utf-8"
    )
    assert _check(path) == []
    path.write_text(json.dumps({"type": "FeatureCollection", "features": []}), encoding="utf-8")
    with pytest.raises(KitError, match=r"places\.geojson"):
        read_register(path, SCHEMA)


@pytest.mark.parametrize("data", [b"{", b'{"type": "nothing"}', b"PK\x03\x04", "编号,名称\n".encode("gbk")])
def test_a_damaged_geojson(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "places.geojson"
    path.write_bytes(data)
    with pytest.raises(KitError, match="not a readable GeoJSON") as caught:
        read_register(path, SCHEMA)
    assert "打不开" in caught.value.text("zh")


def test_a_layer_without_a_system_is_told(tmp_path: Path) -> None:
    path = tmp_path / "places.gpkg"
    _layer(None).to_file(path)
    assert any("no coordinate system" in note for note in _check(path))


def test_areas_give_a_point_on_them(tmp_path: Path) -> None:
    path = tmp_path / "places.gpkg"
    area = Polygon([(116.3, 39.8), (116.5, 39.8), (116.5, 40.0), (116.3, 40.0)])
    geopandas.GeoDataFrame({"编号": ["P1"]}, geometry=[area], crs=4326).to_file(path)
    frame = read_register(path, SCHEMA).frame
    assert area.contains(Point(frame.loc[0, "lon"], frame.loc[0, "lat"]))


def test_a_row_names_its_own_system(tmp_path: Path) -> None:
    """A layer said to be WGS-84 whose rows say that they were taken from a map in GCJ-02."""
    path = tmp_path / "places.gpkg"
    _layer(4326).assign(坐标系=["国测局坐标", "WGS-84", None]).to_file(path)
    read = read_register(path, SCHEMA)
    assert read.converted == {"gcj02": 1}
    assert read.frame["lon"].tolist()[:2] == pytest.approx([116.4 - 0.0062, 116.5], abs=2e-4)


def test_own_columns_come_before_the_geometry(tmp_path: Path) -> None:
    path = tmp_path / "places.gpkg"
    _layer(4326).assign(经度=1.0, 纬度=2.0, 坐标系="WGS-84").to_file(path)
    read = read_register(path, SCHEMA)
    assert read.frame["lon"].tolist() == [1.0] * 3
    assert any("geometry not used" in note for note in read.notes)
    units = tmp_path / "units.gpkg"
    _layer(4326).rename(columns={"编号": "unit_id"}).assign(坐标系统="gcj02").to_file(units)
    loose = {name: spec.model_copy(update={"required": False}) for name, spec in load_schema("units").fields.items()}
    assert read_table(units, loose, key="unit_id").frame["crs"].tolist() == ["gcj02"] * 3


def test_layers_by_name_and_in_batches(tmp_path: Path) -> None:
    path = tmp_path / "places.gpkg"
    _layer(4326).to_file(path, layer="一")
    _layer(4548).to_file(path, layer="二")
    assert read_table(path, SCHEMA.fields, sheet="二").sheet == "二"
    with pytest.raises(KitError, match="no layer '三'; layers: 一, 二"):
        read_table(path, SCHEMA.fields, sheet="三")
    summary = read_into(path, SCHEMA, tmp_path / "o.parquet", sheet="二", rows=2)
    assert (summary.n_read, summary.n_accepted) == (3, 3)
    assert pd.read_parquet(tmp_path / "o.parquet")["lon"].iloc[1] == pytest.approx(116.5)
