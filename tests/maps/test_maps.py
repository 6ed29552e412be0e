"""Outlines, level styles, the folium and the static map, overlap areas."""

from __future__ import annotations

import html
import json
import re
import warnings
from typing import Any

import pandas as pd
import pytest
import shapely
from shapely.geometry import shape

from kit.errors import KitError
from kit.maps import STYLES, areas, district_map, districts, overlap_areas, static_map
from kit.maps.boundaries import find_area, outline_features, outlines
from kit.maps.folium_map import _plain_chinese, bounds, frame_html
from kit.maps.fonts import font_path, use_font
from kit.maps.levels import mark_svg
from kit.maps.offline import inline
from kit.registers.codes_list import load_codes

NASTY = [
    "<script>window.__hit=1</script>",
    "</script><script>x</script>",
    '"><img src=x onerror=alert(1)>',
    "a&b",
    "甲\u2028乙",
]


def _sources(names: list[str], level: str = "major") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source_id": [f"R{i}" for i in range(len(names))], "name": names, "unit_name": names, "sector_zh": "餐饮",
            "accident_class_zh": "火灾", "level": level, "lon": 116.45, "lat": 39.92,
        }
    )  # fmt: skip


def _kit(page: str) -> dict[str, Any]:
    return json.loads(re.search(r"var KIT = kitPrepare\((\{.*?\})\);", page)[1])  # type: ignore[index]


def test_there_are_17_areas_and_16_outlines() -> None:
    assert len(areas()) == 17 and len(outlines()) == 16
    assert not areas()["110115403"].has_outline
    frame = districts()
    assert frame.crs.to_epsg() == 4326 and set(frame["code"]) == set(areas()) - {"110115403"}


def test_outlines_share_their_borders_and_keep_their_area() -> None:
    shapes = list(outlines().values())
    assert all(shapely.is_valid(part) for part in shapes)
    assert shapely.union_all(shapes).geom_type == "Polygon"
    overlap = sum(part.area for part in shapes) - shapely.union_all(shapes).area
    assert abs(overlap) < 1e-4 * shapely.union_all(shapes).area
    frame = districts().to_crs("EPSG:32650")
    official = load_codes("districts").set_index("code")["area_km2_official"]
    for code, area in zip(frame["code"], frame.geometry.area / 1e6, strict=True):
        assert area == pytest.approx(float(official[code]), rel=0.03), code


def test_outlines_for_the_browser_are_small_and_rounded() -> None:
    text = json.dumps(outline_features(decimals=4))
    assert len(text) < 90_000
    assert not re.search(r"\.\d{5}", text)
    assert shape(json.loads(text)["features"][0]["geometry"]).is_valid


@pytest.mark.parametrize(
    ("given", "code"), [("110105", "110105"), ("朝阳区", "110105"), (" 朝阳 ", "110105"), (110101, "110101")]
)
def test_an_area_is_found_by_code_or_name(given: object, code: str) -> None:
    assert find_area(given).code == code


def test_an_unknown_area_names_the_nearest() -> None:
    with pytest.raises(KitError, match=r"no reporting area\. Did you mean 1101"):
        find_area("11010")
    with pytest.raises(KitError, match="110115403 北京经济技术开发区"):
        find_area("上海")


def test_every_class_has_its_own_shape_mark_and_marker() -> None:
    assert [style.name for style in STYLES.values()] == ["重大", "较大", "一般", "低", "数据不足", "待审"]
    assert len({style.shape for style in STYLES.values()}) == 6
    assert len({style.mark for style in STYLES.values()}) == 6
    assert STYLES["major"].fill == "#D7191C" and STYLES["low"].fill == "#2C7BB6"
    assert all("<svg" in mark_svg(key) for key in STYLES)


def test_names_reach_the_map_as_text_only() -> None:
    page = district_map(_sources(NASTY), "110105").get_root().render()
    for name in NASTY[:3]:
        assert name not in page
    rows = re.search(r"var data = (\[.*?\]);\n", page)
    assert rows is not None
    names = _kit(page)["names"].split("\n")
    assert [names[row[3]] for row in json.loads(rows[1])] == [*NASTY[:4], "甲 乙"]
    assert "innerHTML = level.svg" in page and page.count("innerHTML") == page.count("innerHTML = level.svg") + 1


