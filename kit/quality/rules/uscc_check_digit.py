"""统一社会信用代码的校验码应正确

按 GB 32100-2015 计算的校验码；个别真实代码也不满足，请与营业执照核对
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.registers.identifiers import uscc_is_valid

if TYPE_CHECKING:
    import pandas as pd

    from kit.quality.registry import Context

TABLES = {"units": "uscc"}
SEVERITY = "warning"


def breaches(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where an 18-character code has the wrong check character; other lengths are the pattern's finding."""
    import pandas as pd

    found = [None if pd.isna(code) or len(code) != 18 else not uscc_is_valid(code) for code in frame[column]]
    return pd.Series(found, index=frame.index, dtype="boolean")
