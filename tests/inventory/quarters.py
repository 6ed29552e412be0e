"""Small quarters of taxi companies: registers as a quarter has them, each row by a few words."""

from __future__ import annotations

from typing import Any

import pandas as pd

GOOD = {
    "fleet_size": 60.0, "vehicle_age": 1.5, "crashes_3y": 0.0, "daily_hours": 7.5, "night_share": 8.0,
    "passengers_max": 2.0, "energy": "ev", "depot_parked_max": 10.0, "monitored_share": 100.0, "trained_share": 100.0,
    "inspection_rate": 100.0, "has_permit": True, "online_mismatch": False, "overdue_vehicles": 0.0,
}  # fmt: skip
WORSE = {"vehicle_age": 12.0, "daily_hours": 12.0, "night_share": 60.0, "monitored_share": 30.0, "trained_share": 30.0,
         "passengers_max": 50.0, "depot_parked_max": 400.0, "inspection_rate": 50.0}  # fmt: skip


def unit(name: str, **changes: Any) -> dict[str, Any]:
    """Return a row of the register of units."""
    return {
        "unit_id": name, "name": f"示例{name}", "sector": "taxi", "district": "110101", "street": "110101001",
        "address": "示例街1号", "supervision": "district", "lon": 116.41, "lat": 39.92, "crs": "wgs84", "headcount": 10,
        "basic_review": "accepted", "closed_at": pd.NaT,
    } | changes  # fmt: skip


def source(name: str, level: str | None, /, **changes: Any) -> dict[str, Any]:
    """Return a row of the inventory; its unit is called by the first letter of its number."""
    return {
        "source_id": name, "unit_id": name[0], "sector": "taxi", "standard": "taxi@0.1.0", "checklist_item": None,
        "name": "城市道路行驶", "accident_class": "X2", "location": "线路", "lon": float("nan"), "lat": float("nan"),
        "crs": None, "public_impact": True, "self_level": "low", "reviewed_level": level, "review_state": "confirmed",
        "owner": "某", "owner_phone": None, "measures_engineering": None, "measures_technical": None,
        "measures_management": "制度", "updated_at": pd.Timestamp(2019, 12, 1),
    } | changes  # fmt: skip


def quarter(sources: list[dict[str, Any]], answers: dict[str, dict[str, Any]], **units: Any) -> dict[str, Any]:
    """Return the registers: a unit for each name in `answers`, what it answered beside what is good."""
    survey = pd.DataFrame([{"unit_id": name} | GOOD | values for name, values in answers.items()])
    rows = [unit(name, **units.get(name, {})) for name in answers]
    return {"units": pd.DataFrame(rows), "risk_sources": pd.DataFrame(sources), "survey_unit/taxi": survey}
