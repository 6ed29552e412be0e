"""等级

Levels that contradict the standard, the review, each other or the quarter before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.registry import Context, NotCheckable, rule
from kit.quality.texts import state

if TYPE_CHECKING:
    import pandas as pd

RANK = {"low": 0, "general": 1, "considerable": 2, "major": 3}
MEASURES = ["measures_engineering", "measures_technical", "measures_management"]
# GB 18218-2018: grade II begins at R = 50.
_GRADE_TWO_R = 50.0


def ranks(levels: pd.Series) -> pd.Series:
    """Return levels as numbers, low 0 to major 3, null for anything else."""
    return levels.map(RANK).astype("float64")


def _computed(frame: pd.DataFrame, context: Context) -> pd.Series:
    """Return the rank that the standard gives each source, null where it gives none."""
    known = context.table("computed/levels", "source_id", "computed_level").drop_duplicates("source_id")
    return ranks(frame["source_id"].map(known.set_index("source_id")["computed_level"]))


def _reasoned(frame: pd.DataFrame, context: Context) -> pd.Series:
    """Return for which sources a review act gives a reason; for none where the run has no review acts."""
    if "reviews" not in context.tables:
        return frame["source_id"].isin([])
    acts = context.table("reviews", "source_id", "reason")
    return frame["source_id"].isin(acts.loc[acts["reason"].fillna("").str.strip() != "", "source_id"])


@rule(
    "未经部门审核的风险源不应有审核等级",
    "草稿、已自评状态的审核等级应为空",
    {"risk_sources": "reviewed_level"},
    needs=("review_state",),
)
def level_without_review(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where there is a reviewed level before any review; null for states after one."""
    applies = frame["review_state"].isin(["draft", "self_assessed"])
    return frame[column].notna().astype("boolean").where(applies)


@rule(
    "等级下降应有新的管控措施",
    "与上季度相比等级下降的，工程、技术、管理措施至少有一项更新，或者审核记录写明理由",
    {"risk_sources": "reviewed_level"},
    needs=("source_id", *MEASURES),
    severity="warning",
)
def lowered_without_measure(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the level fell since the quarter before, no measure changed and no act gives a reason.

    Null without both levels.
    """
    before = context.table("previous/risk_sources", "source_id", column, *MEASURES)
    before = before.drop_duplicates("source_id").set_index("source_id").reindex(frame["source_id"])
    now_rank, before_rank = ranks(frame[column]), ranks(before[column]).set_axis(frame.index)
    lower = now_rank < before_rank
    same = (
        frame.loc[lower, MEASURES].fillna("") == before[MEASURES].set_axis(frame.index)[lower].fillna("")
    ).all(axis=1).reindex(frame.index, fill_value=False)  # fmt: skip
    applies = now_rank.notna() & before_rank.notna()
    return (lower & same & ~_reasoned(frame, context)).astype("boolean").where(applies)


@rule(
    "自评等级与标准计算等级不应相差两级以上",
    "与标准计算的等级相同或相差一级；相差一级的由审核确定",
    {"risk_sources": "self_level"},
    needs=("source_id",),
    severity="warning",
)
def self_level_far(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the unit's own level is two steps or more from the standard's; null without both."""
    own, computed = ranks(frame[column]), _computed(frame, context)
    return ((own - computed).abs() >= 2).astype("boolean").where(own.notna() & computed.notna())


@rule(
    "审核等级低于标准计算等级的应说明理由",
    "不低于标准计算的等级，或者审核记录写明理由",
    {"risk_sources": "reviewed_level"},
    needs=("source_id",),
)
def reviewed_below_computed(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the reviewed level is lower than the standard's and no act gives a reason; null without both."""
    own, computed = ranks(frame[column]), _computed(frame, context)
    found = (own < computed) & ~_reasoned(frame, context)
    return found.astype("boolean").where(own.notna() & computed.notna())


@rule(
    "一级、二级重大危险源的风险等级不应低于较大",
    "按 GB 18218 为一级、二级重大危险源（R≥50）的，审核等级为较大或重大",
    {"risk_sources": "reviewed_level"},
    needs=("unit_id",),
)
def major_hazard_level(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a unit with a GB 18218 grade I or II has a source below considerable; null for other units."""
    surveys = [name for name, table in context.tables.items() if "gb18218_r" in table and "unit_id" in table]
    if not surveys:
        raise NotCheckable(state("no_columns", columns="gb18218_r"))
    graded: set[str] = set()
    for name in surveys:
        survey = context.tables[name]
        graded |= set(survey.loc[survey["gb18218_r"] >= _GRADE_TWO_R, "unit_id"])
    applies = frame["unit_id"].isin(graded) & frame[column].notna()
    return (ranks(frame[column]) < RANK["considerable"]).astype("boolean").where(applies)


@rule(
    "同一单位的风险源不应内容全部相同",
    "三个以上风险源的部位、等级和措施各自填写，不得复制",
    {"risk_sources": "location"},
    needs=("unit_id", "self_level", *MEASURES),
    severity="warning",
)
def sources_copied(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a unit's sources, three at least, are all alike but for their names; null for smaller units."""
    import pandas as pd

    size = frame.groupby("unit_id")["unit_id"].transform("size")
    alike = pd.util.hash_pandas_object(frame[[column, "self_level", *MEASURES]].fillna(""), index=False)
    groups = alike.groupby(frame["unit_id"])
    return (groups.transform("min") == groups.transform("max")).astype("boolean").where(size >= 3)


@rule(
    "评估标准应是本行业的标准",
    "“评估标准”一栏的编号与行业（领域）一致",
    {"risk_sources": "standard"},
    needs=("sector",),
)
def standard_of_sector(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a source was assessed by another sector's standard; null without both."""
    named = frame[column].str.split("@").str[0]
    return (named != frame["sector"]).astype("boolean").where(named.notna() & frame["sector"].notna())


@rule(
    "风险源的行业应与所属单位一致",
    "与单位台账登记的行业（领域）相同",
    {"risk_sources": "sector"},
    needs=("unit_id",),
    severity="warning",  # A unit may declare a second sector; the register has no column for it yet.
)
def sector_of_unit(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the source's sector is not its unit's; null when the unit is not in the register."""
    units = context.table("units", "unit_id", "sector").drop_duplicates("unit_id").set_index("unit_id")["sector"]
    of_unit = frame["unit_id"].map(units)
    return (frame[column] != of_unit).astype("boolean").where(of_unit.notna() & frame[column].notna())


@rule(
    "全区不应没有重大风险源",
    "按全市重大风险源占比，该区没有重大风险源的可能性不足 0.5% 的，应说明或复核",
    {"summary/areas": "n_major"},
    needs=("chance_of_none",),
    severity="warning",
)
def area_without_major(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where an area has no major source though chance hardly allows it; null for areas without levels."""
    applies = frame["n_rated"] > 0
    return ((frame[column] == 0) & (frame["chance_of_none"] < 0.005)).astype("boolean").where(applies)
