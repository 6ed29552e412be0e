"""Tables of the inventory as an Excel workbook to hand in: Chinese headings, real numbers, set up for A4."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kit.errors import KitError
from kit.files import whole_file
from kit.registers.form.cells import COLOURS, FONT, lines, put

_WIDEST = 44
_MEASURED = 200


@dataclass(frozen=True)
class Sheet:
    """One table of a workbook.

    Attributes
    ----------
    title : name of the sheet and the line above it.
    frame : the table; only columns named in `headings` are written, in their order.
    headings : column -> heading.
    shares : columns that hold fractions and are shown in per cent.
    total : whether the last row is a total.
    notes : lines below the title.
    unknown : what a null is written as; an empty cell by default.
    """

    title: str
    frame: pd.DataFrame
    headings: Mapping[str, str]
    shares: Sequence[str] = ()
    total: bool = False
    notes: Sequence[str] = ()
    unknown: str | None = None


def write_workbook(path: str | Path, title: str, sheets: Sequence[Sheet], *, made: bool = False) -> Path:
    """Write tables as an .xlsx file, whole or not at all, and return the path.

    Parameters
    ----------
    title : what stands in the head of each page; it says by itself whether the data are made.
    made : the titles are then red.

    Raises
    ------
    KitError
        When the name does not end in .xlsx.
    """
    import openpyxl

    file = Path(path)
    if file.suffix.lower() != ".xlsx":
        raise KitError(f"{path}: the tables are written as an Excel workbook; name it {file.stem}.xlsx")
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _page(book.create_sheet(sheet.title[:31]), title, sheet, made)
    book.properties.title, book.properties.creator = title, "kit"
    book.properties.created = book.properties.modified = dt.datetime(2019, 1, 1)
    with whole_file(file) as target:
        book.save(target)
    return file


def _page(page: Any, title: str, sheet: Sheet, made: bool) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    thin = Side(style="thin", color="BFBFBF")
    border = Border(left=thin, right=thin, top=thin, bottom=thin)
    put(page, 1, 1, f"{title} {sheet.title}").font = Font(
        name=FONT, size=14, bold=True, color="C00000" if made else "000000"
    )
    for number, note in enumerate(sheet.notes, start=2):
        put(page, number, 1, note).font = Font(name=FONT, size=9, color="595959")
    head = len(sheet.notes) + 2
    looks: dict[tuple[str, bool, Any, bool], Any] = {}
    columns = list(sheet.headings)
    cells = [[_native(value, sheet.unknown) for value in sheet.frame[name]] for name in columns]
    widths = [_width(sheet.headings[name], values) for name, values in zip(columns, cells, strict=True)]
    for at, name in enumerate(columns, start=1):
        page.column_dimensions[get_column_letter(at)].width = widths[at - 1]
        cell = put(page, head, at, sheet.headings[name])
        cell.font, cell.border = Font(name=FONT, size=10, bold=True, color="FFFFFF"), border
        cell.fill = PatternFill("solid", fgColor=COLOURS["key_head"])
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        for offset, value in enumerate(cells[at - 1], start=1):
            cell = put(page, head + offset, at, value)
            bold = sheet.total and offset == len(sheet.frame)
            plain = value != sheet.unknown  # unknown numbers stand where numbers stand
            look = (_kind(value, name in sheet.shares), bold, cell.quotePrefix, plain)
            # Cells of one look share it: dressing each takes a minute for ten thousand rows.
            if look not in looks:
                cell.border, cell.font = border, Font(name=FONT, size=10, bold=bold)
                across = "left" if look[0] == "@" and plain else "right"
                cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal=across)
                cell.number_format = look[0]
                looks[look] = copy(cell._style)
            else:
                cell._style = looks[look]
    tallest = max(lines(sheet.headings[name], width, 10) for name, width in zip(columns, widths, strict=True))
    page.row_dimensions[head].height = 15 * tallest + 4
    for offset in range(len(sheet.frame)):
        texts = [(column[offset], width) for column, width in zip(cells, widths, strict=True)]
        most = max((lines(value, width, 10) for value, width in texts if isinstance(value, str)), default=1)
        page.row_dimensions[head + 1 + offset].height = 14 * most + 3
    page.freeze_panes = page.cell(head + 1, 2)
    _printing(page, title, head, sum(widths) > 90)


def _printing(page: Any, title: str, head: int, wide: bool) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    page.page_setup.orientation, page.page_setup.paperSize = "landscape" if wide else "portrait", 9
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.page_margins.left = page.page_margins.right = 0.5
    page.oddHeader.left.text = title.replace("&", "&&")
    page.oddFooter.right.text = "第&P页 共&N页"
    page.print_title_rows = f"{head}:{head}"


def _kind(value: Any, share: bool) -> str:
    """Return the number format of a value."""
    if isinstance(value, dt.date):
        return "yyyy-mm-dd"
    if isinstance(value, str) or value is None:
        return "@"
    return "0.0%" if share else "#,##0"


def _native(value: Any, unknown: str | None = None) -> Any:
    """Return a value of a frame as a cell holds it."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return unknown
    if isinstance(value, pd.Timestamp):
        return value.date() if value.time() == dt.time() else value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def _width(heading: str, values: Sequence[Any]) -> float:
    shown = [_length(str(value)) for value in values[:_MEASURED] if isinstance(value, str)]
    longest = max([*shown, 11 if any(isinstance(value, dt.date) for value in values[:_MEASURED]) else 8])
    return float(min(_WIDEST, max(longest + 2, _length(heading) / 2 + 2)))


def _length(text: str) -> int:
    return sum(1 if character.isascii() else 2 for character in text)
