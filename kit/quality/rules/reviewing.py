"""审核记录

Review acts that are missing, out of place or without a reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.registry import Context, rule
from kit.quality.rules.level import ranks

if TYPE_CHECKING:
    import pandas as pd

_LEVEL_ACTS = ("sector_accept", "reassess", "confirm")
_STREET_ACTS = ("basic_accept", "basic_return")


@rule(
    "有审核等级的风险源应有审核记录",
    "审核记录中有部门审核、再评估或确认的一条",
    {"risk_sources": "reviewed_level"},
    needs=("source_id",),
)
def reviewed_without_record(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a source has a reviewed level and no act that could have given it; null without a level."""
    acts = context.table("reviews", "source_id", "act")
    seen = acts.loc[acts["act"].isin(_LEVEL_ACTS), "source_id"]
    return (~frame["source_id"].isin(seen)).astype("boolean").where(frame[column].notna())


@rule(
    "街道（乡镇）只审核基本信息",
    "街道（乡镇）环节只有“基本信息审核通过”“基本信息退回”",
    {"reviews": "act"},
    needs=("stage",),
)
def street_reviews_level(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a street did more than review basic information; null for the other stages."""
    return (~frame[column].isin(_STREET_ACTS)).astype("boolean").where(frame["stage"] == "street")


@rule(
    "审核应由本渠道的部门进行",
    "市属国有企业由市级部门审核，其他单位由区级部门审核",
    {"reviews": "stage"},
    needs=("source_id",),
)
def review_of_other_track(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a department of the other track reviewed; null for units' and streets' acts and unknown units."""
    sources = context.table("risk_sources", "source_id", "unit_id").drop_duplicates("source_id")
    units = context.table("units", "unit_id", "supervision").drop_duplicates("unit_id").set_index("unit_id")
    track = frame["source_id"].map(sources.set_index("source_id")["unit_id"]).map(units["supervision"])
    own = track.map({"municipal_soe": "municipal_department", "district": "district_department"})
    applies = frame[column].isin(["municipal_department", "district_department"]) & own.notna()
    return (frame[column] != own).astype("boolean").where(applies)


@rule("审核降低等级应说明理由", "审核理由必填", {"reviews": "reason"}, needs=("from_level", "to_level"))
def lowered_without_reason(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where an act lowered the level and gives no reason; null for all others."""
    applies = ranks(frame["to_level"]) < ranks(frame["from_level"])
    return (frame[column].fillna("").str.strip() == "").astype("boolean").where(applies)
