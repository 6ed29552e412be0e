"""时间

Days that are too late, too early or in the wrong order.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from kit.quality.registry import Context, rule

if TYPE_CHECKING:
    import pandas as pd

# Plans and capability assessments are renewed every three years at least (应急管理部令第2号, DB11/T 1581).
YEARS = 3


def _before(days: pd.Series, limit: dt.date) -> pd.Series:
    """Return which days lie before a day; null where there is none."""
    import pandas as pd

    given = pd.to_datetime(days)
    return (given < pd.Timestamp(limit)).astype("boolean").where(given.notna())


def quarter_start(day: dt.date) -> dt.date:
    """Return the first day of a day's quarter.

    Examples
    --------
    >>> quarter_start(dt.date(2019, 12, 31)).isoformat()
    '2019-10-01'
    """
    return dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def years_before(day: dt.date, years: int) -> dt.date:
    """Return the day some years earlier; 29 February becomes 28 February.

    Examples
    --------
    >>> years_before(dt.date(2020, 2, 29), 3).isoformat()
    '2017-02-28'
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


@rule("风险源应在本季度内更新", "更新日期在数据所属季度内", {"risk_sources": "updated_at"}, severity="warning")
def stale_quarter(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a source was last updated before the quarter of the data; null without a day."""
    return _before(frame[column], quarter_start(context.as_of))


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


@rule(
    "应按现行版本的标准评估",
    "“评估标准”一栏的版本不早于现行版本；标准修订后应重新评估",
    {"risk_sources": "standard"},
    severity="warning",
)
def standard_outdated(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a source was assessed by an earlier version than the current one; null for unknown standards."""
    known = context.known_standards()
    verdict: dict[str, bool | None] = {}
    for label in frame[column].dropna().unique():
        name, _, version = str(label).partition("@")
        verdict[label] = _version(version) < _version(known[name].version) if name in known else None
    return frame[column].map(verdict).astype("boolean")


@rule(
    "应急能力评估不应超过三年",
    "评估日期在数据截止日期前三年内（DB11/T 1581）",
    {"capability": "assessed_at"},
    severity="warning",
)
def capability_old(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a capability assessment is older than three years; null without a day."""
    return _before(frame[column], years_before(context.as_of, YEARS))


@rule("预案应在三年内修订", "批准日期在数据截止日期前三年内", {"plans": "approved_at"}, severity="warning")
def plan_old(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a plan was approved more than three years ago; null without a day."""
    return _before(frame[column], years_before(context.as_of, YEARS))


@rule("演练不应早于预案", "演练日期不早于同一风险源预案的批准日期", {"drills": "drilled_at"}, needs=("source_id",))
def drill_before_plan(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a drill was held before its source's first plan was approved; null without either."""
    import pandas as pd

    plans = context.table("plans", "source_id", "approved_at")
    approved = pd.to_datetime(plans["approved_at"]).groupby(plans["source_id"]).min()
    drilled, first = pd.to_datetime(frame[column]), frame["source_id"].map(approved)
    return (drilled < first).astype("boolean").where(drilled.notna() & first.notna())


@rule("互助协议应在有效期内", "有效期不早于数据截止日期", {"agreements": "expires_at"}, severity="warning")
def agreement_expired(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where an aid agreement ended before the snapshot; null where it does not end."""
    return _before(frame[column], context.as_of)


@rule("协议有效期不应早于签订日期", "有效期晚于签订日期", {"agreements": "expires_at"}, needs=("signed_at",))
def agreement_dates(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where an agreement ends before it was signed; null without either day."""
    import pandas as pd

    ends, signed = pd.to_datetime(frame[column]), pd.to_datetime(frame["signed_at"])
    return (ends < signed).astype("boolean").where(ends.notna() & signed.notna())
