"""名称和地址

Names of risk sources and addresses of units.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kit.quality.registry import Context, rule
from kit.registers.codes_list import code_names

if TYPE_CHECKING:
    import pandas as pd

_GENERIC = {
    "风险",
    "风险源",
    "风险点",
    "危险源",
    "隐患",
    "安全",
    "事故",
    "爆炸",
    "中毒",
    "其他",
    "设备",
    "人员",
    "场所",
    "无",
}
# A failed control or a fault of a person (隐患、危险有害因素) is no source.
_FACTOR = (
    r"(?:未|没有|缺少|缺乏|违章|违规|违反|无证|操作不当|误操作|思想|管理不|制度不).*"
    r"|.*(?:不到位|不健全|不落实|意识差|意识淡薄)"
)
_DOOR = (
    r"\d+\s*(?:号|院|楼|栋|层|组|队|巷|弄|米|公里|千米)"
    r"|[一二三四五六七八九十甲乙丙]+(?:号|院|楼|栋|组|队)|村$|路口|[收路]费?站$|K\d"
)


@rule(
    "同一单位内风险源名称不得重复",
    "单位内名称唯一；同类风险源请在名称中写明部位或编号",
    {"risk_sources": "name"},
    needs=("unit_id",),
    severity="warning",
)
def name_repeated(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a unit has the same name for two sources; null without a name."""
    return frame.duplicated(["unit_id", column], keep=False).astype("boolean").where(frame[column].notna())


@rule(
    "风险源名称应具体",
    "设备设施、场所、区域或作业活动的具体名称；不得只写事故类型（如“火灾”）或“风险源”",
    {"risk_sources": "name"},
    severity="warning",
)
def name_generic(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the name is only a class of accident or a general word; null without a name."""
    words = _GENERIC | set(code_names("accident_classes").values())
    plain = frame[column].str.replace(r"(?:事故|风险)?[\s\d]*$", "", regex=True).str.strip()
    found = frame[column].isin(words) | plain.isin(words)
    return found.astype("boolean").where(frame[column].notna())


@rule(
    "风险源名称不应是隐患或危险有害因素",
    "写承载风险的设备设施、场所或作业活动；“未…”“…不到位”属于隐患",
    {"risk_sources": "name"},
    severity="warning",
)
def name_is_factor(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the name tells a failed control instead of a source; null without a name."""
    return frame[column].fillna("").str.fullmatch(_FACTOR).astype("boolean").where(frame[column].notna())


@rule("详细地址应写到门牌号", "北京市、区、街道（乡镇）、路、门牌号", {"units": "address"}, severity="warning")
def address_without_door(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the address names no house, village or place on a road; null without an address."""
    door = frame[column].fillna("").str.contains(_DOOR, regex=True)
    return (~door).astype("boolean").where(frame[column].notna())


@rule("地址中的市名应完整", "写“北京市”，不写“北京”", {"units": "address"}, severity="warning")
def address_without_city(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the address begins with the city's name without 市; null for addresses that begin otherwise."""
    text = frame[column].fillna("")
    # 北京经济技术开发区 is a name of its own.
    applies = text.str.startswith("北京") & ~text.str.startswith("北京经济技术开发区")
    return (~text.str.startswith("北京市")).astype("boolean").where(applies)


@rule(
    "地址中的区应与所填的区一致",
    "地址写的区与“区”一栏相同",
    {"units": "address"},
    needs=("district",),
    severity="warning",
)
def address_other_district(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the address names another district than the register; null where it names none."""
    districts = {name: code for code, name in code_names("districts").items() if len(code) == 6}
    pattern = f"^(?:北京市?)?({'|'.join(map(re.escape, districts))})"
    named = frame[column].str.extract(pattern, expand=False).map(districts)
    # Units of the development zone lie in two districts.
    applies = named.notna() & (frame["district"].str.len() == 6)
    return (named != frame["district"]).astype("boolean").where(applies)
