"""坐标应在所填的区内

所填区的范围（边界为示意，容许偏差 300 m）；区以监管归属为准，确属跨界监管的请说明
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.rules._places import district_shapes, inside

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"units": "district"}
NEEDS = ("lon", "lat")
# The responsible authority need not be the one whose polygon the point falls in.
SEVERITY = "warning"

# Twice the precision of the boundary layer, which is about 150 m.
TOLERANCE_M = 300.0


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a point of Beijing lies outside its stated district; null for areas without a polygon."""
    import pandas as pd
    import shapely

    result = pd.Series(pd.NA, index=frame.index, dtype="boolean")
    usable = inside(frame["lon"], frame["lat"])
    for code, shape in district_shapes(TOLERANCE_M).items():
        rows = frame.index[usable & (frame["district"] == code)]
        if len(rows):
            lon, lat = frame.loc[rows, "lon"].to_numpy(), frame.loc[rows, "lat"].to_numpy()
            result.loc[rows] = ~shapely.contains_xy(shape, lon, lat)
    return result
