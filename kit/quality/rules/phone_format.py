"""电话号码的格式应正确

11 位手机号，或区号加 7～8 位固定电话（可带分机），如 010-12345678
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"units": "phone", "risk_sources": "owner_phone", "resources": "phone"}
SEVERITY = "warning"

PATTERN = r"(?:\+?86[- ]?)?1\d{10}|\(?0\d{2,3}\)?[- ]?\d{7,8}(?:[-转]\d{1,6})?|\d{7,8}"


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a phone number can be no phone number; null where none is given."""
    given = frame[column]
    return (~given.fillna("").str.fullmatch(PATTERN)).astype("boolean").where(given.notna())
