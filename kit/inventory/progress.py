"""Progress against the work plan: coverage of units, milestones, updates of the quarter, and who is overdue.

What counts as done follows the plan: risks assessed (every source of the unit confirmed), controlled (every source with
a person responsible and a measure), resources surveyed, capability assessed. A register that a quarter does not have
leaves its part unknown (null), never done and never failed. Dates and shares come from `standards/common/plan.yaml`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from kit.errors import KitError, did_you_mean
from kit.inventory.once import days_of, once
from kit.periods import quarter_end, quarter_start
from kit.registers.codes_list import code_names
from kit.registers.schema import load_schema
from kit.standard.common_parts import common_labels
from kit.standard.sectors import plan, sectors
from kit.standard.yaml_io import read_yaml

Tables = Mapping[str, pd.DataFrame]

KEYS = ("department", "district", "street", "sector", "supervision", "annex")
PARTS = ("listed", "self_assessed", "assessed", "controlled", "resources", "capability", "complete")
EVERY = ("department", "district", "sector")
REQUIRED = ("assessed", "controlled", "resources", "capability")
"""Parts that the plan wants of every unit; `complete` is all of them."""
MEASURES = ("measures_engineering", "measures_technical", "measures_management")


@cache
def texts() -> dict[str, Any]:
    """Return the words of progress tables."""
    return dict(read_yaml(Path(__file__).with_name("progress.yaml"))[0])


def unit_progress(tables: Tables, on: dt.date) -> pd.DataFrame:
    """Return the units that have to be assessed, each once, with what is done of each.

    Units closed on `on` or before are left out. Frame with `unit_id`, `name`, the columns of `KEYS` (empty text where
    nothing was filled in), `due` (day by which the plan wants all units of its annex), the parts of `PARTS` (boolean,
    null where the quarter lacks the register), `not_assessed` and `not_controlled` (numbers of sources).
    """
    units = once(tables["units"], "unit_id")
    closed = pd.to_datetime(units["closed_at"]) <= pd.Timestamp(on)
    frame = units.loc[~closed, ["unit_id", "name", "district", "street", "sector", "supervision"]].copy()
    frame = _with_department(frame)
    last = _last_due()
    frame["due"] = [last.get(annex) for annex in frame["annex"]]
    sources = _sources(tables)
    sources["self_assessed"] = sources["self_level"].notna()
    sources["assessed"] = sources["review_state"].eq("confirmed").fillna(False) & sources["reviewed_level"].notna()
    measured = pd.Series(False, index=sources.index)
    for column in MEASURES:
        measured |= _filled(sources[column])
    sources["controlled"] = _filled(sources["owner"]) & measured
    by_unit = sources.groupby("unit_id")
    frame["listed"] = frame["unit_id"].isin(sources["unit_id"]).astype("boolean")
    for part in ("self_assessed", "assessed", "controlled"):
        every = frame["unit_id"].map(by_unit[part].all())
        frame[part] = every.eq(True).fillna(False).astype("boolean")
    for part in ("assessed", "controlled"):
        left = by_unit.size() - by_unit[part].sum()
        frame[f"not_{part}"] = frame["unit_id"].map(left).fillna(0).astype("int64")
    frame["resources"] = _has_rows(frame["unit_id"], tables.get("resources"), "owner_unit")
    frame["capability"] = _has_rows(frame["unit_id"], _answered(tables.get("capability")), "unit_id")
    complete = pd.Series(True, index=frame.index, dtype="boolean")
    for part in REQUIRED:
        complete &= frame[part]
    frame["complete"] = complete
    return frame.reset_index(drop=True)


def coverage(tables: Tables, on: dt.date, by: str = "district", *, units: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return how many units have done what, for each department, area, sector, … and in all.

    Parameters
    ----------
    by : one of `department`, `district`, `street`, `sector`, `supervision`, `annex`.
    units : what `unit_progress` gave for the same quarter and day, where it is at hand.

    Returns
    -------
    Frame with `key`, `key_zh`, `units`, for each part its count and `share_<part>` (fraction of the units); null where
    it is not known for all units, the share also without units. Every department, area and sector of the plan has its
    row; a unit without the key is under the empty one; the last row is the total.

    Raises
    ------
    KitError
        When `by` is none of them.

    Examples
    --------
    >>> coverage(quarter.tables, dt.date(2019, 12, 31), by="sector")                            # doctest: +SKIP
    """
    _stop_if_unknown(by)
    units = unit_progress(tables, on) if units is None else units
    rows = []
    for key, part in _groups(units, by):
        row: dict[str, Any] = {"key": key, "key_zh": _key_label(by, key), "units": len(part)}
        for name in PARTS:
            row[name], row[f"share_{name}"] = _count(part[name])
        rows.append(row)
    shares = [f"share_{name}" for name in PARTS]
    return pd.DataFrame(rows).astype(dict.fromkeys(PARTS, "Int64") | dict.fromkeys(shares, "float64"))


