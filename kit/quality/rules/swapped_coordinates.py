"""经度和纬度不得颠倒

经度 115.41～117.51，纬度 39.43～41.06；请把经度和纬度互换
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.rules._places import swapped

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"units": "lon", "risk_sources": "lon", "resources": "lon"}
NEEDS = ("lat",)


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the point lies in Beijing only with the coordinates exchanged; null without coordinates."""
    known = frame["lon"].notna() & frame["lat"].notna()
    return swapped(frame["lon"], frame["lat"]).astype("boolean").where(known)
