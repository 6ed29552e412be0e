"""评定一致性

Levels that different assessors gave to the same risk source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.registry import Context, rule
from kit.quality.rules.level import ranks

if TYPE_CHECKING:
    import pandas as pd

# Below this, agreement beyond chance is slight to fair only (Landis and Koch 1977).
KAPPA = 0.4
# A coefficient over fewer sources says little.
SOURCES = 20


@rule(
    "同一风险源的专家评定不应相差两级以上",
    "各评定人的等级相同或相差一级；相差两级以上的应会商",
    {"assessors": "level"},
    needs=("source_id", "assessor"),
    severity="warning",
)
def assessors_apart(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the levels given to a source lie two steps or more apart; null for sources with one level only."""
    rank = ranks(frame[column])
    groups = rank.groupby(frame["source_id"])
    apart = groups.transform("max") - groups.transform("min")
    return (apart >= 2).astype("boolean").where(rank.notna() & (groups.transform("count") >= 2))


@rule("同一评定人对一个风险源只评一次", "每人每源一条", {"assessors": "assessor"}, needs=("source_id",))
def assessed_twice(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where an assessor gave a source two levels; null without an assessor."""
    return frame.duplicated(["source_id", column], keep=False).astype("boolean").where(frame[column].notna())


@rule(
    "各标准的评定一致性应达到要求",
    "20 个以上风险源的一致性系数（Fleiss κ）不低于 0.4；低于的应重新校准指标",
    {"summary/agreement": "kappa"},
    needs=("n_sources",),
    severity="warning",
)
def agreement_low(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return for which standards assessors hardly agree; null for those with fewer than 20 sources."""
    return (frame[column] < KAPPA).astype("boolean").where(frame[column].notna() & (frame["n_sources"] >= SOURCES))
