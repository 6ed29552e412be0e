"""同一单位内风险源名称不得重复

单位内名称唯一；同类风险源请在名称中写明部位或编号
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"risk_sources": "name"}
NEEDS = ("unit_id",)
SEVERITY = "warning"


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a unit has the same name for two sources; null without a name."""
    return frame.duplicated(["unit_id", column], keep=False).astype("boolean").where(frame[column].notna())
