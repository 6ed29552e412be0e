"""Frames and figures as HTML for a report. All text from data is escaped here and nowhere else."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kit.maps.levels import STYLES, mark_svg

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

NONE = "—"
# A share of fewer than this is printed as x/y: a percentage of a handful says more than is known.
SMALL_BASE = 20
# Text of at most this width (a Chinese character is 2 wide) is never broken into two lines.
SHORT = 12
_BY_NAME = {style.name: key for key, style in STYLES.items()}
# Hidden characters that turn text around or break lines: shown as a visible blank, never obeyed.
_CONTROLS = dict.fromkeys([*range(32), 127, 8232, 8233, *range(8234, 8239), *range(8294, 8298)], " ")


def escape(value: object) -> str:
    """Return text from data so that HTML shows it as it was written.

    Examples
    --------
    >>> escape('<script>')
    '&lt;script&gt;'
    """
    return html.escape(str(value).translate(_CONTROLS), quote=True)


def is_missing(value: Any) -> bool:
    """Return whether a cell is empty: None, NaN, NaT, pandas NA, or blank text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return type(value).__name__ in ("NAType", "NaTType")


def percent(part: float, whole: float, *, sign: str = "%") -> str:
    """Return a share for a reader: one decimal, `x/y` when the base is under 20, — when it is 0.

    Examples
    --------
    >>> percent(1, 40), percent(3, 12), percent(0, 0)
    ('2.5%', '3/12', '—')
    """
    if not whole:
        return NONE
    if abs(whole) < SMALL_BASE:
        return f"{part:g}/{whole:g}"
    return f"{100 * part / whole:.1f}{sign}"


def mask_name(name: str) -> str:
    """Return a person's name with all but the first character hidden.

    Examples
    --------
    >>> mask_name("张三丰")
    '张＊＊'
    """
    text = name.strip()
    return text[:1] + "＊" * max(1, min(len(text) - 1, 3)) if text else NONE


def mask_phone(phone: str) -> str:
    """Return a phone number with its middle hidden.

    Examples
    --------
    >>> mask_phone("13812345678")
    '138＊＊＊＊5678'
    """
    text = phone.strip()
    return text[:3] + "＊＊＊＊" + text[-4:] if len(text) >= 9 else "＊" * len(text)


def chip(name: str) -> str:
    """Return a class as a coloured chip with its mark and name: never colour alone."""
    key = _BY_NAME.get(name)
    return escape(name) if key is None else f'<span class="chip {key}">{mark_svg(key, 12)}{escape(name)}</span>'


def _number(value: Any, decimals: int | None) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if decimals is not None:
        # Half up on the 9th decimal, as the standards round, and no "-0.0".
        return f"{round(float(value) + math.copysign(1e-9, float(value)), decimals) + 0.0:.{decimals}f}"
    if isinstance(value, float):
        return f"{value:g}" if value == int(value) else f"{value:.1f}"
    return str(value)


def _cell(row: Mapping[str, Any], column: str, spec: Mapping[str, Any], numbers: Mapping[str, Any], blank: str) -> str:
    value = row[column]
    if column in spec.get("share", {}):
        part, whole = (row[name] if name in row else numbers[name] for name in spec["share"][column])
        return percent(float(part), float(whole), sign="")
    if is_missing(value):
        return NONE
    if column in spec.get("mask", ()):
        return escape(value if value == blank else mask_name(str(value)))
    if column in spec.get("chips", ()):
        return chip(str(value))
    if isinstance(value, str):
        return escape(value)
    return escape(_number(value, spec.get("decimals", {}).get(column)))


def _kind(frame: pd.DataFrame, column: str, spec: Mapping[str, Any]) -> str:
    """Return how a column is set: n numbers (right), s short text such as ids and dates (never broken), t text."""
    if frame[column].dtype.kind in "iuf" or column in spec.get("share", {}):
        return "n"
    widths = (sum(1 if ord(c) < 0x2E80 else 2 for c in str(value)) for value in frame[column] if not is_missing(value))
    return "s" if max(widths, default=0) <= SHORT else "t"


def table_html(
    frame: pd.DataFrame,
    *,
    label: str,
    caption: str,
    denominator: str = "",
    note: str = "",
    empty: str = "无记录",
    spec: Mapping[str, Any] | None = None,
    numbers: Mapping[str, Any] | None = None,
    total: str = "合计",
    blank: str = "未填写",
) -> str:
    """Return a frame as an HTML table with caption above and denominator below.

    Parameters
    ----------
    frame : column titles are what the reader sees; a last row whose first cell is `total` is set bold.
    label : 表1, 表2, …
    denominator : what the counts are over; printed under the table as 统计范围.
    empty : printed instead of the table when `frame` has no rows; the caption stays.
    spec : `share` {column: [part, whole]} printed by `percent`, `decimals` {column: digits}, `chips` [columns of
        classes], `mask` [columns of names].
    """
    rules = spec or {}
    head = f'<div class="caption"><b>{escape(label)}</b>　{escape(caption)}</div>'
    foot = "　".join(part for part in (f"统计范围：{denominator}。" if denominator else "", note) if part)
    foot_html = f'<div class="tablenote">{escape(foot)}</div>' if foot else ""
    if frame.empty:
        return f'<div class="tablebox">{head}<p class="none">{escape(empty)}。</p>{foot_html}</div>'
    columns = list(frame.columns)
    kinds = [_kind(frame, column, rules) for column in columns]
    titles = "".join(f'<th scope="col" class="{kind}">{escape(c)}</th>' for c, kind in zip(columns, kinds, strict=True))
    body = []
    row: Any
    for row in frame.to_dict("records"):
        cells = [_cell(row, column, rules, numbers or {}, blank) for column in columns]
        style = ' class="total"' if row[columns[0]] == total else ""
        inner = "".join(f'<td class="{kind}">{cell}</td>' for cell, kind in zip(cells, kinds, strict=True))
        body.append(f"<tr{style}>{inner}</tr>")
    return (
        f'<div class="tablebox">{head}<div class="scroll"><table><thead><tr>{titles}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>{foot_html}</div>"
    )


def png(figure: Figure, dpi: int = 120) -> bytes:
    """Return a matplotlib figure as PNG bytes (no pyplot, no state left behind)."""
    import io

    from matplotlib.backends.backend_agg import FigureCanvasAgg

    stream = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return stream.getvalue()


def picture_html(data: bytes, *, label: str, caption: str, alt: str) -> str:
    """Return a picture inside the page, with caption below."""
    source = base64.b64encode(data).decode("ascii")
    return (
        f'<figure><img alt="{escape(alt)}" src="data:image/png;base64,{source}">'
        f"<figcaption><b>{escape(label)}</b>　{escape(caption)}</figcaption></figure>"
    )
