"""风险源的行业应与所属单位一致

与单位台账登记的行业（领域）相同
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"risk_sources": "sector"}
NEEDS = ("unit_id",)
# A unit may declare a second sector; the register has no column for it yet.
SEVERITY = "warning"


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the source's sector is not its unit's; null when the unit is not in the register."""
    units = context.table("units", "unit_id", "sector").drop_duplicates("unit_id").set_index("unit_id")["sector"]
    of_unit = frame["unit_id"].map(units)
    return (frame[column] != of_unit).astype("boolean").where(of_unit.notna() & frame[column].notna())
