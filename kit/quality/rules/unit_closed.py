"""已注销单位不应再有风险源

单位台账中未注销的单位
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"risk_sources": "unit_id"}
SEVERITY = "warning"


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the source's unit was closed on or before the snapshot."""
    import pandas as pd

    units = context.table("units", "unit_id", "closed_at")
    closed = units.loc[pd.to_datetime(units["closed_at"]) <= pd.Timestamp(context.as_of), "unit_id"]
    return frame[column].isin(closed).astype("boolean")
