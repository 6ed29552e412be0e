"""应急资源

Stocks that are not there, are counted twice, or cannot arrive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.registry import Context, rule

if TYPE_CHECKING:
    import pandas as pd

# What comes later than this after the call is no help in the first phase (proposal).
MINUTES = 180.0
SPEED_KMH = 80.0
_UNIT = r"[㎡㎥a-zA-Z\u4e00-\u9fff][㎡㎥a-zA-Z\u4e00-\u9fff²³/\d]*"


@rule("应急资源的数量应大于零", "大于 0；已耗尽或调出的请注销", {"resources": "quantity"})
def resource_quantity(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the quantity is zero; below zero is the range's finding, null is the required field's."""
    return (frame[column] == 0).astype("boolean").where(frame[column].notna())


@rule("应急资源应在有效期内", "有效期不早于数据截止日期", {"resources": "expires_at"}, severity="warning")
def resource_expired(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the expiry date lies before the snapshot; null where the stock does not expire."""
    import pandas as pd

    expires = pd.to_datetime(frame[column])
    return (expires < pd.Timestamp(context.as_of)).astype("boolean").where(expires.notna())


@rule("计量单位应是量词", "个、台、套、人、件、t 等；不得填数字或符号", {"resources": "unit"})
def resource_unit(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the unit of measure is no word; null is the required field's finding."""
    word = frame[column].fillna("").str.strip().str.fullmatch(_UNIT)
    return (~word).astype("boolean").where(frame[column].notna())


@rule(
    "同一资源不得由两个单位重复登记",
    "名称、小类、数量和地点都相同的只由所有单位登记；共用的写入互助协议",
    {"resources": "resource_id"},
    needs=("owner_unit", "class", "name", "quantity", "lon", "lat"),
    severity="warning",
)
def resource_twice(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where two units list the same stock at the same point; null without coordinates."""
    same = ["class", "name", "quantity", "lon", "lat"]
    applies = frame["lon"].notna() & frame["lat"].notna() & frame["quantity"].notna()
    again = frame.duplicated(same, keep=False) & applies
    owners = frame[again].groupby(same, dropna=False)["owner_unit"].transform("nunique")
    return (owners.reindex(frame.index).fillna(0) > 1).astype("boolean").where(applies)


@rule(
    "可请求援助的资源应有合理的出动时间",
    "填写出动准备时间，不超过 180 分钟",
    {"resources": "mobilise_minutes"},
    needs=("requestable",),
    severity="warning",
)
def arrival_implausible(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a stock that others may ask for has no time to move, or a very long one; null for all others."""
    applies = frame["requestable"].fillna(False).astype(bool)
    return (frame[column].isna() | (frame[column] > MINUTES)).astype("boolean").where(applies)


@rule("可请求援助的资源应有联系电话", "联系人和联系电话必填", {"resources": "contact"}, needs=("requestable", "phone"))
def aid_without_contact(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a stock that others may ask for has nobody to call; null for all others."""
    applies = frame["requestable"].fillna(False).astype(bool)
    return (frame[column].isna() | frame["phone"].isna()).astype("boolean").where(applies)


@rule("互助协议的双方应是两个单位", "支援方与受援方不同", {"agreements": "to_unit"}, needs=("from_unit",))
def agreement_with_self(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a unit has an agreement with itself; null without both."""
    known = frame[column].notna() & frame["from_unit"].notna()
    return (frame[column] == frame["from_unit"]).astype("boolean").where(known)


@rule(
    "互助协议的支援方应有协议所列的资源",
    "支援方在应急资源台账中有该小类、“可请求援助”的资源",
    {"agreements": "from_unit"},
    needs=("class",),
    severity="warning",
)
def agreement_without_stock(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the giving unit lists nothing of the class that may be asked for; null without unit or class."""
    import pandas as pd

    resources = context.table("resources", "owner_unit", "class", "requestable")
    giving = resources[resources["requestable"].fillna(False).astype(bool)]
    there = pd.MultiIndex.from_frame(giving[["owner_unit", "class"]])
    found = ~pd.MultiIndex.from_frame(frame[[column, "class"]]).isin(there)
    applies = frame[column].notna() & frame["class"].notna()
    return pd.Series(found, index=frame.index).astype("boolean").where(applies)


@rule("互助协议应写明路程和到达时间", "路程、到达时间都填写", {"agreements": "distance"}, needs=("arrival_minutes",))
def agreement_without_distance(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where an agreement says not how far away the help is, or not how long it takes."""
    return (frame[column].isna() | frame["arrival_minutes"].isna()).astype("boolean")


@rule(
    "互助资源的到达时间应合理",
    "到达时间不超过 180 分钟，按路程计算的时速不超过 80 km",
    {"agreements": "arrival_minutes"},
    needs=("distance",),
    severity="warning",
)
def agreement_arrival(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where help comes too late to be any, or faster than a vehicle can drive; null without both numbers."""
    known = frame[column].notna() & frame["distance"].notna()
    fast = frame["distance"] > SPEED_KMH / 60.0 * frame[column]
    return ((frame[column] > MINUTES) | fast).astype("boolean").where(known)
