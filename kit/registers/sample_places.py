"""Made places: points inside the districts, clustered as real ones are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kit.paths import package_assets
from kit.registers.codes_list import load_codes
from kit.registers.sample_profile import settings

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import shapely

# The boundary layer is precise to about 150 m: points keep this far from an edge (in degrees of longitude at 40° N).
MARGIN_DEGREES = 200.0 / (111_320.0 * 0.766)


def district_polygons() -> dict[str, shapely.Geometry]:
    """Return district code -> polygon in WGS-84 degrees, drawn in by the margin."""
    import shapely

    path = package_assets() / "boundaries" / "beijing_districts.geojson"
    shapes = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        shape = shapely.geometry.shape(feature["geometry"]).buffer(-MARGIN_DEGREES)
        shapely.prepare(shape)
        shapes[feature["properties"]["code"]] = shape
    return shapes


def draw_places(rng: np.random.Generator, count: int) -> pd.DataFrame:
    """Return `count` made places: district, street (codes), lon, lat (WGS-84, 5 decimals, about 1 m).

    Points lie in the polygon of their district, at least 150 m from its edge, around a few streets each; those of the
    development zone, which has no polygon, around its seat.
    """
    import numpy as np
    import pandas as pd

    weights = settings()["areas"]
    codes = list(weights)
    share = np.array([float(weights[code]) for code in codes])
    # Every area gets its share exactly and at least one place, so that small samples cover all areas too.
    counts = np.maximum(1, np.floor(share / share.sum() * count).astype(int))
    while counts.sum() != count:
        counts[np.argmax(counts)] += 1 if counts.sum() < count else -1
    zone = settings()["zone"]
    shapes = district_polygons()
    streets = load_codes("streets_towns")
    streets = streets[~streets["kind"].str.startswith("非行政区") & ~streets["code"].isin(zone["streets"])]
    parts = []
    for code, number in zip(codes, counts.tolist(), strict=True):
        if code == zone["code"]:
            chosen = rng.choice(np.array(zone["streets"], dtype=object), number)
            points = rng.normal((zone["lon"], zone["lat"]), zone["spread"], (number, 2))
        else:
            own = streets[streets["district_code"] == code]
            chosen, points = _in_district(rng, shapes[code], own, number)
        parts.append(pd.DataFrame({"district": code, "street": chosen, "lon": points[:, 0], "lat": points[:, 1]}))
    places = pd.concat(parts, ignore_index=True)
    places = places.iloc[rng.permutation(len(places))].reset_index(drop=True)
    return places.assign(lon=places["lon"].round(5), lat=places["lat"].round(5)).astype(
        {"district": "str", "street": "str"}
    )


def _in_district(
    rng: np.random.Generator, shape: shapely.Geometry, streets: pd.DataFrame, number: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the streets and points (lon, lat) of `number` places in one district."""
    import numpy as np
    import shapely

    centres = np.empty((len(streets), 2))
    spread = np.full(len(streets), 0.008)
    boxes = streets["bbox_w_s_e_n"].tolist()
    known = streets[["bbox_center_lon_wgs84", "bbox_center_lat_wgs84"]].to_numpy()
    for place in range(len(streets)):
        if known[place, 0]:
            centres[place] = known[place].astype(float)
            west, south, east, north = (float(edge) for edge in boxes[place].split())
            spread[place] = min(east - west, north - south) / 5.0
        if not known[place, 0] or not shapely.contains_xy(shape, *centres[place]):
            centres[place] = _uniform(rng, shape, 1)[0]
    busy = rng.gamma(0.8, 1.0, len(streets)) + 0.15
    index = rng.choice(len(streets), number, p=busy / busy.sum())
    points = np.full((number, 2), np.nan)
    for _ in range(40):
        open_rows = np.flatnonzero(np.isnan(points[:, 0]))
        if not len(open_rows):
            break
        street = index[open_rows]
        trial = rng.normal(centres[street], spread[street, None])
        good = shapely.contains_xy(shape, trial[:, 0].round(5), trial[:, 1].round(5))
        points[open_rows[good]] = trial[good]
    left = np.flatnonzero(np.isnan(points[:, 0]))
    if len(left):
        points[left] = _uniform(rng, shape, len(left))
    return streets["code"].to_numpy(dtype=object)[index], points


def _uniform(rng: np.random.Generator, shape: shapely.Geometry, number: int) -> np.ndarray:
    """Return points spread evenly over a polygon, by drawing from its box until enough lie inside."""
    import numpy as np
    import shapely

    west, south, east, north = shape.bounds
    found = np.empty((0, 2))
    while len(found) < number:
        trial = rng.uniform((west, south), (east, north), (max(64, 4 * number), 2))
        found = np.vstack([found, trial[shapely.contains_xy(shape, trial[:, 0].round(5), trial[:, 1].round(5))]])
    return found[:number]
