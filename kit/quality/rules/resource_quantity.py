"""应急资源的数量应大于零

大于 0；已耗尽或调出的请注销
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"resources": "quantity"}


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the quantity is zero; below zero is the range's finding, null is the required field's."""
    return (frame[column] == 0).astype("boolean").where(frame[column].notna())
