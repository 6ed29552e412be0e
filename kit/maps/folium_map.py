"""The electronic map of one reporting area: district outlines, clustered risk sources by level, legend, scale, north.

The outlines are the base layer: there are no tiles, so the map works without a network. All text from data reaches the
page as JSON and is put on it through `textContent`; a name with `<script>` in it is shown as it was written.
"""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.maps.boundaries import BDA, BDA_NEIGHBOURS, Area, areas, find_area, outline_features, outlines
from kit.maps.levels import STYLES, mark_svg

if TYPE_CHECKING:
    import folium
    import pandas as pd

TEXT = {
    "legend": "风险等级（点击可筛选）",
    "points": "风险源点位",
    "borders": "区界",
    "names": "区名注记",
    "boundary": "区界为示意，不作为划界依据。",
    "unplaced": "另有{n}个风险源无可用坐标，未上图。",
    "no_outline": "本地区暂无边界数据，仅以点位表示。",
    "blank": "未填写",
    "frame": "安全风险电子地图",
}
# The texts of a point, in the order of a row after latitude, longitude and level.
_TEXTS = {
    "names": "name",
    "units": "unit_name",
    "sectors": "sector_zh",
    "accidents": "accident_class_zh",
    "ids": "source_id",
}
_FOCUS = {"fillColor": "#fffdf6", "fillOpacity": 1, "color": "#1f3a5f", "weight": 2.6}
_NEAR = {"fillColor": "#fffdf6", "fillOpacity": 1, "color": "#6f8191", "weight": 1.4}
_OTHER = {"fillColor": "#dfe6ec", "fillOpacity": 1, "color": "#9aa9b7", "weight": 1}


@cache
def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _table(column: pd.Series) -> tuple[list[int], str]:
    """Return a code for each row, and the texts the codes stand for, one a line: what repeats is sent once."""
    clean = column.fillna(TEXT["blank"]).astype(str).map(lambda text: " ".join(text.split()))
    codes, texts = clean.factorize()
    return [int(code) for code in codes], "\n".join(texts)


