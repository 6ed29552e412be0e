"""Compound risks (综合叠加): serious risk sources of different kinds close together, and where they gather."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError
from kit.inventory.hot_spots import cells_of, hot_spots, joined

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

NEEDED = ("source_id", "unit_id", "lon", "lat", "accident_class", "level")
SHOWN = ("name", "unit_name", "street_zh", "sector_zh")
"""Columns that are carried into the results where they are there."""
_PAIRS = 4_000_000
"""Neighbours looked at in one go, which bounds the memory to a few hundred megabytes."""


@dataclass(frozen=True)
class Compound:
    """Where risks of different kinds lie together.

    Attributes
    ----------
    near : the serious sources that have a serious source of another kind and another unit within the distance.
    areas : circles that hold such sources, most kinds first; a source is in one of them at most.
    cells : H3 cells with serious sources of at least two kinds and two units.
    spots : H3 cells tested for a hot spot, as `hot_spots` returns them.
    hot_areas : hot cells that touch, as one row each, with the kinds in them.
    counts : sources read, located, of a kind, serious, of unknown level; nothing is left out unsaid.
    metres, rate : the distance and the false discovery rate that were used.
    """

    near: pd.DataFrame
    areas: pd.DataFrame
    cells: pd.DataFrame
    spots: pd.DataFrame
    hot_areas: pd.DataFrame
    counts: dict[str, int]
    metres: float
    rate: float


@cache
def settings() -> dict[str, Any]:
    """Return the kinds, distances and headings of `compound.yaml`."""
    from kit.standard.yaml_io import read_yaml

    found: dict[str, Any] = read_yaml(Path(__file__).with_name("compound.yaml"))[0]
    return found


def compound_risks(
    sources: pd.DataFrame,
    *,
    metres: float | None = None,
    resolution: int | None = None,
    hot_spot_resolution: int | None = None,
    rate: float | None = None,
) -> Compound:
    """Return where serious risk sources of different kinds lie together, by distance and by cell, and the hot spots.

    Serious is 重大 and 较大; the kinds are groups of accident classes (`compound.yaml`). Distances are metres on the
    UTM grid of the place (off by at most 0.4 per mille). Sources that are pending or cannot be scored are never taken
    for low: they are counted beside (`n_unknown`), and a unit whose mark they could change is left out of the test.

    Parameters
    ----------
    sources : one row for each source: `source_id` (unique), `unit_id`, `lon`, `lat` (WGS-84 degrees, null = not
        located), `accident_class`, `level` (null = unknown); as `assess` returns them. `name`, `unit_name`,
        `street_zh`, `sector_zh` are shown where they are there. Rows may stand in any order.
    metres : how far apart two sources may lie, above 0; 300 by default.
    resolution, hot_spot_resolution : of the H3 cells, 0 to 15; 9 and 8 by default.
    rate : false discovery rate of the hot spots; 0.05 by default.

    Raises
    ------
    KitError
        When a column is absent, a source stands twice, or a parameter is outside its range.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("R1", "U1", 116.400, 39.90, "08", "major"), ("R2", "U2", 116.401, 39.90, "X1", "considerable")]
    >>> columns = ["source_id", "unit_id", "lon", "lat", "accident_class", "level"]
    >>> found = compound_risks(pd.DataFrame(rows, columns=columns))
    >>> found.near[["source_id", "nearest_source_id", "nearest_metres"]].round(0).to_numpy().tolist()
    [['R1', 'R2', 85.0], ['R2', 'R1', 85.0]]
    >>> found.areas["kinds_zh"].tolist()
    ['火灾、拥挤踩踏']
    """
    import pandas as pd

    asked = settings()
    metres = asked["metres"] if metres is None else metres
    resolution = asked["cell_resolution"] if resolution is None else resolution
    coarse = asked["hot_spot_resolution"] if hot_spot_resolution is None else hot_spot_resolution
    rate = asked["false_discovery_rate"] if rate is None else rate
    _check(sources, metres, resolution)
    frame, counts = _prepared(sources)
    serious = frame[frame["serious"] & frame["kind"].ge(0)].reset_index(drop=True)
    unknown = frame[frame["unknown"]]
    pairs = _near(serious, metres)
    near = _shown_near(serious, pairs)
    areas, area_of = _areas(serious, unknown, pairs, metres)
    # What is left over where all its neighbours belong to other areas is in none.
    number = pd.Series(area_of[pairs["at"]], dtype="Int64")
    near.insert(0, "area", number.where(number > 0))
    cells = _cells(serious, unknown, resolution)
    spots = hot_spots(
        _marks(frame), resolution=coarse, rings=asked["hot_spot_rings"], at_least=asked["hot_spot_units"], rate=rate
    )
    counts |= {"compound": len(near), "units_tested": len(_marks(frame))}
    return Compound(near, areas, cells, spots, _hot_areas(serious, spots, coarse), counts, metres, rate)


def _check(sources: pd.DataFrame, metres: float, resolution: int) -> None:
    wrong = []
    absent = [name for name in NEEDED if name not in sources.columns]
    if absent:
        wrong.append(f"the sources have no column {', '.join(absent)}; needed are {', '.join(NEEDED)}")
    else:
        twice = sources.loc[sources["source_id"].duplicated() | sources["source_id"].isna(), "source_id"]
        if len(twice):
            some = ", ".join(sorted(map(str, twice.unique()))[:5])
            wrong.append(f"{len(twice)} source_id are null or stand twice ({some}); every source needs its own")
    if not 0 < metres < 50_000:
        wrong.append(f"distance {metres:g} m is not allowed; give metres above 0 and below 50 000, for example 300")
    if not 0 <= resolution <= 15:
        wrong.append(f"resolution {resolution} is not allowed; give 0 to 15, for example 9")
    if wrong:
        raise KitError("; ".join(wrong))


def _prepared(sources: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the located sources by number, with `kind` (-1 = none), `serious`, `unknown`, `x`, `y`; and the counts."""
    import geopandas
    import numpy as np

    asked = settings()
    frame = sources[[*NEEDED, *[name for name in SHOWN if name in sources.columns]]]
    placed = frame["lon"].between(-180, 180) & frame["lat"].between(-80, 84)
    frame = frame[placed].sort_values("source_id", ignore_index=True)
    kinds = {code: at for at, kind in enumerate(asked["kinds"].values()) for code in kind["classes"]}
    frame["kind"] = frame["accident_class"].map(kinds).fillna(-1).astype("int64")
    frame["serious"] = frame["level"].isin(asked["serious"])
    frame["unknown"] = frame["level"].isna() | frame["level"].isin(asked["unknown"])
    points = geopandas.GeoSeries(geopandas.points_from_xy(frame["lon"], frame["lat"], crs="EPSG:4326"))
    grid = points.to_crs(points.estimate_utm_crs()) if len(points) else points
    frame["x"], frame["y"] = np.asarray(grid.x, dtype="float64"), np.asarray(grid.y, dtype="float64")
    return frame, {
        "read": len(sources),
        "located": len(frame),
        "not_located": len(sources) - len(frame),
        "serious": int(frame["serious"].sum()),
        "serious_of_no_kind": int((frame["serious"] & (frame["kind"] < 0)).sum()),
        "unknown": int(frame["unknown"].sum()),
    }


