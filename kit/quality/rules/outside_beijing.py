"""坐标应在北京市范围内

经度 115.41～117.51，纬度 39.43～41.06（WGS-84）
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.rules._places import inside, swapped

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"units": "lon", "risk_sources": "lon", "resources": "lon"}
NEEDS = ("lat",)


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the point lies outside; exchanged coordinates are another rule's finding, null here."""
    lon, lat = frame["lon"], frame["lat"]
    applies = lon.notna() & lat.notna() & ~swapped(lon, lat)
    return (~inside(lon, lat)).astype("boolean").where(applies)
