"""What several rules know about places in Beijing."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from kit.paths import package_assets

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import shapely

# Bounding box of the municipality in WGS-84 degrees, computed from the boundary layer.
LON = (115.41, 117.51)
LAT = (39.43, 41.06)
METRES_PER_DEGREE = 111_320.0


def inside(lon: pd.Series, lat: pd.Series) -> pd.Series:
    """Return whether points lie in the box; False where a coordinate is null."""
    return lon.between(*LON) & lat.between(*LAT)


def swapped(lon: pd.Series, lat: pd.Series) -> pd.Series:
    """Return whether points lie in the box with longitude and latitude exchanged."""
    return inside(lat, lon)


@cache
def district_shapes(tolerance_m: float) -> dict[str, Any]:
    """Return district code -> polygon (WGS-84 degrees), widened by a tolerance since the layer is approximate."""
    import shapely

    path = package_assets() / "boundaries" / "beijing_districts.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    # A degree of longitude at 40° N is shorter than one of latitude; the wider of both keeps the tolerance.
    width = tolerance_m / (METRES_PER_DEGREE * 0.766)
    shapes = {}
    for feature in features:
        shape = shapely.geometry.shape(feature["geometry"]).buffer(width)
        shapely.prepare(shape)
        shapes[feature["properties"]["code"]] = shape
    return shapes


@cache
def default_points() -> shapely.STRtree:
    """Return the seats of the districts and the middles of the streets' boxes, to be searched by distance."""
    import shapely

    from kit.registers.codes_list import load_codes

    places = []
    for name, columns in (
        ("districts", ["seat_lon_wgs84", "seat_lat_wgs84"]),
        ("streets_towns", ["bbox_center_lon_wgs84", "bbox_center_lat_wgs84"]),
    ):
        known = load_codes(name)[columns]
        places.append(known[(known != "").all(axis=1)].to_numpy(dtype=float))
    return shapely.STRtree([shapely.Point(x, y) for part in places for x, y in part])


def distance_m(lon: np.ndarray, lat: np.ndarray, lon2: np.ndarray, lat2: np.ndarray) -> np.ndarray:
    """Return the distances of near points in metres (plane, good to 0.1 % inside the city)."""
    import numpy as np

    east = (lon2 - lon) * np.cos(np.radians(lat)) * METRES_PER_DEGREE
    return np.asarray(np.hypot(east, (lat2 - lat) * METRES_PER_DEGREE))
