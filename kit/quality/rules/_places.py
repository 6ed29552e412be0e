"""What several rules know about places in Beijing."""

from __future__ import annotations

import json
import math
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


def gcj02(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points of WGS-84 in GCJ-02 by the public formula (Krasovsky 1940 ellipsoid); about 555 m in Beijing.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = gcj02(np.array([116.39747]), np.array([39.90872]))
    >>> round(float(x[0]) - 116.39747, 4), round(float(y[0]) - 39.90872, 4)
    (0.0062, 0.0014)
    """
    import numpy as np

    a, ee, pi = 6378245.0, 0.00669342162296594323, math.pi
    x, y = lon - 105.0, lat - 35.0
    waves = (20 * np.sin(6 * x * pi) + 20 * np.sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + waves
    north = north + (20 * np.sin(y * pi) + 40 * np.sin(y / 3 * pi)) * 2 / 3
    north = north + (160 * np.sin(y / 12 * pi) + 320 * np.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + waves
    east = east + (20 * np.sin(x * pi) + 40 * np.sin(x / 3 * pi)) * 2 / 3
    east = east + (150 * np.sin(x / 12 * pi) + 300 * np.sin(x / 30 * pi)) * 2 / 3
    phi = np.radians(lat)
    magic = 1 - ee * np.sin(phi) ** 2
    root = np.sqrt(magic)
    d_lat = north * 180 / (a * (1 - ee) / (magic * root) * pi)
    d_lon = east * 180 / (a / root * np.cos(phi) * pi)
    return lon + d_lon, lat + d_lat
