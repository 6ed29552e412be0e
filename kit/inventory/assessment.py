"""From registers to assessed data: every risk source scored by its standard, its class, its change, its roll-up.

The class a report counts (`level`) of a risk source:

- `pending` (待审) until the source is confirmed: official counts hold confirmed sources only;
- `insufficient` (数据不足) when it is confirmed but the standard cannot score it: the level could not be repeated;
- otherwise the reviewed level, which is the department's decision.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from kit.files import whole_file, write_text
from kit.inventory.changes import KINDS, Changes, changes_between
from kit.inventory.scored import Tables, classes, rejected_sources, score_sources
from kit.registers.codes_list import code_names, load_codes
from kit.scoring.rollups import rollup
from kit.standard.common_parts import common_labels
from kit.standard.document import Scale
from kit.standard.loader import read_scales
from kit.standard.standard import Standard

BEIJING = (115.41, 39.43, 117.51, 41.06)
"""West, south, east, north of the city in degrees (computed from the district boundaries)."""
DEGREES = ("wgs84", "cgcs2000")
"""Coordinate systems that differ by less than the precision of the boundaries."""
MEASURES = ("measures_engineering", "measures_technical", "measures_management")


@dataclass(frozen=True)
class Assessment:
    """The assessed data of a period.

    Attributes
    ----------
    sources, units, changes : frames as `write_assessment` stores them.
    rejected : rows of the register that no report can count (unknown unit, number given twice), with the reason.
    used : the standards that scored something.
    """

    period: str
    previous_period: str | None
    sources: pd.DataFrame
    units: pd.DataFrame
    changes: pd.DataFrame
    rejected: pd.DataFrame
    used: tuple[Standard, ...]


def assess(
    tables: Tables,
    standards: Mapping[str, Standard],
    *,
    period: str,
    previous: Tables | None = None,
    previous_period: str | None = None,
    previous_standards: Mapping[str, Standard] | None = None,
) -> Assessment:
    """Return the assessed data of `period`.

    Parameters
    ----------
    tables : registers by name: `units`, `risk_sources`, and `survey_unit/<standard id>` with the fields of each
        standard (`survey/<standard id>` for fields asked for each source).
    standards : sector standards by id.
    previous : the registers of the quarter before, for changes.
    previous_standards : the texts of the quarter before, where they are others.
    """
    units = tables["units"].drop_duplicates("unit_id").reset_index(drop=True)
    scale = read_scales()["risk"]
    if previous is None:
        scored, rejected = score_sources(tables, standards, units)
        sources = _describe(scored, units, standards)
        sources["level"] = classes(sources)
        sources["previous_level"] = pd.Series(pd.NA, index=sources.index, dtype="str")
        sources["change"] = pd.Series(pd.NA, index=sources.index, dtype="str")
        changes = _changes(sources.iloc[:0], sources.iloc[:0], None)
    else:
        found = changes_between(tables, previous, standards, standards_before=previous_standards)
        scored, rejected = found.now, rejected_sources(tables, units).reset_index(drop=True)
        sources = _describe(scored.drop(columns=["level", "change"]), units, standards)
        before = _describe(found.before, previous["units"].drop_duplicates("unit_id"), standards)
        sources["level"] = scored["level"]
        sources["previous_level"] = sources["source_id"].map(before.set_index("source_id")["level"])
        sources["change"] = scored["change"]
        changes = _changes(sources, before, found)
    used = tuple(standards[name] for name in standards if (sources["sector"] == name).any())
    units = _units(units, sources, _by_unit(sources, scored, used), scale)
    return Assessment(period, previous_period, sources, units, changes, rejected, used)


def _describe(scored: pd.DataFrame, units: pd.DataFrame, standards: Mapping[str, Standard]) -> pd.DataFrame:
    """Return the sources with their unit's place and names, and the Chinese names of every code."""
    place = units.set_index("unit_id")
    frame = scored.drop(columns="rollup_weight", errors="ignore")
    frame["unit_name"] = frame["unit_id"].map(place["name"])
    for column in ("district", "street", "address", "supervision"):
        frame[column] = frame["unit_id"].map(place[column])
    frame["lon"], frame["lat"] = _coordinates(frame, place)
    frame["district_zh"] = frame["district"].map(code_names("districts"))
    frame["street_zh"] = frame["street"].map(code_names("streets_towns"))
    frame["accident_class_zh"] = frame["accident_class"].map(code_names("accident_classes"))
    frame["sector_zh"] = frame["sector"].map(code_names("sectors"))
    register = load_codes("sectors").set_index("code")
    frame["department"] = frame["sector"].map(register["department"])
    frame["department_zh"] = frame["department"].map(common_labels("departments"))
    reasons = {
        (name, override.id): override.reason.zh
        for name, std in standards.items()
        for override in std.document.overrides
    }
    pairs = zip(frame["sector"], frame["override"], strict=True)
    frame["override_zh"] = pd.Series([reasons.get(pair) for pair in pairs], index=frame.index, dtype="str")
    return frame.drop(columns=["crs"], errors="ignore")


