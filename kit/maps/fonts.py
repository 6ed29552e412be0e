"""The Chinese font that ships with the kit, for pictures made by matplotlib.

It is loaded by path: a machine may have no Chinese font, and matplotlib's list of system fonts may be stale.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kit.paths import package_assets


def font_path() -> Path:
    """Return the path of the subset of Noto Sans SC (GB 2312, SIL OFL 1.1)."""
    return package_assets() / "fonts" / "NotoSansSC-GB2312.otf"


@cache
def _family() -> str:
    from matplotlib import font_manager

    font_manager.fontManager.addfont(str(font_path()))
    return str(font_manager.FontProperties(fname=str(font_path())).get_name())


def use_font() -> dict[str, object]:
    """Load the font and return the rcParams that make matplotlib draw with it.

    Examples
    --------
    >>> import matplotlib
    >>> with matplotlib.rc_context(use_font()):
    ...     matplotlib.rcParams["font.family"]
    ['Noto Sans SC']
    """
    return {"font.family": [_family()], "axes.unicode_minus": False, "svg.hashsalt": "kit"}
