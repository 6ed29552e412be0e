"""已确认的重大、较大风险源应有管控责任人

管控责任人和责任人电话必填
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"risk_sources": "owner"}
NEEDS = ("review_state", "reviewed_level", "owner_phone")


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a confirmed major or considerable source lacks the person or the phone; null for all others."""
    applies = (frame["review_state"] == "confirmed") & frame["reviewed_level"].isin(["considerable", "major"])
    return (frame["owner"].isna() | frame["owner_phone"].isna()).astype("boolean").where(applies)
