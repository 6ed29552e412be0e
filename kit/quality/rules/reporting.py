"""漏报和凑数

Sources that a unit must have and did not report, and sources that fill a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.registry import Context, NotCheckable, rule
from kit.quality.texts import state
from kit.registers.obvious import obvious_sources

if TYPE_CHECKING:
    import pandas as pd

# A unit with more sources than this, nearly all low, has filled in a template.
MANY, LOW_SHARE = 100, 0.95


def _running(frame: pd.DataFrame, context: Context) -> pd.Series:
    """Return which units are open on the day of the data and have passed the basic review."""
    import pandas as pd

    open_ = frame["closed_at"].isna() | (pd.to_datetime(frame["closed_at"]) > pd.Timestamp(context.as_of))
    return open_ & (frame["basic_review"] == "accepted")


@rule(
    "基本信息已通过的单位应有风险源",
    "至少登记一个风险源；确无风险源的请说明",
    {"units": "unit_id"},
    needs=("closed_at", "basic_review"),
    severity="warning",
)
def unit_without_source(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return which accepted, open units have no risk source; null for all others."""
    sources = context.table("risk_sources", "unit_id")["unit_id"]
    return (~frame[column].isin(sources)).astype("boolean").where(_running(frame, context))


@rule(
    "必有的风险源不得漏报",
    "按调查表应有的风险源（如使用瓶装液化气的餐饮单位的气瓶、加油站的埋地油罐）已登记",
    {"units": "unit_id"},
    needs=("sector", "closed_at", "basic_review"),
)
def obvious_source_missing(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return which units lack a source that their own answers say they have; null where nothing is obvious."""
    sources = context.table("risk_sources", "unit_id", "checklist_item")
    missing, applies = set(), set()
    looked = False
    for line in obvious_sources():
        survey = context.tables.get(f"survey_unit/{line.sector}")
        if survey is None or not {"unit_id", *line.when} <= set(survey.columns):
            continue
        looked = True
        concerned = survey.loc[line.concerns(survey), "unit_id"]
        applies |= set(concerned)
        missing |= set(concerned) - set(sources.loc[sources["checklist_item"] == line.item, "unit_id"])
    if not looked:
        raise NotCheckable(state("no_columns", columns="survey_unit"))
    where = frame[column].isin(applies) & _running(frame, context)
    return frame[column].isin(missing).astype("boolean").where(where)


@rule(
    "风险源清单不应以模板凑数",
    "100 个以上风险源的单位，低风险不超过 95%；相同的小风险源请合并登记",
    {"units": "unit_id"},
    severity="warning",
)
def template_sources(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return which units have more than 100 sources, nearly all of them low; null for units with fewer."""
    sources = context.table("risk_sources", "unit_id", "self_level")
    groups = (sources["self_level"] == "low").groupby(sources["unit_id"])
    count, low = frame[column].map(groups.size()), frame[column].map(groups.mean())
    return (low > LOW_SHARE).astype("boolean").where(count > MANY)