def _near(serious: pd.DataFrame, metres: float) -> dict[str, Any]:
    """Return for each source with neighbours of another kind and unit: its row, how many, of how many units, the kinds
    as bits, the row of the nearest and its distance."""
    import numpy as np
    import pandas as pd
    from scipy.spatial import cKDTree

    empty = {"at": np.empty(0, "int64"), "n": np.empty(0, "int64"), "units": np.empty(0, "int64"),
             "bits": np.empty(0, "int64"), "nearest": np.empty(0, "int64"), "metres": np.empty(0)}  # fmt: skip
    if serious.empty:
        return empty
    # Sources of one unit, kind and place are neighbours of the same sources: one item with a number.
    keys = ["unit_id", "kind", "x", "y"]
    grouped = serious.groupby(keys, sort=True)
    item_of = grouped.ngroup().to_numpy()
    items = grouped.size().rename("number").reset_index()
    first = np.full(len(items), len(serious))
    np.minimum.at(first, item_of, np.arange(len(serious)))
    unit = pd.factorize(items["unit_id"], sort=True)[0]
    kind, number = items["kind"].to_numpy(), items["number"].to_numpy()
    points = items[["x", "y"]].to_numpy("float64")
    tree = cKDTree(points)
    load = np.cumsum(tree.query_ball_point(points, metres, return_length=True))
    blocks = np.split(np.arange(len(items)), np.flatnonzero(np.diff(load // _PAIRS)) + 1)
    parts = []
    for block in blocks:
        found = cKDTree(points[block]).sparse_distance_matrix(tree, metres, output_type="ndarray")
        i, j, away = block[found["i"]], found["j"], found["v"]
        other = (kind[i] != kind[j]) & (unit[i] != unit[j])
        i, j, away = i[other], j[other], away[other]
        if not len(i):
            continue
        order = np.lexsort((first[j], away, i))
        i, j, away = i[order], j[order], away[order]
        start = np.flatnonzero(np.r_[True, i[1:] != i[:-1]])
        units = np.unique(i * (unit.max() + 1) + unit[j]) // (unit.max() + 1)
        parts.append(
            {
                "at": i[start],
                "n": np.add.reduceat(number[j], start),
                "units": np.unique(units, return_counts=True)[1],
                "bits": np.bitwise_or.reduceat(1 << kind[j], start),
                "nearest": first[j[start]],
                "metres": away[start],
            }
        )
    if not parts:
        return empty
    by_item = {name: np.concatenate([part[name] for part in parts]) for name in empty}
    place = np.full(len(items), -1)
    place[by_item.pop("at")] = np.arange(len(by_item["n"]))
    mine = place[item_of]
    at = np.flatnonzero(mine >= 0)
    return {"at": at} | {name: values[mine[at]] for name, values in by_item.items()}


def _shown_near(serious: pd.DataFrame, pairs: dict[str, Any]) -> pd.DataFrame:
    rows = serious.iloc[pairs["at"]].reset_index(drop=True)
    frame = rows[["source_id", "unit_id", *[name for name in SHOWN if name in rows.columns], "level"]].copy()
    frame["kind_zh"] = kind_words(1 << rows["kind"].to_numpy())
    frame["n_near"], frame["n_units_near"] = pairs["n"], pairs["units"]
    frame["n_kinds_near"] = _bits(pairs["bits"])
    frame["kinds_zh"] = kind_words(pairs["bits"])
    frame["nearest_source_id"] = serious["source_id"].to_numpy()[pairs["nearest"]]
    frame["nearest_metres"] = pairs["metres"]
    return frame


def kind_words(bits: np.ndarray[Any, Any]) -> list[str]:
    """Return the Chinese names of the kinds whose bits are set, joined by 、.

    Examples
    --------
    >>> import numpy as np
    >>> kind_words(np.array([1, 3]))
    ['火灾', '火灾、爆炸']
    """
    import numpy as np

    labels = [kind["label"] for kind in settings()["kinds"].values()]
    values, which = np.unique(bits, return_inverse=True)
    words = ["、".join(label for at, label in enumerate(labels) if value >> at & 1) for value in values.tolist()]
    return [words[at] for at in which.reshape(-1).tolist()]


def _bits(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    import numpy as np

    return np.bitwise_count(values.astype("uint64")).astype("int64")


def _areas(
    serious: pd.DataFrame, unknown: pd.DataFrame, pairs: dict[str, Any], metres: float
) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    """Return the areas and the number of the area of each serious source (0 = none).

    The circle around the source with the most kinds and sources near it is the first area; what is left goes on. Chains
    of sources do not grow together into one area the size of the inner city, as touching circles would.
    """
    import numpy as np
    import pandas as pd
    from scipy.spatial import cKDTree

    area_of = np.zeros(len(serious), dtype="int64")
    rows: list[Any] = []
    at = pairs["at"]
    if len(at):
        points = serious[["x", "y"]].to_numpy("float64")
        kind, unit = serious["kind"].to_numpy(), pd.factorize(serious["unit_id"], sort=True)[0]
        tree = cKDTree(points)
        # Sources at one place have the same circle; the first of them stands for all.
        places = pd.DataFrame({"x": points[at, 0], "y": points[at, 1], "at": at, "n": pairs["n"],
                               "kinds": _bits(pairs["bits"] | 1 << kind[at])})  # fmt: skip
        places = places.sort_values(["kinds", "n", "at"], ascending=[False, False, True], kind="stable")
        for centre in places.drop_duplicates(["x", "y"])["at"].tolist():
            if area_of[centre]:
                continue
            inside = np.sort(np.array(tree.query_ball_point(points[centre], metres), dtype="int64"))
            inside = inside[area_of[inside] == 0]
            if len(np.unique(kind[inside])) < 2 or len(np.unique(unit[inside])) < 2:
                continue
            rows.append(centre)
            area_of[inside] = len(rows)
    members = serious[area_of > 0].assign(area=area_of[area_of > 0])
    table = _summary(members, "area")
    table = table.sort_values("area", ignore_index=True)
    table["lon"], table["lat"] = serious["lon"].to_numpy()[rows], serious["lat"].to_numpy()[rows]
    table["n_unknown"] = 0
    if len(unknown) and rows:
        others = cKDTree(unknown[["x", "y"]].to_numpy("float64"))
        table["n_unknown"] = others.query_ball_point(points[rows], metres, return_length=True)
    ranked = table.sort_values(["n_kinds", "n_sources", "area"], ascending=[False, False, True], ignore_index=True)
    number = dict(zip(ranked["area"], range(1, len(ranked) + 1), strict=True))
    ranked["area"] = range(1, len(ranked) + 1)
    return ranked, np.array([number.get(area, 0) for area in area_of.tolist()], dtype="int64")


def _summary(members: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return for each group the numbers of sources, major ones, units and kinds, and what they are."""
    import pandas as pd

    groups = members.groupby(by, sort=True)
    table = pd.DataFrame(
        {
            "n_sources": groups.size(),
            "n_major": (members["level"] == "major").groupby(members[by]).sum(),
            "n_units": groups["unit_id"].nunique(),
        }
    ).astype("int64")
    bits = (
        members[[by, "kind"]].drop_duplicates().assign(bit=lambda rows: 2 ** rows["kind"]).groupby(by)["bit"].sum()
    ).reindex(table.index)
    table["n_kinds"] = _bits(bits.to_numpy("int64"))
    table["kinds_zh"] = pd.Series(kind_words(bits.to_numpy("int64")), index=table.index, dtype="str")
    for column, name in (("street_zh", "street_zh"), ("sector_zh", "sectors_zh")):
        if column in members:
            each = members[[by, column]].dropna().drop_duplicates().sort_values([by, column])
            table[name] = each.groupby(by)[column].agg("、".join).reindex(table.index)
    return table.rename_axis(by).reset_index()


def _cells(serious: pd.DataFrame, unknown: pd.DataFrame, resolution: int) -> pd.DataFrame:
    import h3
    import numpy as np
    import pandas as pd

    table = _summary(serious.assign(cell=cells_of(serious["lon"], serious["lat"], resolution)), "cell")
    table = table[(table["n_kinds"] >= 2) & (table["n_units"] >= 2)]
    table = table.sort_values(["n_kinds", "n_sources", "cell"], ascending=[False, False, True], ignore_index=True)
    others = pd.Series(cells_of(unknown["lon"], unknown["lat"], resolution), dtype="object").value_counts()
    table["n_unknown"] = table["cell"].map(others).fillna(0).astype("int64")
    middle = np.array([h3.cell_to_latlng(cell) for cell in table["cell"]], dtype="float64").reshape(-1, 2)
    table.insert(1, "lat", middle[:, 0])
    table.insert(1, "lon", middle[:, 1])
    return table


def _marks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the units whose mark is known, at the place of their first source.

    A unit with a serious source is marked whatever else is unknown; one without is unmarked only when every level is
    known. A unit counts once, however many sources it has: their levels rest on the same answers.
    """
    by_unit = frame.groupby("unit_id", sort=True)
    units = by_unit[["lon", "lat"]].first()
    units["serious"], unknown = by_unit["serious"].any(), by_unit["unknown"].any()
    units["size"] = by_unit.size()
    return units[units["serious"] | ~unknown].reset_index()


def _hot_areas(serious: pd.DataFrame, spots: pd.DataFrame, resolution: int) -> pd.DataFrame:
    """Return the hot cells that touch as one row each, with the serious sources inside them."""
    import pandas as pd

    hot = spots.loc[spots["spot"] == "hot", ["cell", "q"]] if len(spots) else pd.DataFrame(columns=["cell", "q"])
    hot = hot.assign(area=joined(list(hot["cell"])))
    patch = pd.Series(cells_of(serious["lon"], serious["lat"], resolution)).map(hot.set_index("cell")["area"])
    inside = serious[patch.notna().to_numpy()].assign(area=patch[patch.notna()].to_numpy(dtype="int64"))
    table = _summary(inside, "area")
    by_area = hot.groupby("area")
    table["n_cells"] = table["area"].map(by_area.size()).astype("int64")
    table["q"] = table["area"].map(by_area["q"].min()).astype("float64")
    place = inside.groupby("area")[["lon", "lat"]].mean()
    table["lon"], table["lat"] = table["area"].map(place["lon"]), table["area"].map(place["lat"])
    table = table.sort_values(["n_sources", "area"], ascending=[False, True], ignore_index=True)
    table["area"] = range(1, len(table) + 1)
    return table
