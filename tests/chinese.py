"""Whether a message for drafters is all in Chinese."""

from __future__ import annotations

import re

# Words of the format that stand in the Chinese without quotes, because they are shown as they are written in the file.
KEYS = {"key", "value", "values", "true", "false", "not", "and", "else", "trial", "CSV", "UTF", "Excel", "Tab", "xls",
        "xlsx", "parquet", "csv"}  # fmt: skip


def english_left(text: str) -> list[str]:
    """Return the English words of a Chinese message, without quoted parts and lists of allowed names."""
    text = re.sub(r"“[^”]*”|例如 round\(x, 1\)|'[^']*'|\"[^\"]*\"|\[[^\]]*\]", "", text)
    text = re.sub(
        r"(可以写一个数，或|可以写|工作表有|图层有|现有|文件夹里有|函数有|要写其中一种|写一种方法|现在写了|的类型是)：?[^；。，]*",
        "",
        text,
    )
    text = re.sub(r"（[\w、]+）", "", text)
    return [word for word in re.findall(r"[A-Za-z_]{3,}", text) if word not in KEYS]
