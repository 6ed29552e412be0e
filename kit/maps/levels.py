"""How each class of risk source looks: colour, mark and outline, the same on every map, chart and table.

The four colours are those of the plan (红橙黄蓝, softened so that text on them can be read). A class is never told by
colour alone: each has its own mark, and 数据不足 is hatched.
"""

from __future__ import annotations

from dataclasses import dataclass

from kit.inventory.tables import CLASS_NAMES


@dataclass(frozen=True)
class Style:
    """Looks of one class.

    Attributes
    ----------
    id : class in the data, for example ``major``.
    name : what a reader sees, for example 重大.
    fill, edge, ink : CSS colours of the area, its outline, and text written on it.
    mark : one character for text and charts.
    shape : shape of the point on a map (triangle, diamond, circle, square, query, ring).
    marker : the matplotlib marker of that shape.
    """

    id: str
    name: str
    fill: str
    edge: str
    ink: str
    mark: str
    shape: str
    marker: str


def _style(key: str, *looks: str) -> tuple[str, Style]:
    return key, Style(key, CLASS_NAMES[key], *looks)


STYLES: dict[str, Style] = dict(
    [
        _style("major", "#D7191C", "#8E0F12", "#FFFFFF", "▲", "triangle", "^"),
        _style("considerable", "#FDAE61", "#B25A00", "#4A2500", "◆", "diamond", "D"),
        _style("general", "#F2C500", "#7A6300", "#3D3200", "●", "circle", "o"),
        _style("low", "#2C7BB6", "#154B75", "#FFFFFF", "■", "square", "s"),
        _style("insufficient", "#C9CDD3", "#5A616B", "#2B2F36", "？", "query", "P"),
        _style("pending", "#FFFFFF", "#6B7280", "#374151", "○", "ring", "o"),
    ]
)

_PATHS = {
    "triangle": '<path d="M8 1.5 15 14.5H1Z"/>',
    "diamond": '<path d="M8 .8 15.2 8 8 15.2.8 8Z"/>',
    "circle": '<circle cx="8" cy="8" r="6.4"/>',
    "square": '<rect x="2" y="2" width="12" height="12"/>',
    "query": '<circle cx="8" cy="8" r="6.4"/><path d="M3.5 12.5l9-9M2 9l7-7M7 14l7-7" fill="none"/>',
    "ring": '<circle cx="8" cy="8" r="6" stroke-dasharray="2.6 1.6"/>',
}


def mark_svg(key: str, size: int = 16) -> str:
    """Return the map mark of class `key` as an SVG element of `size` pixels (HTML, safe: no text from data).

    Examples
    --------
    >>> mark_svg("major", 12).startswith('<svg class="mark" width="12"')
    True
    """
    style = STYLES[key]
    return (
        f'<svg class="mark" width="{size}" height="{size}" viewBox="0 0 16 16" aria-hidden="true" '
        f'fill="{style.fill}" stroke="{style.edge}" stroke-width="1.3">{_PATHS[style.shape]}</svg>'
    )
