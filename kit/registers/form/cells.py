"""Cells, looks and places that the pages of a form share."""

from __future__ import annotations

import math
import re
from typing import Any

from kit.registers.form.layout import FormColumn, FormSheet, hint, words
from kit.standard.standard import Standard

MARK_SHEET, LISTS_SHEET = "_kit", "_lists"
"""Hidden sheets."""
TITLE_ROW, ID_ROW, HEADING_ROW, HINT_ROW, FIRST_ROW = 1, 2, 3, 4, 5
"""The help stands last above the rows: it is what the filter takes for headings, so that sorting moves rows only."""
BLANK_ROWS = 30
"""Styled rows below those that are filled in."""
ROOM = 1000
"""Rows below those that are filled in to which the rules of a cell reach."""
LONGEST = 32_767
"""Most characters a cell of a workbook holds."""
FONT = "宋体"
COLOURS = {
    "required_head": "1F4E79", "optional_head": "5B7C99", "key_head": "404040", "required": "FFF8E1",
    "optional": "FFFFFF", "key": "E9EEF4", "missing": "F8CBAD", "unused": "D9D9D9", "hint": "F2F2F2",
}  # fmt: skip
TRIGGERS = ("=", "+", "-", "@", "\t", "\r")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x01-\x08\x0b\x0c\r\x0e-\x1f]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_IMPOSSIBLE = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")


def put(page: Any, row: int, column: int, value: Any) -> Any:
    """Write a value and return its cell; text is text, whatever it begins with."""
    cell = page.cell(row, column)
    if isinstance(value, str):
        cell.value = escape(value)
        # openpyxl takes "=…" for a formula and "#N/A" for an error by their looks; the type says otherwise.
        cell.data_type = "s"
        if value.startswith(TRIGGERS):
            cell.quotePrefix = True
    elif value is not None:
        cell.value = value
        if isinstance(value, float) and float(f"{value:.16g}") != value:
            # openpyxl writes 16 digits, and some numbers need 17 to be themselves again.
            cell._value = repr(value)
    return cell


def escape(text: str) -> str:
    """Return text as a workbook stores it: control characters as `_x000D_`, which spreadsheet programs turn back.

    Examples
    --------
    >>> escape("a_x000D_b"), escape("示例")
    ('a_x005F_x000D_b', '示例')
    """
    clean = _IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return _ESCAPE.sub(lambda found: f"_x{ord(found.group()):04X}_", clean)


def unescape(text: str) -> str:
    """Return text as a person sees it, from how a workbook stores it.

    Examples
    --------
    >>> unescape(escape("a_x000D_b"))
    'a_x000D_b'
    """
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text) if "_x" in text else text


def marks(standard: Standard, made: bool) -> list[str]:
    """Return what has to be said of the figures wherever they are shown."""
    said = [words()["mark_illustrative"]] if standard.illustrative else []
    return said + ([words()["mark_made"]] if made else [])


def sheet_title(standard: Standard, title: str, made: bool) -> str:
    """Return the line above a sheet, short enough for its first two columns: the sheet, and what the figures are."""
    said = marks(standard, made)
    mark = words()["mark_brackets"].format(text="；".join(said)) if said else ""
    line: str = words()["sheet_title"].format(sheet=title, mark=mark)
    return line


def role_of(sheet: FormSheet, column: FormColumn) -> str:
    """Return by what colour a column is shown: key, required or optional."""
    if column.id == sheet.key or column.parent:
        return "key"
    return "required" if column.spec.required else "optional"


def number_format(column: FormColumn) -> str:
    """Return how a cell of the column shows what is typed."""
    return {"number": "General", "integer": "General", "date": "yyyy-mm-dd"}.get(column.spec.type, "@")


def width_of(column: FormColumn) -> float:
    """Return the width of a column in characters of a digit's width."""
    shown = max((_width(text) for text in column.options.values()), default=0)
    typed = {"text": 24, "date": 13}.get(column.spec.type, 12)
    how = 22 if len(hint(column)) > 40 else 16 if len(hint(column)) > 12 else 0
    return float(min(34, max(typed, shown + 4, how, math.ceil(_width(column.heading) / 2) + 2)))


def _width(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)


def lines(text: str, width: float, size: int) -> int:
    """Return how many lines a text needs in a column of that width at that size of type."""
    room = max(1.0, (width - 2) * 10 / size)
    return sum(max(1, math.ceil(_width(part) / room)) for part in text.split("\n"))


def set_printing(page: Any, standard: Standard, made: bool) -> None:
    """Set a page up for A4 landscape, one page wide; title and marks above, standard and page number at the foot."""
    from openpyxl.worksheet.properties import PageSetupProperties

    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom = 0.8, 0.8
    page.page_margins.header = page.page_margins.footer = 0.4
    # & begins a code in headers and footers.
    page.oddHeader.left.text = words()["title"].format(title=standard.title).replace("&", "&&")
    page.oddHeader.right.text = "；".join(marks(standard, made))
    page.oddFooter.left.text = f"{standard.label}  {standard.fingerprint[:12]}"
    page.oddFooter.right.text = words()["page"]