def test_the_map_has_every_class_in_its_legend_and_says_what_is_not_drawn() -> None:
    frame = pd.concat([_sources(["甲"], level) for level in STYLES], ignore_index=True)
    frame.loc[0, ["lon", "lat"]] = None
    page = _plain_chinese(district_map(frame, "朝阳").get_root().render())
    kit = _kit(page)
    assert {level["name"]: level["n"] for level in kit["levels"]} == {style.name: 1 for style in STYLES.values()}
    assert "另有1个风险源无可用坐标" in kit["note"] and "不作为划界依据" in kit["note"]
    assert page.count('"code": "110') == 16
    assert '"maxZoom": 18' in page


def test_chinese_in_json_is_sent_as_itself_and_nothing_else_changes() -> None:
    assert _plain_chinese(r'"\u671d\u9633 \u003c \\u671d \u0026"') == r'"朝阳 \u003c \\u671d \u0026"'


def test_the_frame_is_sandboxed_and_works_offline() -> None:
    page = inline(frame_html(district_map(_sources(NASTY), "110105")))
    inner = html.unescape(re.search(r'srcdoc="(.*?)"', page, re.DOTALL)[1])  # type: ignore[index]
    assert 'sandbox="allow-scripts"' in page
    assert not re.search(r'<(script|link|img|iframe)[^>]*(src|href)="https?:', inner)
    assert len(page) < 330_000


def test_an_area_without_outline_is_drawn_by_its_points() -> None:
    far = _sources(["近", "远"])
    far["lon"], far["lat"] = [116.52, 100.0], [39.80, 20.0]
    (south, west), (north, east) = bounds(areas()["110115403"], far)
    assert 116.4 < west < 116.505 < east < 116.6 and 39.7 < south < north < 39.9
    page = _plain_chinese(district_map(far, "北京经济技术开发区").get_root().render())
    assert "本地区暂无边界数据" in page


@pytest.mark.parametrize("area", ["110105", "110115403"])
def test_the_static_map_is_a_png_without_missing_glyphs(area: str) -> None:
    frame = pd.concat([_sources(["甲"], level) for level in STYLES], ignore_index=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = static_map(frame, area)
    assert data.startswith(b"\x89PNG") and len(data) < 150_000


def test_the_font_has_gb2312_and_every_street_name() -> None:
    from fontTools.ttLib import TTFont

    have = {chr(code) for code in TTFont(font_path()).getBestCmap()}
    names = set("".join(load_codes("streets_towns")["name_zh"])) | {style.mark for style in STYLES.values()}
    assert len(have) > 7_400 and names <= have
    assert font_path().stat().st_size < 1_700_000
    assert use_font()["font.family"] == ["Noto Sans SC"]


def _near(metres: list[float], units: list[str], level: str = "major") -> pd.DataFrame:
    frame = _sources(["甲"] * len(metres), level)
    frame["lat"] = [39.92 + m / 111_320 for m in metres]
    return frame.assign(unit_id=units, street_zh="建外街道")


def test_overlap_is_found_by_distance_and_by_different_units() -> None:
    found = overlap_areas(_near([0, 290, 580], ["A", "B", "A"]), metres=300)
    assert found["风险源数"].tolist() == [3] and found["单位数"].tolist() == [2]
    assert found["面积（平方公里）"].iloc[0] == pytest.approx(3 * 3.14159 * 0.15**2, rel=0.03)
    assert overlap_areas(_near([0, 310, 620], ["A", "B", "A"]), metres=300).empty
    assert overlap_areas(_near([0, 10, 20], ["A", "A", "A"])).empty
    assert overlap_areas(_near([0, 10, 20], ["A", "B", "C"], "insufficient")).empty
    with pytest.raises(KitError, match="metres above 0"):
        overlap_areas(_near([0], ["A"]), metres=0)
