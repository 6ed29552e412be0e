"""应急能力

Answers that lift a score by leaving items out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.registry import Context, rule

if TYPE_CHECKING:
    import pandas as pd

# With half of the items out, the score is over what is left: its reasons have to be looked at.
SHARE = 0.5
_NO_ANSWER = {"unit_id", "assessed_at"}


@rule(
    "不涉及的项目不应超过一半",
    "未填写（不涉及）的项目不超过全部项目的 50%；超过的应逐项说明不涉及的理由",
    {"capability": "unit_id"},
    severity="warning",
)
def capability_blank(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where more than half of the answers are blank; null when the table has no answers."""
    answers = [name for name in frame.columns if name not in _NO_ANSWER]
    share = frame[answers].isna().mean(axis=1) if answers else frame[column].isna() * float("nan")
    return (share > SHARE).astype("boolean").where(share.notna())


@rule(
    "应急能力评估的单位应未注销",
    "单位台账中未注销的单位",
    {"capability": "unit_id"},
    needs=("assessed_at",),
    severity="warning",
)
def capability_of_closed(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the answers are of a unit closed before they were given; null without a day of closing."""
    import pandas as pd

    units = context.table("units", "unit_id", "closed_at").drop_duplicates("unit_id").set_index("unit_id")
    closed = pd.to_datetime(frame[column].map(units["closed_at"]))
    given = pd.to_datetime(frame["assessed_at"])
    return (closed < given).astype("boolean").where(closed.notna() & given.notna())
