"""Where serious risk sources of different units stand close together (综合叠加区域)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kit.errors import KitError

if TYPE_CHECKING:
    import pandas as pd

SERIOUS = ("major", "considerable")
METRES_PER_DEGREE = 111_320.0


def overlap_areas(sources: pd.DataFrame, *, metres: float = 300.0, at_least: int = 3, units: int = 2) -> pd.DataFrame:
    """Return the areas in which major and considerable risk sources of different units overlap.

    Around each risk source lies a circle of `metres` / 2, so two of them overlap when they are within `metres` of each
    other; circles that touch form one area. It is kept when it has at least `at_least` risk sources of at least `units`
    units. The distance is a proposal of the kit, not a published figure.

    Parameters
    ----------
    sources : `level, lon, lat` (WGS-84 degrees, null = left out), `unit_id, street_zh, sector_zh, accident_class_zh`.
    metres : distance in metres, above 0.

    Returns
    -------
    DataFrame
        序号, 街道（乡镇）, 面积（平方公里）, 风险源数, 其中重大, 单位数, 涉及行业, 可能事故; most risk sources first.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("major", 116.40, 39.90, f"U{i}", "甲街道", "餐饮", "火灾") for i in range(3)]
    >>> names = ["level", "lon", "lat", "unit_id", "street_zh", "sector_zh", "accident_class_zh"]
    >>> overlap_areas(pd.DataFrame(rows, columns=names))["风险源数"].tolist()
    [3]
    """
    import numpy
    import pandas as pd
    import shapely

    if metres <= 0:
        raise KitError(f"overlap distance {metres:g} m is not allowed; give metres above 0, for example 300")
    columns = ["序号", "街道（乡镇）", "面积（平方公里）", "风险源数", "其中重大", "单位数", "涉及行业", "可能事故"]
    frame = sources[sources["level"].isin(SERIOUS) & sources["lon"].notna() & sources["lat"].notna()]
    if frame.empty:
        return pd.DataFrame(columns=columns)
    # A local flat grid is exact to a few per mille over one district, far below what the coordinates are worth.
    middle = numpy.cos(numpy.radians(frame["lat"].mean()))
    x = frame["lon"].to_numpy(float) * METRES_PER_DEGREE * middle
    y = frame["lat"].to_numpy(float) * METRES_PER_DEGREE
    points = shapely.points(x, y)
    circles = shapely.union_all(shapely.buffer(points, metres / 2, quad_segs=8))
    parts: Any = numpy.array(list(getattr(circles, "geoms", [circles])), dtype=object)
    shapely.prepare(parts)
    which, where = shapely.STRtree(parts).query(points, predicate="intersects")
    part_of = pd.Series(where, index=which).groupby(level=0).first().reindex(range(len(frame)))
    rows = []
    part: Any
    for part, group in frame.groupby(part_of.to_numpy()):
        if len(group) < at_least or group["unit_id"].nunique() < units:
            continue
        street = group["street_zh"].dropna().value_counts()
        sectors, accidents = group["sector_zh"].dropna().unique(), group["accident_class_zh"].dropna().value_counts()
        rows.append(
            (
                "、".join(map(str, street.index[:2])) or None,
                float(parts[int(part)].area) / 1e6,
                len(group),
                int((group["level"] == "major").sum()),
                int(group["unit_id"].nunique()),
                "、".join(sorted(map(str, sectors))),
                "、".join(map(str, accidents.index[:3])),
            )
        )
    table = pd.DataFrame(rows, columns=columns[1:]).sort_values(
        ["风险源数", "其中重大"], ascending=False, kind="stable", ignore_index=True
    )
    table.insert(0, "序号", range(1, len(table) + 1))
    return table
