"""未经部门审核的风险源不应有审核等级

草稿、已自评状态的审核等级应为空
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"risk_sources": "reviewed_level"}
NEEDS = ("review_state",)


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where there is a reviewed level before any review; null for states after one."""
    applies = frame["review_state"].isin(["draft", "self_assessed"])
    return frame[column].notna().astype("boolean").where(applies)
