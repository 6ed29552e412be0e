"""The shift between WGS-84 and GCJ-02 (国测局坐标), for what is recognised and planted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


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
