"""Coordinate systems of Chinese maps: WGS-84, CGCS2000 (EPSG:4490), GCJ-02 (国测局坐标) and BD-09 (百度坐标).

GCJ-02 is WGS-84 shifted by some hundred metres, differently from place to place; BD-09 is GCJ-02 shifted once more.
The shifts follow the formulas that are publicly known; they are not officially published. CGCS2000 agrees with
WGS-84 to decimetres, below the accuracy of any point in a register, so its degrees are kept.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, did_you_mean

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Degrees = NDArray[np.float64]

SYSTEMS = {"wgs84": "WGS-84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
# Seven decimals of a degree are about a centimetre.
DIGITS = 7
# Outside this box (degrees east and north) maps are not shifted.
_SHIFTED = (72.004, 137.8347, 0.8293, 55.8271)
# Krasovsky 1940, on which the shift is defined.
_AXIS = 6_378_245.0
_ECCENTRICITY2 = 0.00669342162296594323
_BD_TURN = math.pi * 3000 / 180


def convert_coordinates(lon: ArrayLike, lat: ArrayLike, source: str, target: str = "wgs84") -> tuple[Degrees, Degrees]:
    """Return longitudes and latitudes (degrees) of points in another system; NaN stays NaN.

    The way back from a shifted system is exact to less than 1e-9 degrees (0.1 mm) of the public formula. Points
    outside China are not shifted in any system.

    Parameters
    ----------
    source, target : wgs84, cgcs2000, gcj02 or bd09.

    Raises
    ------
    KitError
        When a system is not one of these.

    Examples
    --------
    At Tiananmen, GCJ-02 lies 0.00624 degrees east and 0.00140 degrees north of WGS-84:

    >>> lon, lat = convert_coordinates([116.391], [39.907], "wgs84", "gcj02")
    >>> round(float(lon[0]) - 116.391, 5), round(float(lat[0]) - 39.907, 5)
    (0.00624, 0.0014)
    """
    import numpy as np

    for name in (source, target):
        if name not in SYSTEMS:
            raise KitError(f"no coordinate system '{name}'; {did_you_mean(name, SYSTEMS)}")
    x, y = np.array(lon, dtype="float64"), np.array(lat, dtype="float64")
    order = {"wgs84": 0, "cgcs2000": 0, "gcj02": 1, "bd09": 2}
    at, end = order[source], order[target]
    shifted = shiftable(x, y)
    for step in range(at, end):
        moved = (_gcj_from_wgs, _bd_from_gcj)[step](x, y)
        x, y = np.where(shifted, moved[0], x), np.where(shifted, moved[1], y)
    for step in range(at, end, -1):
        moved = _undo((_gcj_from_wgs, _bd_from_gcj)[step - 1], x, y)
        x, y = np.where(shifted, moved[0], x), np.where(shifted, moved[1], y)
    return x, y


def shiftable(lon: Any, lat: Any) -> Any:
    """Return where points (degrees) lie in the box around China inside which maps are shifted; False for NaN.

    Examples
    --------
    >>> shiftable(116.4, 39.9), shiftable(39.9, 116.4)
    (True, False)
    """
    west, east, south, north = _SHIFTED
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def to_wgs84(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return a table with its points in WGS-84, and how many rows were converted from each system.

    Rows are converted by their own `crs`; `lon` and `lat` (degrees) of converted rows are rounded to 7 decimals and
    their `crs` becomes wgs84. Left as they are: rows without coordinates, with an unknown `crs` or none, and shifted
    ones that cannot lie in China (swapped, 0/0): the quality check finds these.

    Examples
    --------
    >>> import pandas as pd
    >>> points = pd.DataFrame({"lon": [116.39724, 39.9], "lat": [39.9084, 116.4], "crs": ["gcj02", "gcj02"]})
    >>> frame, counts = to_wgs84(points)
    >>> frame["crs"].tolist(), counts
    (['wgs84', 'gcj02'], {'gcj02': 1})
    """
    import numpy as np

    counts: dict[str, int] = {}
    result = frame
    for system in ("cgcs2000", "gcj02", "bd09"):
        mask = ((frame["crs"] == system).fillna(False) & frame["lon"].notna() & frame["lat"].notna()).to_numpy(bool)
        if system != "cgcs2000":
            mask = mask & np.asarray(
                shiftable(frame["lon"].to_numpy("float64"), frame["lat"].to_numpy("float64")), bool
            )
        if not mask.any():
            continue
        if result is frame:
            result = frame.copy()
        if system != "cgcs2000":
            lon, lat = convert_coordinates(frame.loc[mask, "lon"], frame.loc[mask, "lat"], system)
            result.loc[mask, "lon"], result.loc[mask, "lat"] = lon.round(DIGITS), lat.round(DIGITS)
        result.loc[mask, "crs"] = "wgs84"
        counts[system] = int(mask.sum())
    return result, counts


def _gcj_from_wgs(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return GCJ-02 by the public formula: sums of sines of the place, scaled to degrees on the ellipsoid."""
    import numpy as np

    sin, pi = np.sin, math.pi
    x, y = lon - 105.0, lat - 35.0
    common = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    root = np.sqrt(np.abs(x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    angle = lat / 180 * pi
    magic = 1 - _ECCENTRICITY2 * sin(angle) ** 2
    metres_north = _AXIS * (1 - _ECCENTRICITY2) / (magic * np.sqrt(magic)) * pi / 180
    metres_east = _AXIS / np.sqrt(magic) * np.cos(angle) * pi / 180
    return lon + east / metres_east, lat + north / metres_north


def _bd_from_gcj(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    import numpy as np

    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _undo(shift: Any, lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return the points that `shift` moves to these; the shift changes slowly, so that this settles in a few turns."""
    import numpy as np

    x, y = lon.copy(), lat.copy()
    with np.errstate(invalid="ignore"):
        for _ in range(30):
            moved = shift(x, y)
            dx, dy = moved[0] - lon, moved[1] - lat
            x, y = x - dx, y - dy
            if not np.any(np.abs([dx, dy]) > 1e-12):
                break
    return x, y
