"""管控

Who answers for a source, whether they can be reached, and what is done about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.registry import Context, rule

if TYPE_CHECKING:
    import pandas as pd

_PHONE = r"(?:\+?86[- ]?)?1\d{10}|\(?0\d{2,3}\)?[- ]?\d{7,8}(?:[-转]\d{1,6})?|\d{7,8}"
_NOBODY = (
    r".*(?:部|科|处|室|局|办|公司|单位|负责人|责任人|领导|中心|街道|委员会)|无|暂无|待定|待补充|空缺|不详|/+|-+|\d+"
)
_MEASURES = ("measures_engineering", "measures_technical", "measures_management")


def _high(frame: pd.DataFrame) -> pd.Series:
    """Return which sources are confirmed as considerable or major."""
    return (frame["review_state"] == "confirmed") & frame["reviewed_level"].isin(["considerable", "major"])


def _blank(texts: pd.Series) -> pd.Series:
    return texts.fillna("").str.strip().isin(["", "无", "/", "-", "—"])


@rule(
    "已确认的重大、较大风险源应有管控责任人",
    "管控责任人和责任人电话必填",
    {"risk_sources": "owner"},
    needs=("review_state", "reviewed_level", "owner_phone"),
)
def owner_of_high_risk(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a confirmed major or considerable source lacks the person or the phone; null for all others."""
    return (frame["owner"].isna() | frame["owner_phone"].isna()).astype("boolean").where(_high(frame))


@rule(
    "管控责任人应是具体的人",
    "填写姓名；不得只写部门、单位、“负责人”或“待定”",
    {"risk_sources": "owner"},
    severity="warning",
)
def owner_no_person(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the control subject is a department or a vacant post; null without any."""
    return frame[column].fillna("").str.strip().str.fullmatch(_NOBODY).astype("boolean").where(frame[column].notna())


@rule(
    "电话号码的格式应正确",
    "11 位手机号，或区号加 7～8 位固定电话（可带分机），如 010-12345678",
    {"units": "phone", "risk_sources": "owner_phone", "resources": "phone"},
    severity="warning",
)
def phone_format(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a phone number can be no phone number; null where none is given."""
    given = frame[column]
    return (~given.fillna("").str.fullmatch(_PHONE)).astype("boolean").where(given.notna())


@rule(
    "管控措施不得照抄风险源名称",
    "措施写做什么、由谁做、多久一次，与风险源名称、部位不同",
    {"risk_sources": "name"},
    needs=_MEASURES,
    severity="warning",
)
def measure_is_name(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a measure's text is the source's name; null without a name."""
    import pandas as pd

    found = pd.Series(False, index=frame.index)
    for measure in _MEASURES:
        found |= (frame[measure] == frame[column]).fillna(False).astype(bool)
    return found.astype("boolean").where(frame[column].notna())


@rule(
    "重大风险源不应只有管理措施",
    "已确认的重大风险源至少有一项工程措施或技术措施",
    {"risk_sources": "measures_engineering"},
    needs=("measures_technical", "review_state", "reviewed_level"),
)
def only_management(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a confirmed major source has neither engineering nor technical measures; null for all others."""
    applies = (frame["review_state"] == "confirmed") & (frame["reviewed_level"] == "major")
    return (_blank(frame[column]) & _blank(frame["measures_technical"])).astype("boolean").where(applies)


@rule(
    "已确认的重大、较大风险源应有管控措施",
    "工程、技术、管理措施至少填写一项",
    {"risk_sources": "measures_management"},
    needs=("measures_engineering", "measures_technical", "review_state", "reviewed_level"),
)
def no_measure(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a confirmed major or considerable source has no measure of any kind; null for all others."""
    empty = _blank(frame[column]) & _blank(frame["measures_engineering"]) & _blank(frame["measures_technical"])
    return empty.astype("boolean").where(_high(frame))


@rule(
    "重大风险源应有一对一事故应急预案",
    "已确认的重大风险源在预案台账中有预案",
    {"risk_sources": "source_id"},
    needs=("review_state", "reviewed_level"),
    severity="warning",
)
def major_without_plan(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a confirmed major source has no plan in the register of plans; null for all others."""
    planned = context.table("plans", "source_id")["source_id"]
    applies = (frame["review_state"] == "confirmed") & (frame["reviewed_level"] == "major")
    return (~frame[column].isin(planned)).astype("boolean").where(applies)
