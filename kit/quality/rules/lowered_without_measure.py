"""等级下降应有新的管控措施

与上季度相比等级下降的，工程、技术、管理措施至少有一项更新
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"risk_sources": "reviewed_level"}
NEEDS = ("source_id", "measures_engineering", "measures_technical", "measures_management")
SEVERITY = "warning"

_RANK = {"low": 0, "general": 1, "considerable": 2, "major": 3}
_MEASURES = ["measures_engineering", "measures_technical", "measures_management"]


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the level fell since the quarter before and no measure changed; null without both levels."""
    before = context.table("previous/risk_sources", "source_id", column, *_MEASURES)
    before = before.drop_duplicates("source_id").set_index("source_id").reindex(frame["source_id"])
    now_rank, before_rank = frame[column].map(_RANK), before[column].map(_RANK).set_axis(frame.index)
    same = (frame[_MEASURES].fillna("") == before[_MEASURES].fillna("").set_axis(frame.index)).all(axis=1)
    applies = now_rank.notna() & before_rank.notna()
    return ((now_rank < before_rank) & same).astype("boolean").where(applies)
