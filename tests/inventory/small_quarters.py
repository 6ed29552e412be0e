"""Small quarters whose figures can be counted by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd


def unit(key: str, sector: str = "catering", district: str = "110101", **changes: Any) -> dict[str, Any]:
    return {
        "unit_id": key, "name": f"示例{key}", "sector": sector, "district": district, "street": f"{district}001",
        "address": "示例街1号", "supervision": "district", "lon": 116.41, "lat": 39.92, "crs": "wgs84",
        "basic_review": "accepted", "closed_at": pd.NaT,
    } | changes  # fmt: skip


def source(key: str, unit_id: str, level: str | None = "low", **changes: Any) -> dict[str, Any]:
    return {
        "source_id": key, "unit_id": unit_id, "sector": "catering", "name": f"源{key}", "location": "后厨",
        "lon": 116.41, "lat": 39.92, "crs": "wgs84", "self_level": level or "low", "reviewed_level": level,
        "review_state": "confirmed" if level else "self_assessed", "owner": "某", "measures_engineering": None,
        "measures_technical": None, "measures_management": "制度", "updated_at": dt.date(2019, 11, 1),
    } | changes  # fmt: skip


def quarter(units: list[dict[str, Any]], sources: list[dict[str, Any]], **more: Any) -> dict[str, pd.DataFrame]:
    frames = {"units": pd.DataFrame(units), "risk_sources": pd.DataFrame(sources)}
    frames["units"]["closed_at"] = pd.to_datetime(frames["units"]["closed_at"])
    frames["risk_sources"]["updated_at"] = pd.to_datetime(frames["risk_sources"]["updated_at"])
    return frames | {name: pd.DataFrame(rows) for name, rows in more.items()}


def shuffled(tables: dict[str, pd.DataFrame], seed: int = 1) -> dict[str, pd.DataFrame]:
    return {name: frame.sample(frac=1, random_state=seed) for name, frame in tables.items()}
