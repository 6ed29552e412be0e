"""Small quarters for the tests of the inventory: two units, one of each track, and a few risk sources."""

from __future__ import annotations

from typing import Any

import pandas as pd

ACT_COLUMNS = (
    "review_id", "unit_id", "source_id", "stage", "act", "reviewer", "at", "from_level", "to_level", "reason",
)  # fmt: skip
DEPARTMENT = {"D": "district_department", "M": "municipal_department"}


def unit(name: str, /, **changes: Any) -> dict[str, Any]:
    supervision = "municipal_soe" if name.startswith("M") else "district"
    return {
        "unit_id": name, "name": f"示例单位{name}", "uscc": None, "sector": "taxi", "supervision": supervision,
        "district": "110101", "street": "110101001", "address": "示例街1号", "lon": 116.41, "lat": 39.92,
        "crs": "wgs84", "phone": "10012345678", "headcount": 12.0, "registered_at": pd.Timestamp("2019-07-02"),
        "basic_review": "accepted", "closed_at": pd.NaT,
    } | changes  # fmt: skip


def source(name: str, /, **changes: Any) -> dict[str, Any]:
    """Return a draft of the unit whose name begins like its own."""
    return {
        "source_id": name, "unit_id": f"{name[0]}01", "sector": "taxi", "standard": "taxi@0.1.0",
        "checklist_item": None, "name": "城市道路行驶", "accident_class": "X2", "location": "线路", "lon": None,
        "lat": None, "crs": None, "public_impact": False, "self_level": None, "reviewed_level": None,
        "review_state": "draft", "owner": "某", "owner_phone": None, "measures_engineering": None,
        "measures_technical": None, "measures_management": "制度", "updated_at": pd.Timestamp("2019-08-01"),
    } | changes  # fmt: skip


def assessed(name: str, level: str = "general", /, **changes: Any) -> dict[str, Any]:
    return source(name, self_level=level, review_state="self_assessed", **changes)


def confirmed(name: str, level: str = "general", **changes: Any) -> dict[str, Any]:
    return source(name, **({"self_level": level, "reviewed_level": level, "review_state": "confirmed"} | changes))


class Acts:
    """Writes review records with running numbers, one an hour."""

    def __init__(self, start: str = "2019-09-01", prefix: str = "V") -> None:
        self.at = pd.Timestamp(start)
        self.prefix = prefix
        self.rows: list[dict[str, Any]] = []

    def add(self, name: str | None, act: str, to: str | None = None, **changes: Any) -> Acts:
        self.at += pd.Timedelta(hours=1)
        stage = {"self_assess": "unit", "basic_accept": "street", "basic_return": "street"}.get(act)
        row = {
            "review_id": f"{self.prefix}{len(self.rows) + 1:04d}", "unit_id": None, "source_id": name,
            "stage": stage or DEPARTMENT[(name or "D")[0]], "act": act, "reviewer": "某", "at": self.at,
            "from_level": None, "to_level": to, "reason": None,
        }  # fmt: skip
        self.rows.append(row | changes)
        return self

    def frame(self) -> pd.DataFrame:
        frame = pd.DataFrame(self.rows, columns=list(ACT_COLUMNS))
        kinds = {name: "datetime64[ms]" if name == "at" else "str" for name in ACT_COLUMNS}
        return frame.astype(kinds)


def quarter(
    sources: list[dict[str, Any]], acts: Acts | None = None, units: list[dict[str, Any]] | None = None
) -> dict[str, pd.DataFrame]:
    """Return the tables of a quarter with the types that the registers' reader gives."""
    frames = {"units": pd.DataFrame(units or [unit("D01"), unit("M01")]), "risk_sources": pd.DataFrame(sources)}
    typed = {}
    for name, frame in frames.items():
        kinds = dict.fromkeys(frame.columns, "str")
        kinds |= {column: "float64" for column in ("lon", "lat", "headcount") if column in kinds}
        dates = ("registered_at", "closed_at", "updated_at")
        kinds |= {column: "datetime64[ms]" for column in dates if column in kinds}
        kinds |= {"public_impact": "boolean"} if "public_impact" in kinds else {}
        typed[name] = frame.astype(kinds)
    if acts is not None:
        typed["reviews"] = acts.frame()
    return typed