def milestones(
    tables: Tables, on: dt.date, by: str | None = None, *, units: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the plan's milestones with what is done of each, over the city or for each department or area.

    The plan's "60 % of the sectors" can be read as of units or of sectors; both are counted, `state` for units and
    `state_sectors` for sectors of which every unit has done the part.

    Returns
    -------
    Frame with `group`, `group_zh`, `annex`, `due`, `needed` (fraction), `part`, `part_zh`, `units`, `done`, `share`
    (null where not known), `state` (`met`, `missed` when the day is past, `open`, `unknown` when there are no units or
    no register), `sectors`, `sectors_done`, `sectors_empty` (of which the register has no unit), `state_sectors`.
    """
    if by is not None:
        _stop_if_unknown(by)
    units = unit_progress(tables, on) if units is None else units
    words = texts()
    groups = [("", units)] if by is None else _groups(units, by)[:-1]
    rows = []
    for group, part in groups:
        for milestone in plan()["assessment"]:
            annex, needed = int(milestone["annex"]), float(milestone["share"])
            due = _day(milestone["due"])
            inside = part[part["annex"] == str(annex)]
            expected = _expected_sectors(annex, by, group, inside)
            for name in (*REQUIRED, "complete"):
                done, share = _count(inside[name])
                surely, unsure = int(inside[name].eq(True).sum()), int(inside[name].isna().sum())
                by_sector = {str(sector): rows_[name] for sector, rows_ in inside.groupby("sector") if sector}
                finished = sum(bool(of.eq(True).fillna(False).all()) for of in by_sector.values())
                hidden = sum(not of.eq(False).fillna(False).any() for of in by_sector.values()) - finished
                empty = len(expected - set(by_sector))
                state = _state(surely, unsure, len(inside), needed, due, on)
                rows.append(
                    {
                        "group": group, "group_zh": words["city"] if by is None else _key_label(by, group),
                        "annex": annex, "due": due, "needed": needed, "part": name, "part_zh": words["parts"][name],
                        "units": len(inside), "done": done, "share": share,
                        # Sectors without units are a register with gaps: what is not in it is not done.
                        "state": "unknown" if state == "met" and empty else state,
                        "sectors": len(expected), "sectors_done": finished, "sectors_empty": empty,
                        "state_sectors": _state(finished, empty + hidden, len(expected), needed, due, on),
                    }
                )  # fmt: skip
    frame = pd.DataFrame(rows)
    for column in ("state", "state_sectors"):
        frame[f"{column}_zh"] = frame[column].map(words["states"])
    return frame.astype({"done": "Int64", "share": "float64"})


def _state(done: int, unsure: int, of: int, needed: float, due: dt.date, on: dt.date) -> str:
    """Return whether enough is done; `unsure` members may be done or not."""
    enough = math.ceil(needed * of - 1e-9)
    if of == 0:
        return "unknown"
    if done >= enough:
        return "met"
    if done + unsure >= enough:
        return "unknown"
    return "missed" if on > due else "open"


def _expected_sectors(annex: int, by: str | None, group: str, inside: pd.DataFrame) -> set[str]:
    """Return the sectors of an annex that a group has to have finished.

    The city and the departments answer for the plan's whole list; an area, only for what it has.
    """
    there = {str(sector) for sector in inside["sector"] if sector}
    if by in (None, "department"):
        named = {one.id for one in sectors() if one.annex == annex and (by is None or one.department == group)}
        return named | there
    return there


def update_rates(tables: Tables, period: str, by: str = "district") -> pd.DataFrame:
    """Return the update rate of a quarter: of the sources that are to be updated, those updated within it.

    Sources of closed units are not to be updated. A source without a date, or with one after the quarter, does not
    count as updated.

    Returns
    -------
    Frame with `key`, `key_zh`, `sources`, `updated`, `overdue`, of these `undated` and `future`, and `rate` (fraction,
    null without sources); the last row is the total.
    """
    _stop_if_unknown(by)
    dated = _dated(tables, period)
    rows = []
    for key, part in _groups(dated, by):
        count = part["timing"].value_counts()
        updated = int(count.get("updated", 0))
        rows.append(
            {
                "key": key, "key_zh": _key_label(by, key), "sources": len(part), "updated": updated,
                "overdue": len(part) - updated, "undated": int(count.get("undated", 0)),
                "future": int(count.get("future", 0)), "rate": updated / len(part) if len(part) else None,
            }
        )  # fmt: skip
    return pd.DataFrame(rows).astype({"rate": "float64"})


def update_history(quarters: Mapping[str, Tables], by: str | None = None) -> pd.DataFrame:
    """Return the update rates of several quarters, oldest first: `period` and the columns of `update_rates`.

    Parameters
    ----------
    quarters : period -> tables.
    by : as in `update_rates`; by default only the totals.
    """
    parts = []
    for period in sorted(quarters):
        rates = update_rates(quarters[period], period, by or "district")
        parts.append((rates if by else rates.tail(1)).assign(period=period))
    if not parts:
        raise KitError("no quarter was given; give at least one period with its tables")
    frame = pd.concat(parts, ignore_index=True)
    return frame[["period", *[column for column in frame.columns if column != "period"]]]


def overdue_sources(tables: Tables, period: str) -> pd.DataFrame:
    """Return the sources that were not updated within the quarter, longest overdue first, undated ones before all.

    `days` is the number of days from the last update to the end of the quarter, null where there is no date in or
    before it. Columns are those of `overdue` in `progress.yaml`.
    """
    words = texts()
    frame = _dated(tables, period)
    frame = frame[frame["timing"] != "updated"].copy()
    ended = (pd.Timestamp(quarter_end(period)) - frame["updated_at"]).dt.days
    frame["days"] = ended.where(frame["timing"] == "before").astype("Int64")
    frame["reason_zh"] = frame["timing"].map(words["overdue_reasons"])
    names = dict(load_schema("risk_sources").fields["reviewed_level"].values or {})
    level = frame["reviewed_level"].map(names).fillna(words["level_none"])
    frame["level_zh"] = level.where(frame["review_state"].eq("confirmed").fillna(False), words["level_pending"])
    _add_labels(frame)
    frame = frame.sort_values(["days", "source_id"], ascending=[False, True], na_position="first", ignore_index=True)
    return frame[list(words["overdue"])]


def overdue_units(tables: Tables, on: dt.date, *, units: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the units that are not complete although the day for all units of their annex is past.

    What is not known (a register the quarter lacks) makes no unit overdue. Columns are those of `overdue_units` in
    `progress.yaml`, `days` counting from the day after `due`.
    """
    words = texts()
    units = unit_progress(tables, on) if units is None else units
    past = units["due"].map(lambda due: isinstance(due, dt.date) and due < on).astype(bool)
    behind = units[past & units["complete"].eq(False).fillna(False).astype(bool)].copy()
    said = []
    for row in behind.to_dict("records"):
        parts = ["listed", "resources", "capability"] if not row["listed"] else REQUIRED
        left = [
            words["left"][part].format(n=row.get(f"not_{part}"))
            for part in parts
            if row[part] is not pd.NA and not row[part]
        ]
        said.append("；".join(left))
    behind["left_zh"] = pd.Series(said, index=behind.index, dtype="str")
    behind["days"] = [(on - due).days for due in behind["due"]]
    _add_labels(behind)
    return behind.sort_values(["due", "unit_id"], ignore_index=True)[list(words["overdue_units"])]


def _sources(tables: Tables) -> pd.DataFrame:
    return once(tables["risk_sources"], "source_id")


def with_place(tables: Tables) -> pd.DataFrame:
    """Return the sources, each once, with their unit's district, street, supervision and name, and the department.

    Sources of unknown units stay, with the empty text for what is not known.
    """
    units = once(tables["units"], "unit_id").set_index("unit_id")
    sources = _sources(tables)
    for column in ("district", "street", "supervision"):
        sources[column] = sources["unit_id"].map(units[column])
    sources["unit_name"] = sources["unit_id"].map(units["name"])
    sources["unit_closed_at"] = days_of(sources["unit_id"], units["closed_at"])
    return _with_department(sources)


def _dated(tables: Tables, period: str) -> pd.DataFrame:
    """Return the sources to be updated in a quarter with `timing`: updated, before, undated or future."""
    first, last = pd.Timestamp(quarter_start(period)), pd.Timestamp(quarter_end(period))
    frame = with_place(tables)
    frame = frame[~(frame["unit_closed_at"] <= last)].reset_index(drop=True)
    frame["updated_at"] = pd.to_datetime(frame["updated_at"])
    day = frame["updated_at"].dt.normalize()
    timing = pd.Series("undated", index=frame.index)
    timing[day < first] = "before"
    timing[(day >= first) & (day <= last)] = "updated"
    timing[day > last] = "future"
    frame["timing"] = timing
    return frame


def _with_department(frame: pd.DataFrame) -> pd.DataFrame:
    """Add department and annex by the sector; those outside the annexes follow the one that `plan.yaml` names."""
    known = {sector.id: sector for sector in sectors()}
    for column in ("district", "street", "sector", "supervision"):
        frame[column] = frame[column].astype("object").where(frame[column].notna(), "")
    others = plan().get("other_sectors", {}).get("annex")
    frame["department"] = [known[name].department if name in known else "" for name in frame["sector"]]
    frame["annex"] = [
        str(known[name].annex) if name in known else str(others or "") if name else "" for name in frame["sector"]
    ]
    return frame


def _filled(column: pd.Series[Any]) -> pd.Series[Any]:
    return column.fillna("").astype("str").str.strip() != ""


def _has_rows(units: pd.Series[Any], table: pd.DataFrame | None, column: str) -> pd.Series[Any]:
    if table is None:
        return pd.Series(pd.NA, index=units.index, dtype="boolean")
    return units.isin(table[column].dropna()).astype("boolean")


def _answered(table: pd.DataFrame | None) -> pd.DataFrame | None:
    """Return the rows with at least one answer: a row of a unit's number alone says nothing."""
    if table is None:
        return None
    answers = [name for name in table.columns if name not in load_schema("capability").fields]
    return table[table[answers].notna().any(axis=1)] if answers else table


def _count(part: pd.Series[Any]) -> tuple[int | None, float | None]:
    """Return how many are true and their share; None where some are not known or there are none."""
    if part.isna().any():
        return None, None
    done = int(part.sum())
    return done, done / len(part) if len(part) else None


def _groups(frame: pd.DataFrame, by: str) -> list[tuple[str, pd.DataFrame]]:
    """Return the parts of a frame in the order of their list, the unknown ones after, then the whole.

    Departments, areas and sectors of the plan are there also when they have nothing: that is what has to be seen.
    """
    order = {key: at for at, key in enumerate(_labels(by))}
    found = {str(key): part for key, part in frame.groupby(by, sort=True)}
    if by in EVERY:
        found = dict.fromkeys(order, frame.iloc[:0]) | found
    keys = sorted(found, key=lambda key: (key == "", order.get(key, len(order)), key))
    return [*((key, found[key]) for key in keys), ("total", frame)]


def _labels(by: str) -> dict[str, str]:
    if by == "department":
        return common_labels("departments")
    if by == "sector":
        return {sector.id: sector.name_zh for sector in sectors()} | code_names("sectors")
    if by == "supervision":
        return dict(load_schema("units").fields["supervision"].values or {})
    if by == "annex":
        return {str(n): texts()["annex"].format(annex=n) for n in sorted({sector.annex for sector in sectors()})}
    return code_names({"district": "districts", "street": "streets_towns"}[by])


def _key_label(by: str, key: str) -> str:
    words = texts()
    if key == "total":
        return str(words["total"])
    return _labels(by).get(key, key or str(words["unknown"]))


def _add_labels(frame: pd.DataFrame) -> None:
    for column in ("department", "district", "street", "sector"):
        names, unknown = _labels(column), texts()["unknown"]
        frame[f"{column}_zh"] = [names.get(str(key), str(key) or unknown) for key in frame[column]]


def _last_due() -> dict[str, dt.date]:
    """Return for each annex the day by which all of its units are to be done."""
    return {str(one["annex"]): _day(one["due"]) for one in plan()["assessment"] if float(one["share"]) >= 1}


def _day(given: Any) -> dt.date:
    return given if isinstance(given, dt.date) else dt.date.fromisoformat(str(given))


def _stop_if_unknown(by: str) -> None:
    if by not in KEYS:
        raise KitError(f"cannot group by '{by}'; {did_you_mean(by, KEYS)}")
