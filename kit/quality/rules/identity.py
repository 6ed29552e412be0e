"""身份

Who a unit is: credit codes, names, and units that are no longer there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kit.quality.registry import Context, rule
from kit.registers.identifiers import uscc_is_valid

if TYPE_CHECKING:
    import pandas as pd

# What is no name on a licence: blanks filled in, tests, numbers or letters alone.
_NO_NAME = r"[\s\d\W_a-zA-Z]*|.{1,3}|.*(?:测试|待补充|待定|不详|未知|同上|某某|[xX]{2,}|\?{2,}|？{2,}).*"
_LENGTH = 18


@rule(
    "统一社会信用代码的校验码应正确",
    "按 GB 32100-2015 计算的校验码；个别真实代码也不满足，请与营业执照核对",
    {"units": "uscc"},
    severity="warning",
)
def uscc_check_digit(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where an 18-character code has the wrong check character; other lengths are the pattern's finding."""
    import pandas as pd

    found = [None if pd.isna(code) or len(code) != _LENGTH else not uscc_is_valid(code) for code in frame[column]]
    return pd.Series(found, index=frame.index, dtype="boolean")


@rule("统一社会信用代码不得重复", "一个代码只登记一个单位；分支机构填写自己的代码", {"units": "uscc"})
def uscc_repeated(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where two units have the same whole code; null without a code of 18 characters."""
    whole = frame[column].str.len() == _LENGTH
    return frame.duplicated(column, keep=False).astype("boolean").where(whole.fillna(False))


@rule(
    "单位名称不得重复登记",
    "同一名称只登记一个单位；分支机构、门店请写明地点或编号",
    {"units": "name"},
    severity="warning",
)
def unit_name_repeated(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where two units differ in their number only; brackets and blanks do not make names different."""
    plain = frame[column].str.replace(r"[\s()（）·.,，。-]", "", regex=True)
    return plain.duplicated(keep=False).astype("boolean").where(plain.fillna("") != "")


@rule(
    "同一单位不得以两个名称登记",
    "地址和联系电话都相同的只登记一个单位，名称与营业执照一致",
    {"units": "name"},
    needs=("address", "phone"),
    severity="warning",
)
def unit_two_names(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where units of different names share address and phone; null without either."""
    known = frame["address"].notna() & frame["phone"].notna()
    names = frame[known].groupby(["address", "phone"])[column].transform("nunique")
    return (names.reindex(frame.index) > 1).astype("boolean").where(known)


@rule(
    "单位名称应与营业执照一致",
    "至少 4 个字的完整名称，不得填写“测试”“待补充”、数字或字母",
    {"units": "name"},
    severity="warning",
)
def unit_name_no_licence(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a name can be on no licence; null without a name."""
    no_name = frame[column].fillna("").str.fullmatch(re.compile(_NO_NAME, re.DOTALL))
    return no_name.astype("boolean").where(frame[column].notna())


@rule("已注销单位不应再有风险源", "单位台账中未注销的单位", {"risk_sources": "unit_id"}, severity="warning")
def unit_closed(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the source's unit was closed on or before the snapshot."""
    import pandas as pd

    units = context.table("units", "unit_id", "closed_at")
    closed = units.loc[pd.to_datetime(units["closed_at"]) <= pd.Timestamp(context.as_of), "unit_id"]
    return frame[column].isin(closed).astype("boolean")


@rule("注销日期不得早于登记日期", "注销日期不早于登记日期", {"units": "closed_at"}, needs=("registered_at",))
def closed_before_registered(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a unit was closed before it was registered; null where either day is unknown."""
    import pandas as pd

    closed, registered = pd.to_datetime(frame[column]), pd.to_datetime(frame["registered_at"])
    return (closed < registered).astype("boolean").where(closed.notna() & registered.notna())
