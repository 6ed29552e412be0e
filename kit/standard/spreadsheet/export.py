"""A standard as a workbook that a drafter can edit in a spreadsheet, and that can be read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError
from kit.files import whole_file
from kit.standard.beside import CHECKLIST
from kit.standard.loader import load_standard
from kit.standard.spreadsheet.columns import Sheet, Shown
from kit.standard.spreadsheet.tables import KIND_WORDS, NEW_KINDS, build_sheets
from kit.standard.standard import Standard
from kit.standard.yaml_io import read_yaml, read_yaml_text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

COVER = "说明"
RECORD = "_kit"
KEY_HEAD = "行标识"
FORMAT = 1
# Rows below each table that are ready for new entries: texts stay texts, closed choices have their list.
SPARE_ROWS = 40
_CELL_LIMIT = 32_767
_GREY, _HEAD, _RED = "EDEDED", "1F4E79", "C00000"

_TEXTS = Path(__file__).with_name("texts.yaml")


def export_workbook(reference: str | Path, target: str | Path, *, common: str | Path | None = None) -> Path:
    """Write a standard as a workbook (.xlsx) for editing and return its path.

    Each part of the text is one table with Chinese headings; grey cells are for reading only. A hidden sheet keeps
    every cell as it was, so that `kit.standard.spreadsheet.reading.import_workbook` applies edits only. Empty cells
    are values that the text does not give.

    Parameters
    ----------
    reference : id, `id@version` or path of the standard.
    target : the workbook; an existing one is replaced.
    common : folder of the shared scales and matrices; that of the checkout by default.

    Raises
    ------
    KitError
        When the standard is not right in itself, the target is no .xlsx, or a text is too long for a cell.
    """
    import openpyxl

    path = Path(target)
    if path.suffix.lower() != ".xlsx":
        raise KitError(f"{path}: the workbook must be named .xlsx")
    standard = load_standard(reference, common=common)
    book = openpyxl.Workbook()
    sheets = sheets_of(standard)
    _cover(book, standard, sheets)
    for sheet in sheets:
        _table(book, sheet)
    _record(book, standard, sheets)
    with whole_file(path) as temporary:
        book.save(temporary)
    return path


def sheets_of(standard: Standard) -> list[Sheet]:
    """Return the tables of a standard as its files stand now."""
    data, _ = read_yaml_text(standard.path.read_text(encoding="utf-8-sig"), str(standard.path))
    checklist = standard.path.parent / CHECKLIST
    text = checklist.read_bytes().decode("utf-8") if checklist.exists() else None
    return build_sheets(standard, data, text)


def _cover(book: Workbook, standard: Standard, sheets: list[Sheet]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    page = book.worksheets[0]
    page.title = COVER
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 16, 100
    bold, grey = Font(bold=True), PatternFill("solid", fgColor=_GREY)
    lines: list[tuple[str, str]] = [
        ("标准", standard.title),
        ("编号和版本", standard.label),
        ("指纹", standard.fingerprint),
    ]
    texts, _ = read_yaml(_TEXTS)
    notice = texts["illustrative"]
    lines += [tuple(notice)] if standard.illustrative else []
    lines += [tuple(line) for line in texts["cover"]]
    lines += [(sheet.title, texts["sheets"][sheet.title]) for sheet in sheets]
    for number, (head, words) in enumerate(lines, start=1):
        for column, text in enumerate((head, words), start=1):
            cell = page.cell(number, column)
            _put(cell, text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        page.row_dimensions[number].height = 19 * _lines(words, 100)
        page.cell(number, 1).font = bold
        page.cell(number, 1).fill = grey
        if head == notice[0]:
            page.cell(number, 2).font = Font(bold=True, color=_RED)
    _page_setup(page)


def _table(book: Workbook, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(sheet.title)
    grey, head = PatternFill("solid", fgColor=_GREY), PatternFill("solid", fgColor=_HEAD)
    line = Side(style="thin", color="BFBFBF")
    border, wrap = Border(left=line, right=line, top=line, bottom=line), Alignment(wrap_text=True, vertical="top")
    for position, text in enumerate([KEY_HEAD, *(column.head for column in sheet.columns)], start=1):
        cell = page.cell(1, position)
        _put(cell, text)
        cell.font, cell.fill, cell.border = Font(bold=True, color="FFFFFF"), head, border
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    middle = Alignment(wrap_text=True, vertical="top", horizontal="center")
    page.column_dimensions["A"].hidden = True
    for position, column in enumerate(sheet.columns, start=2):
        page.column_dimensions[get_column_letter(position)].width = column.width
    for number in range(2, len(sheet.rows) + 2 + (SPARE_ROWS if sheet.grows else 0)):
        row = sheet.rows[number - 2] if number - 2 < len(sheet.rows) else None
        if row:
            _put(page.cell(number, 1), row.key)
            # Not every program fits the height to wrapped text.
            page.row_dimensions[number].height = 19 * max(
                _lines(row.values.get(c.name), c.width) for c in sheet.columns
            )
        for position, column in enumerate(sheet.columns, start=2):
            cell = page.cell(number, position)
            _put(cell, row.values.get(column.name) if row else None)
            cell.border, cell.alignment = border, middle if column.kind in ("number", "cell", "choice") else wrap
            if column.kind not in ("number", "cell", "missing"):
                cell.number_format = "@"
            if (row and (not column.edit or column.name in row.fixed)) or (not row and not (column.edit or column.new)):
                cell.fill = grey
    page.freeze_panes = "C2"
    page.auto_filter.ref = f"B1:{get_column_letter(len(sheet.columns) + 1)}{max(len(sheet.rows) + 1, 2)}"
    _choices(page, sheet)
    _page_setup(page)
    # Spare rows are for the screen; on paper they would be empty pages.
    page.print_area = f"A1:{get_column_letter(len(sheet.columns) + 1)}{max(len(sheet.rows) + 3, 4)}"
    page.print_title_rows = "1:1"


def _lines(value: Shown, width: float) -> int:
    """Return how many lines a text takes in a column; Chinese letters are two wide."""
    parts = str(value if value is not None else "").split("\n")
    return sum(max(1, -(-sum(1 + (ord(letter) > 0x2E80) for letter in part) // int(width - 4))) for part in parts)


def _choices(page: Worksheet, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    last = len(sheet.rows) + 1 + (SPARE_ROWS if sheet.grows else 0)
    for position, column in enumerate(sheet.columns, start=2):
        words = [KIND_WORDS[kind] for kind in NEW_KINDS] if column.name == "kind" else list(column.choices.values())
        if column.kind not in ("choice", "missing") or not words or not (column.edit or column.new):
            continue
        allowed = ",".join(words)
        if len(allowed) > 250 or any("," in word for word in words):
            continue
        rule = DataValidation(type="list", formula1=f'"{allowed}"', allow_blank=True)
        rule.showErrorMessage = column.kind == "choice"
        rule.errorTitle, rule.error = column.head, f"只能选：{'、'.join(words)}"[:220]
        page.add_data_validation(rule)
        first = 2 if column.edit else len(sheet.rows) + 2
        if first <= last:
            letter = get_column_letter(position)
            rule.add(f"{letter}{first}:{letter}{last}")


def _page_setup(page: Worksheet) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 8 if page.title != COVER else 9
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]


def _record(book: Workbook, standard: Standard, sheets: list[Sheet]) -> None:
    page = book.create_sheet(RECORD)
    page.sheet_state = "hidden"
    meta = {
        "format": FORMAT,
        "id": standard.id,
        "version": standard.version,
        "fingerprint": standard.fingerprint,
        "file": standard.path.name,
    }
    lines: list[tuple[str, str, str, Any]] = [("", "", name, value) for name, value in meta.items()]
    lines += [(sheet.title, "", "columns", [column.name for column in sheet.columns]) for sheet in sheets]
    lines += [
        (sheet.title, row.key, column.name, row.values.get(column.name))
        for sheet in sheets
        for row in sheet.rows
        for column in sheet.columns
    ]
    for number, parts in enumerate(lines, start=1):
        for position, part in enumerate((*parts[:3], json.dumps(parts[3], ensure_ascii=False)), start=1):
            _put(page.cell(number, position), part)


def _put(cell: Any, value: Shown) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if value is None:
        return
    if not isinstance(value, str):
        cell.value = value
        return
    if len(value) > _CELL_LIMIT or ILLEGAL_CHARACTERS_RE.search(value):
        raise KitError(
            f"'{value[:60]}…' cannot stand in a cell: it is too long or has control characters; edit the YAML"
        )
    cell.value = value
    # openpyxl takes "=…" for a formula by its first letter; the type says otherwise.
    cell.data_type = "s"
    if value.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True


__all__ = ["export_workbook", "sheets_of"]
