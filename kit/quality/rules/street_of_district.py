"""街道（乡镇）应属于所填的区

街道代码前六位与区代码一致（经济技术开发区除外）
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"units": "street"}
NEEDS = ("district",)


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where the street's code belongs to another district; null for areas that are no district."""
    street, district = frame["street"], frame["district"]
    # A nine-digit area (the development zone) lies in streets of several districts.
    applies = street.notna() & (district.str.len() == 6)
    return (street.str.slice(0, 6) != district).astype("boolean").where(applies)
