"""应急资源应在有效期内

有效期不早于数据截止日期
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"resources": "expires_at"}
SEVERITY = "warning"


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the expiry date lies before the snapshot; null where the stock does not expire."""
    import pandas as pd

    expires = pd.to_datetime(frame[column])
    return (expires < pd.Timestamp(context.as_of)).astype("boolean").where(expires.notna())