def _coordinates(frame: pd.DataFrame, place: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return longitude and latitude in degrees, of the source or else of its unit; null where they cannot be meant."""
    own = frame["lon"].notna() & frame["lat"].notna()
    lon = frame["lon"].where(own, frame["unit_id"].map(place["lon"]))
    lat = frame["lat"].where(own, frame["unit_id"].map(place["lat"]))
    crs = frame["crs"].where(own, frame["unit_id"].map(place["crs"]))
    west, south, east, north = BEIJING
    usable = lon.between(west, east) & lat.between(south, north) & crs.isin(DEGREES)
    return lon.where(usable), lat.where(usable)


def _changes(sources: pd.DataFrame, before: pd.DataFrame, found: Changes | None) -> pd.DataFrame:
    columns = ["source_id", "name", "unit_name", "district", "street_zh", "sector_zh"]
    moved = sources[sources["change"].isin(KINDS)]
    rows = moved[[*columns, "change"]].assign(from_level=moved["previous_level"], to_level=moved["level"])
    gone = before[~before["source_id"].isin(sources["source_id"])] if len(sources) else before.iloc[:0]
    known = pd.DataFrame(columns=["source_id", "change", "reason_zh"]) if found is None else found.rows
    known = known.set_index("source_id")
    closed = gone[columns].assign(
        change=gone["source_id"].map(known["change"]), from_level=gone["level"], to_level=None
    )
    result = pd.concat([rows, closed], ignore_index=True)
    result["reason_zh"] = result["source_id"].map(known["reason_zh"])
    return result.astype({"change": "str", "from_level": "str", "to_level": "str", "reason_zh": "str"})


def _by_unit(sources: pd.DataFrame, scored: pd.DataFrame, used: Sequence[Standard]) -> pd.DataFrame:
    """Return `unit_id` and `level`, of which the worst is the unit's.

    One row for each source; for sectors whose standard declares another roll-up than the highest, one for each unit.
    """
    parts = [sources[["unit_id", "level"]]]
    for standard in used:
        declared = standard.document.rollup
        if declared.how == "highest":
            continue
        mine = sources["sector"] == standard.id
        parts[0] = parts[0][~mine.reindex(parts[0].index)]
        rows = sources.loc[mine & (sources["level"] != "pending"), ["unit_id", "level"]].copy()
        if declared.weight is not None:
            rows["weight"] = scored.loc[rows.index, "rollup_weight"]
        weight = "weight" if declared.weight is not None else None
        rolled = rollup(rows, "unit_id", declared.how, scale=standard.scale, weight=weight)
        parts.append(rolled[["unit_id", "level"]])
    return pd.concat(parts, ignore_index=True)


def _units(units: pd.DataFrame, sources: pd.DataFrame, by_unit: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Return the units with the roll-up of their sources, by default the highest, but never a guess.

    `level` is the highest level of the confirmed sources. Where one of them cannot be scored, a higher level may hide
    behind it: unless the highest is already the worst, the unit is 数据不足 too; `level_at_least` still says what is
    known.
    """
    rank = {name: position for position, name in enumerate(scale.names)}
    highest = by_unit["level"].map(rank).groupby(by_unit["unit_id"]).max()
    insufficient = (by_unit["level"] == "insufficient").groupby(by_unit["unit_id"]).any()
    frame = units[
        [
            "unit_id",
            "name",
            "sector",
            "district",
            "street",
            "supervision",
            "lon",
            "lat",
            "crs",
            "headcount",
            "basic_review",
            "closed_at",
        ]
    ].copy()
    west, south, east, north = BEIJING
    usable = frame["lon"].between(west, east) & frame["lat"].between(south, north) & frame["crs"].isin(DEGREES)
    frame["lon"], frame["lat"] = frame["lon"].where(usable), frame["lat"].where(usable)
    frame["sector_zh"] = frame["sector"].map(code_names("sectors"))
    frame["district_zh"] = frame["district"].map(code_names("districts"))
    frame["street_zh"] = frame["street"].map(code_names("streets_towns"))
    frame["n_sources"] = frame["unit_id"].map(sources.groupby("unit_id").size()).fillna(0).astype("int64")
    at_least = frame["unit_id"].map(highest).map(dict(enumerate(scale.names)))
    frame["level_at_least"] = at_least.astype("str").where(at_least.notna())
    unsure = frame["unit_id"].map(insufficient).eq(True) & (at_least != scale.worst_level)
    level = frame["level_at_least"].where(at_least.notna(), "pending")
    frame["level"] = level.where(~unsure, "insufficient")
    return frame.drop(columns=["crs"])


def write_assessment(
    folder: str | Path,
    assessment: Assessment,
    *,
    quality: Any,
    made: bool,
    snapshot: str,
    extra: Tables | None = None,
    also_used: Sequence[Standard] = (),
) -> dict[str, Any]:
    """Write the assessed data of a period into `folder` as Parquet with `meta.json`, and return the latter.

    Parameters
    ----------
    quality : a result of `kit.quality.validate` with `checks` and `rows`.
    extra, also_used : further frames by file name (capability), and the standards they rest on.
    made : whether the data are made; every report then says so.
    snapshot : the day the data were taken, `YYYY-MM-DD`.
    """
    target = Path(folder)
    frames: dict[str, pd.DataFrame] = {
        "sources": assessment.sources,
        "units": assessment.units,
        "changes": assessment.changes,
        "rejected": assessment.rejected,
        "quality_checks": quality.checks,
        "quality_rows": quality.rows,
        **(extra or {}),
    }
    for name, frame in frames.items():
        with whole_file(target / f"{name}.parquet") as path:
            frame.to_parquet(path, index=False)
    meta = {
        "period": assessment.period,
        "previous_period": assessment.previous_period,
        "snapshot": snapshot,
        "kit_version": version("kit"),
        "made": made,
        "origin_zh": "示例数据：由程序生成，不对应任何真实单位" if made else "",
        "standards": [describe_standard(standard) for standard in (*assessment.used, *also_used)],
        "rejected_rows": len(assessment.rejected),
    }
    write_text(target / "meta.json", json.dumps(meta, ensure_ascii=False, indent=1))
    return meta


def describe_standard(standard: Standard) -> dict[str, str]:
    """Return what a report says of a standard it rests on."""
    return {
        "id": standard.id,
        "version": standard.version,
        "title_zh": standard.title,
        "object": standard.document.object,
        "status": standard.document.status,
        "provenance": standard.document.provenance,
        "fingerprint": standard.fingerprint,
    }
