"""位置

Where a thing is: outside the city or its district, exchanged, shifted, or put at a default point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.registry import Context, rule
from kit.quality.rules._places import (
    METRES_PER_DEGREE,
    default_points,
    distance_m,
    district_shapes,
    inside,
    swapped,
)
from kit.registers.coordinates import convert_coordinates

if TYPE_CHECKING:
    import pandas as pd

_LONGITUDES = {"units": "lon", "risk_sources": "lon", "resources": "lon"}
# Twice the precision of the boundary layer, which is about 150 m.
TOLERANCE_M = 300.0
# As many units on exactly one point (1 m) are a market, a mall or a registration address.
CROWD = 20
# The shift is about 555 m in Beijing: nothing nearer than this can be a shifted point.
SHIFT_M, SHIFT_TOLERANCE_M = 300.0, 30.0


@rule("坐标应在北京市范围内", "经度 115.41～117.51，纬度 39.43～41.06（WGS-84）", _LONGITUDES, needs=("lat",))
def outside_beijing(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the point lies outside; exchanged coordinates are another rule's finding, null here."""
    lon, lat = frame["lon"], frame["lat"]
    applies = lon.notna() & lat.notna() & ~swapped(lon, lat)
    return (~inside(lon, lat)).astype("boolean").where(applies)


@rule(
    "经度和纬度不得颠倒",
    "经度 115.41～117.51，纬度 39.43～41.06；请把经度和纬度互换",
    _LONGITUDES,
    needs=("lat",),
)
def swapped_coordinates(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the point lies in Beijing only with the coordinates exchanged; null without coordinates."""
    known = frame["lon"].notna() & frame["lat"].notna()
    return swapped(frame["lon"], frame["lat"]).astype("boolean").where(known)


@rule("经度和纬度应同时填写", "两者都填，或者都不填", {"risk_sources": "lon", "resources": "lon"}, needs=("lat",))
def half_coordinates(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where one of the coordinates is given without the other; null where neither is."""
    lon, lat = frame["lon"].notna(), frame["lat"].notna()
    return (lon != lat).astype("boolean").where(lon | lat)


# The responsible authority need not be the one whose polygon the point falls in: a warning.
@rule(
    "坐标应在所填的区内",
    "所填区的范围（边界为示意，容许偏差 300 m）；区以监管归属为准，确属跨界监管的请说明",
    {"units": "district"},
    needs=("lon", "lat"),
    severity="warning",
)
def outside_district(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a point of Beijing lies outside its stated district; null for areas without a polygon."""
    import numpy as np
    import pandas as pd
    import shapely

    lon, lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
    usable = inside(frame["lon"], frame["lat"]).to_numpy()
    found, applies = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    for code, shape in district_shapes(TOLERANCE_M).items():
        rows = np.flatnonzero(usable & (frame["district"] == code).fillna(False).to_numpy(dtype=bool))
        found[rows] = ~shapely.contains_xy(shape, lon[rows], lat[rows])
        applies[rows] = True
    return pd.Series(found, index=frame.index).astype("boolean").where(applies)


@rule(
    "街道（乡镇）应属于所填的区",
    "街道代码前六位与区代码一致（经济技术开发区除外）",
    {"units": "street"},
    needs=("district",),
)
def street_of_district(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the street's code belongs to another district; null for areas that are no district."""
    street, district = frame["street"], frame["district"]
    # A nine-digit area (the development zone) lies in streets of several districts.
    applies = street.notna() & (district.str.len() == 6)
    return (street.str.slice(0, 6) != district).astype("boolean").where(applies)


@rule(
    "坐标系应与坐标一致",
    "国测局坐标（GCJ-02）不得填作 WGS-84：与所属单位恰好相差约 555 m 的，请改填坐标系或转换坐标",
    {"risk_sources": "lon"},
    needs=("lat", "crs", "unit_id"),
    severity="warning",
)
def shifted_coordinates(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a source said to be WGS-84 lies where its unit's point would be in GCJ-02.

    Null without coordinates of both, or when they are given in different systems.
    """
    import numpy as np
    import pandas as pd

    units = context.table("units", "unit_id", "lon", "lat", "crs").drop_duplicates("unit_id").set_index("unit_id")
    at = units.index.get_indexer(pd.Index(frame["unit_id"]))
    plain = ("wgs84", "cgcs2000")
    known = np.where(at >= 0, units["crs"].isin(plain).to_numpy()[at], False)
    lon = np.where(known, units["lon"].to_numpy()[at], np.nan)
    lat = np.where(known, units["lat"].to_numpy()[at], np.nan)
    own_lon, own_lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
    applies = frame["crs"].isin(plain).to_numpy() & ~np.isnan(lon + lat + own_lon + own_lat)
    # Most sources lie at their unit: only the others need the formula.
    rows = np.flatnonzero(applies)
    rows = rows[distance_m(own_lon[rows], own_lat[rows], lon[rows], lat[rows]) > SHIFT_M]
    found = np.zeros(len(frame), dtype=bool)
    if len(rows):
        away = distance_m(own_lon[rows], own_lat[rows], *convert_coordinates(lon[rows], lat[rows], "wgs84", "gcj02"))
        found[rows] = away < SHIFT_TOLERANCE_M
    return pd.Series(found, index=frame.index).astype("boolean").where(applies)


@rule(
    "大量单位不应落在同一点",
    "同一坐标（1 m）少于 20 家；集中登记地址请填实际经营地点，确在同一市场、商场的请核实",
    {"units": "lon"},
    needs=("lat",),
    severity="warning",
)
def crowded_point(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where 20 units or more lie on one point; null where the point is not in Beijing at all."""
    usable = inside(frame["lon"], frame["lat"])
    point = (frame["lon"] * 1e5).round() * 1e8 + (frame["lat"] * 1e5).round()
    return (point.groupby(point).transform("size") >= CROWD).astype("boolean").where(usable)


@rule(
    "坐标不应是区或街道的默认中心点",
    "实际位置；不得用区政府驻地或街道中心代替",
    {"units": "lon"},
    needs=("lat",),
    severity="warning",
)
def default_point(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a point is the seat of a district or the middle of a street (within 1 m); null outside Beijing."""
    import numpy as np
    import pandas as pd
    import shapely

    usable = inside(frame["lon"], frame["lat"])
    rows = np.flatnonzero(usable.to_numpy())
    found = np.zeros(len(frame), dtype=bool)
    if len(rows):
        points = shapely.points(frame["lon"].to_numpy()[rows], frame["lat"].to_numpy()[rows])
        near = default_points().query(points, predicate="dwithin", distance=1.0 / METRES_PER_DEGREE)
        found[rows[np.unique(near[0])]] = True
    return pd.Series(found, index=frame.index).astype("boolean").where(usable)
