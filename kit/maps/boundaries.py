"""The 17 reporting areas and the outlines of the 16 districts.

Source of the outlines: `kit/assets/boundaries/README.md` (Apache ECharts, Apache-2.0, precision about 150 m, indicative
only). 北京经济技术开发区 is a reporting area without an outline: its risk sources are drawn as points.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, cut, nearest
from kit.paths import package_assets
from kit.registers.codes_list import load_codes

if TYPE_CHECKING:
    import geopandas

BOUNDARIES = "boundaries/beijing_districts.geojson"
# Size of the bends that are smoothed away (degrees). The source is a staircase of steps of about 100 m.
TOLERANCE = 0.003
DECIMALS = 5
BDA = "110115403"
BDA_NEIGHBOURS = ("110115", "110112", "110105", "110106")


@dataclass(frozen=True)
class Area:
    """A reporting area: code, name, and the point its name is written at (WGS-84 degrees)."""

    code: str
    name: str
    lon: float
    lat: float

    @property
    def has_outline(self) -> bool:
        """Whether a polygon of the area ships with the kit."""
        return self.code != BDA


@cache
def _features() -> list[dict[str, Any]]:
    path = package_assets() / BOUNDARIES
    return json.loads(path.read_text(encoding="utf-8"))["features"]


@cache
def areas() -> dict[str, Area]:
    """Return the 17 reporting areas by code, in the order of their codes, 北京经济技术开发区 last.

    Examples
    --------
    >>> list(areas())[0], areas()["110101"].name, len(areas())
    ('110101', '东城区', 17)
    """
    codes = load_codes("districts")
    columns = (codes["code"], codes["name_zh"], codes["seat_lon_wgs84"], codes["seat_lat_wgs84"])
    return {code: Area(code, name, float(lon), float(lat)) for code, name, lon, lat in zip(*columns, strict=True)}


def find_area(given: object, where: str = "area") -> Area:
    """Return the area with this code or name.

    Parameters
    ----------
    given : 6-digit district code, ``110115403``, or a name (``朝阳区``, ``朝阳``).
    where : name of the parameter, for the message.

    Raises
    ------
    KitError
        When there is no such area; names the nearest one and lists all.

    Examples
    --------
    >>> find_area("朝阳").code
    '110105'
    """
    text = str(given).strip()
    known = areas()
    if text in known:
        return known[text]
    for area in known.values():
        # Only the last character (区) may be left out: 开发区 alone would be a guess.
        if text in (area.name, area.name[:-1]):
            return area
    guess = nearest(text, [*known, *(area.name for area in known.values())])
    listed = "、".join(f"{area.code} {area.name}" for area in known.values())
    hint = f" Did you mean {guess}?" if guess else ""
    raise KitError(f"{where}: {cut(given)!r} is no reporting area.{hint} Allowed, by code or name: {listed}.")


@cache
def outlines() -> dict[str, Any]:
    """Return the simplified outline of each district by code (shapely geometries, WGS-84 degrees).

    Shared borders stay shared: the districts are simplified together as one coverage, not one by one.
    """
    import numpy
    import shapely
    from shapely.geometry import shape

    features = sorted(_features(), key=lambda item: item["properties"]["code"])
    shapes = numpy.array([shape(feature["geometry"]) for feature in features], dtype=object)
    # The source has hair-thin gaps; only where edges are the same on both sides can they be simplified together.
    simple = shapely.coverage_simplify(shapely.coverage_clean(shapes), TOLERANCE)
    rounded = shapely.transform(simple, lambda points: numpy.round(points, DECIMALS))
    return {feature["properties"]["code"]: geometry for feature, geometry in zip(features, rounded, strict=True)}


def outline_features(codes: list[str] | None = None, decimals: int = DECIMALS) -> dict[str, Any]:
    """Return the outlines as a GeoJSON FeatureCollection with `code` and `name`, for maps in a browser.

    `decimals` of a degree are kept; 4 (about 10 m) is far finer than the source and makes a smaller file.
    """
    from shapely.geometry import mapping

    def plain(value: Any) -> Any:
        return round(value, decimals) if isinstance(value, float) else [plain(item) for item in value]

    known = areas()
    chosen = outlines() if codes is None else {code: outlines()[code] for code in codes}
    features = []
    for code, geometry in chosen.items():
        told = mapping(geometry)
        features.append(
            {
                "type": "Feature",
                "id": code,
                "properties": {"code": code, "name": known[code].name},
                "geometry": {"type": told["type"], "coordinates": plain(told["coordinates"])},
            }
        )
    return {"type": "FeatureCollection", "features": features}


@cache
def districts() -> geopandas.GeoDataFrame:
    """Return the 16 districts as a GeoDataFrame: `code`, `name`, `geometry` (EPSG:4326), simplified as one coverage.

    北京经济技术开发区 has no outline and is not in it; see `areas` for all 17 reporting areas.
    """
    import geopandas

    shapes = outlines()
    known = areas()
    return geopandas.GeoDataFrame(
        {"code": list(shapes), "name": [known[code].name for code in shapes]},
        geometry=list(shapes.values()),
        crs="EPSG:4326",
    )