def placed(sources: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `sources` that have both coordinates (WGS-84 degrees)."""
    return sources[sources["lon"].notna() & sources["lat"].notna()]


def _rows(sources: pd.DataFrame) -> tuple[list[list[Any]], dict[str, str]]:
    order = list(STYLES)
    columns: list[Any] = [sources["lat"].round(5), sources["lon"].round(5), [order.index(k) for k in sources["level"]]]
    texts = {}
    for key, column in _TEXTS.items():
        codes, texts[key] = _table(sources[column])
        columns.append(codes)
    return [list(row) for row in zip(*columns, strict=True)], texts


def _legend(sources: pd.DataFrame, area: Area, tables: dict[str, str], n_placed: int) -> dict[str, Any]:
    counts = sources["level"].value_counts()
    note = TEXT["boundary"]
    if not area.has_outline:
        note = TEXT["no_outline"] + note
    if len(sources) > n_placed:
        note = TEXT["unplaced"].format(n=len(sources) - n_placed) + note
    levels = [
        {"id": key, "name": style.name, "svg": mark_svg(key), "ring": style.edge if key == "pending" else style.fill,
         "n": int(counts.get(key, 0))}
        for key, style in STYLES.items()
    ]  # fmt: skip
    return {"levels": levels, "title": TEXT["legend"], "note": note, "bounds": bounds(area, placed(sources)), **tables}


def bounds(area: Area, points: pd.DataFrame | None = None) -> list[list[float]]:
    """Return [[south, west], [north, east]] of an area; without an outline, of its points and its seat."""
    if area.has_outline:
        west, south, east, north = outlines()[area.code].bounds
        return [[south, west], [north, east]]
    lon, lat = [area.lon - 0.06, area.lon + 0.06], [area.lat - 0.05, area.lat + 0.05]
    if points is not None and len(points):
        # A few points far away (a wrong coordinate) must not shrink the picture to a dot.
        inner = points[(points["lon"] - area.lon).abs().lt(0.3) & (points["lat"] - area.lat).abs().lt(0.3)]
        lon += inner["lon"].tolist()
        lat += inner["lat"].tolist()
    return [[min(lat), min(lon)], [max(lat), max(lon)]]


def district_map(sources: pd.DataFrame, area: str, *, height: int = 560) -> folium.Map:
    """Return the folium map of one reporting area.

    Parameters
    ----------
    sources : one row per risk source: `source_id, name, unit_name, sector_zh, accident_class_zh, level, lon, lat`
        (WGS-84 degrees; null = not drawn, counted in the legend). All classes are drawn, 数据不足 and 待审 too.
    area : code or name of the area.
    height : pixels.

    Raises
    ------
    KitError
        When `area` is none of the 17.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"source_id": "R1", "name": "储罐", "unit_name": "甲", "sector_zh": "餐饮", "accident_class_zh": "火灾",
    ...        "level": "major", "lon": 116.45, "lat": 39.92}
    >>> page = district_map(pd.DataFrame([row]), "110105").get_root().render()
    >>> "kitSetup" in page
    True
    """
    import folium
    from branca.element import Element, MacroElement
    from folium.plugins import FastMarkerCluster
    from folium.template import Template

    chosen = find_area(area)
    drawn = placed(sources)
    rows, tables = _rows(drawn)
    legend = _legend(sources, chosen, tables, len(drawn))

    # maxZoom has to be set: without tiles the cluster plugin stops with "Map has no maxZoom specified".
    canvas = folium.Map(
        tiles=None, maxZoom=18, minZoom=7, attributionControl=False, width="100%", height=height, zoomSnap=0.25
    )
    root: Any = canvas.get_root()
    root.header.add_child(Element(f"<style>{_asset('map.css')}</style>"))
    root.script.add_child(Element(_asset("map.js")), index=0)
    _add_outlines(canvas, chosen)

    cluster = FastMarkerCluster(
        rows,
        callback="function (row) { return kitMarker(row, KIT); }",
        icon_create_function="function (cluster) { return kitClusterIcon(cluster, KIT); }",
        name=TEXT["points"],
        maxClusterRadius=46,
        showCoverageOnHover=False,
        disableClusteringAtZoom=16,
        spiderfyOnMaxZoom=True,
    )
    data = MacroElement()
    data._name = "KitData"
    data._template = Template(
        "{% macro script(this, kwargs) %}var KIT = kitPrepare({{ this.kit|tojson }});{% endmacro %}"
    )
    data.kit = legend
    canvas.add_child(data)
    canvas.add_child(cluster)
    _add_names(canvas, chosen)
    folium.LayerControl(position="topright", collapsed=True).add_to(canvas)

    setup = MacroElement()
    setup._name = "KitSetup"
    setup._template = Template(
        "{% macro script(this, kwargs) %}"
        "kitSetup({{ this._parent.get_name() }}, {{ this.cluster }}, KIT);"
        "{% endmacro %}"
    )
    setup.cluster = cluster.get_name()
    canvas.add_child(setup)
    return canvas


def _add_outlines(canvas: folium.Map, area: Area) -> None:
    import folium

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        code = feature["properties"]["code"]
        if code == area.code:
            return _FOCUS
        return _NEAR if not area.has_outline and code in BDA_NEIGHBOURS else _OTHER

    # The area itself is drawn last, so that its border lies over those of its neighbours.
    shapes = outline_features(decimals=4)
    shapes["features"].sort(key=lambda feature: feature["id"] == area.code)
    folium.GeoJson(
        shapes,
        name=TEXT["borders"],
        style_function=style,
        interactive=False,
        zoom_on_click=False,
        control=False,
    ).add_to(canvas)


def _add_names(canvas: folium.Map, area: Area) -> None:
    import folium

    layer = folium.FeatureGroup(name=TEXT["names"])
    for other in areas().values():
        if other.code == BDA and area.code != BDA:
            continue
        focus = " focus" if other.code == area.code else ""
        # Name and class both come from the kit's own tables, escaped all the same.
        text = f'<div class="kit-label{focus}">{html.escape(other.name)}</div>'
        icon = folium.DivIcon(html=text, icon_size=(120, 20), icon_anchor=(60, 10), class_name="kit-name")
        folium.Marker([other.lat, other.lon], icon=icon, interactive=False, keyboard=False, zIndexOffset=-1000).add_to(
            layer
        )
    layer.add_to(canvas)


_ESCAPE = re.compile(r"\\\\|\\u([34-9f][0-9a-f]{3})")


def _plain_chinese(page: str) -> str:
    """Return the page with Chinese in its JSON as itself: half the bytes of ``\\uXXXX``.

    A backslash that is itself escaped is stepped over; `<`, `>`, `&` and quotes stay escaped.
    """
    return _ESCAPE.sub(
        lambda found: chr(int(found[1], 16)) if found[1] and _is_chinese(int(found[1], 16)) else found[0], page
    )


def _is_chinese(code: int) -> bool:
    return 0x3000 <= code <= 0x303F or 0x3400 <= code <= 0x9FFF or 0xFF00 <= code <= 0xFFEF


def frame_html(canvas: folium.Map, *, height: int = 560, title: str = TEXT["frame"]) -> str:
    """Return the map as an `<iframe srcdoc>` for a notebook output; external links are still to be put inside."""
    page = html.escape(_plain_chinese(str(canvas.get_root().render())), quote=True)
    return (
        f'<iframe class="kit-map" title="{html.escape(title, quote=True)}" sandbox="allow-scripts" '
        f'style="width:100%;height:{height}px;border:0" srcdoc="{page}"></iframe>'
    )
