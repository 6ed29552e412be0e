"""The changes and the compound risks as people read them: Chinese headings, names for codes, what is illustrative."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from kit.inventory.changes import Changes
    from kit.inventory.compound import Compound
    from kit.standard.standard import Standard

MADE_ZH = "示例数据：由程序生成，不对应任何真实单位"
STANDARD_ZH = "等级依据示意性标准"
COMPOUND_ZH = "风险种类的划分和距离为示意值"


@cache
def words() -> dict[str, Any]:
    """Return the words of `changes.yaml`."""
    from kit.standard.yaml_io import read_yaml

    found: dict[str, Any] = read_yaml(Path(__file__).with_name("changes.yaml"))[0]
    return found


def standing(standards: Iterable[Standard], *, made: bool, compound: bool = False) -> str:
    """Return what every row has to say of where it comes from; empty where all is official.

    Examples
    --------
    >>> standing([], made=True)
    '示例数据：由程序生成，不对应任何真实单位'
    """
    illustrative = any(standard.illustrative for standard in standards)
    parts = [MADE_ZH if made else "", STANDARD_ZH if illustrative else "", COMPOUND_ZH if compound else ""]
    return "；".join(part for part in parts if part)


def district_code(district: str) -> str:
    """Return the code of a reporting area given by code or Chinese name.

    Raises
    ------
    KitError
        When it is none of the 17, with the nearest.

    Examples
    --------
    >>> district_code("东城区"), district_code("110101")
    ('110101', '110101')
    """
    from kit.registers.codes_list import code_names

    codes = {name: code for code, name in code_names("districts").items()}
    code = codes.get(district, district)
    if code not in code_names("districts"):
        raise KitError(f"no district '{district}'; {did_you_mean(district, codes)}")
    return code


def changes_sheet(
    changes: Changes, units: pd.DataFrame, *, note: str = "", only: Iterable[str] | None = None
) -> pd.DataFrame:
    """Return the list of changes, what has to be read first at the top; sources not reviewed anew stand last.

    Parameters
    ----------
    units : `unit_id, name, district, street` of both quarters (the units of closed sources are in the one before).
    note : what stands in 说明 on every row.
    only : numbers of the sources to keep; all by default.
    """
    import pandas as pd

    from kit.inventory.changes import KINDS
    from kit.inventory.tables_counts import CLASS_NAMES, WORDS
    from kit.registers.codes_list import code_names

    asked = words()
    rows = changes.rows.assign(change_zh=changes.rows["change"].map(WORDS["changes"]))
    late = changes.unreviewed.assign(change_zh=asked["unreviewed"])
    rank = {name: place for place, name in enumerate(KINDS)}
    grave = {name: place for place, name in enumerate(CLASS_NAMES)}
    frame = pd.concat([rows.assign(rank=rows["change"].map(rank)), late.assign(rank=len(KINDS))], ignore_index=True)
    if only is not None:
        frame = frame[frame["source_id"].isin(set(only))]
    worst = pd.concat([frame["to_level"].map(grave), frame["from_level"].map(grave)], axis=1).min(axis=1)
    frame = frame.assign(worst=worst).sort_values(["rank", "worst", "source_id"], ignore_index=True)
    place = units.drop_duplicates("unit_id").set_index("unit_id")
    frame["unit_name"] = frame["unit_id"].map(place["name"])
    frame["district_zh"] = frame["unit_id"].map(place["district"]).map(code_names("districts"))
    frame["street_zh"] = frame["unit_id"].map(place["street"]).map(code_names("streets_towns"))
    frame["sector_zh"] = frame["sector"].map(code_names("sectors"))
    for column in ("from", "to"):
        frame[f"{column}_zh"] = frame[f"{column}_level"].map(CLASS_NAMES)
        computed = frame[f"{column}_computed"].map(CLASS_NAMES)
        there = frame[f"{column}_level"].notna()
        frame[f"{column}_computed_zh"] = computed.where(computed.notna() | ~there, CLASS_NAMES["insufficient"])
    frame["cause_zh"] = frame["cause"].map(asked["causes"])
    frame["standing_zh"] = note
    names = [
        "source_id", "name", "unit_name", "district_zh", "street_zh", "sector_zh", "change_zh", "from_zh", "to_zh",
        "reason_zh", "cause_zh", "from_computed_zh", "to_computed_zh", "from_standard", "to_standard", "standing_zh",
    ]  # fmt: skip
    return frame[names].rename(columns=asked["headings"])


def details_sheet(changes: Changes, *, note: str = "", only: Iterable[str] | None = None) -> pd.DataFrame:
    """Return every value, score, override and text that moved, one row each."""
    asked = words()
    frame = changes.details if only is None else changes.details[changes.details["source_id"].isin(set(only))]
    frame = frame.assign(what_zh=frame["what"].map(asked["whats"]), standing_zh=note)
    names = ["source_id", "what_zh", "label_zh", "before_zh", "now_zh", "standing_zh"]
    return frame[names].rename(columns=asked["headings"]).reset_index(drop=True)


def compound_sheets(found: Compound, *, note: str = "") -> dict[str, pd.DataFrame]:
    """Return the tables of compound risks by the name of their file: areas, sources, cells, hot_areas, hot_cells."""
    from kit.inventory.compound import settings
    from kit.inventory.tables_counts import CLASS_NAMES

    headings: Mapping[str, str] = settings()["headings"]
    spots = found.spots[found.spots["spot"].notna()] if len(found.spots) else found.spots
    frames = {
        "areas": found.areas,
        "sources": found.near,
        "cells": found.cells,
        "hot_areas": found.hot_areas,
        "hot_cells": spots.assign(spot=spots["spot"].map(headings)),
    }
    sheets = {}
    for name, frame in frames.items():
        shown = frame.assign(level=frame["level"].map(CLASS_NAMES)) if "level" in frame else frame
        shown = _rounded(shown).assign(standing_zh=note).rename(columns={**words()["headings"], **headings})
        sheets[name] = shown.reset_index(drop=True)
    return sheets


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with as many digits as a reader can use; p values keep three that count, however small."""
    digits = {"lon": 6, "lat": 6, "nearest_metres": 1, "expected": 2, "z": 2}
    exact = {name: frame[name].map(lambda value: float(f"{value:.3g}")) for name in ("p", "q") if name in frame}
    return frame.assign(**exact).round({name: places for name, places in digits.items() if name in frame})


def cell_polygons(cells: pd.DataFrame) -> dict[str, Any]:
    """Return H3 cells as a GeoJSON collection (WGS-84) with the other columns as properties."""
    import json

    import h3

    features = []
    for row in json.loads(cells.to_json(orient="records", force_ascii=False)):
        ring = [[round(lon, 6), round(lat, 6)] for lat, lon in h3.cell_to_boundary(row["cell"])]
        shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        features.append({"type": "Feature", "id": row["cell"], "geometry": shape, "properties": row})
    return {"type": "FeatureCollection", "features": features}
