"""The survey form (调查表) of a standard as an Excel workbook: drop-downs, ranges, units and help for each cell."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import Problem, ProblemsError, cut
from kit.files import whole_file
from kit.registers.cells import parse_column
from kit.registers.form.cells import (
    BLANK_ROWS,
    COLOURS,
    FIRST_ROW,
    FONT,
    HEADING_ROW,
    HINT_ROW,
    ID_ROW,
    LONGEST,
    MARK_SHEET,
    TITLE_ROW,
    TRIGGERS,
    escape,
    lines,
    number_format,
    put,
    role_of,
    set_printing,
    sheet_title,
    width_of,
)
from kit.registers.form.layout import FormColumn, FormLayout, FormSheet, form_layout, hint, words
from kit.registers.form.notes import add_notes, add_references
from kit.registers.form.rules import Lists, add_rules
from kit.standard.standard import Standard

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl import Workbook

MARK_FORMAT = 1
# Excel counts 1900 as a leap year: days before its March are not what they seem.
_FIRST_DAY = dt.date(1900, 3, 1)


def write_form(
    standard: Standard,
    path: str | Path,
    *,
    data: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    made: bool = False,
) -> Path:
    """Write the survey form of a standard as an .xlsx file, whole or not at all, and return the path.

    Parameters
    ----------
    standard, data, made : as `form_workbook` takes them.
    path : the file to write; its name ends in .xlsx.

    Raises
    ------
    KitError
        As `form_workbook`, and when the name does not end in .xlsx.

    Examples
    --------
    >>> import kit                                                          # doctest: +SKIP
    >>> write_form(kit.load_standard("taxi"), "出租汽车调查表.xlsx")          # doctest: +SKIP
    """
    file = Path(path)
    if file.suffix.lower() != ".xlsx":
        raise ProblemsError([Problem(f"a survey form is an Excel workbook; name it {file.stem}.xlsx", str(path))])
    book = form_workbook(standard, data=data, made=made)
    with whole_file(file) as target:
        book.save(target)
    return file


def form_workbook(
    standard: Standard, *, data: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None, made: bool = False
) -> Workbook:
    """Return the survey form of a standard as an openpyxl workbook, empty or with data written in.

    Sheets: 填报说明 (how to fill in, the fields), the sheets to be filled in (`kit.registers.form.form_layout`), the
    checklist, lookup tables, and hidden ones with lists and the mark by which `read_form` knows the form. The same
    standard and data give the same cells.

    Parameters
    ----------
    data : rows to write in: frames by the id of their sheet (`units`, `sources`, `unit`, `installation`, `area`, or the
        name of a child register), or one frame for the main sheet. Columns by id; those that the form does not have
        are left out, those it has and the frame has not stay empty. Null is an empty cell; a value that cannot be of
        the declared type is written as the text it is, for the person to mend.
    made : whether the data are made; the form then says so, and what is read back bears the mark.

    Raises
    ------
    ProblemsError
        With every text that is too long for a cell, and every frame that belongs to no sheet.
    """
    import openpyxl

    layout = form_layout(standard)
    frames = frames_by_sheet(layout, data)
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    lists = Lists(standard, layout)
    problems: list[Problem] = []
    for sheet in layout.sheets:
        page = book.create_sheet(sheet.title)
        rows = _cells(sheet, frames.get(sheet.id), problems)
        _fill(page, standard, sheet, rows, made)
        add_rules(page, layout, sheet, lists, len(rows))
    if problems:
        raise ProblemsError(problems, f"{len(problems)} value(s) cannot be written into the form")
    add_references(book, standard, layout, made=made)
    lists.write(book)
    add_notes(notes, standard, layout, made=made)
    _mark(book, standard, layout, made)
    book.active = 0
    return book


def frames_by_sheet(
    layout: FormLayout, data: pd.DataFrame | Mapping[str, pd.DataFrame] | None
) -> dict[str, pd.DataFrame]:
    """Return the frames by the id of their sheet; one frame alone is that of the main sheet."""
    import pandas as pd

    if data is None:
        return {}
    if isinstance(data, pd.DataFrame):
        return {layout.main.id: data}
    known = [sheet.id for sheet in layout.sheets]
    strange = [name for name in data if name not in known]
    if strange:
        raise ProblemsError([Problem(f"the form has no sheet '{name}'; it has {', '.join(known)}") for name in strange])
    return dict(data)


def _cells(sheet: FormSheet, frame: pd.DataFrame | None, problems: list[Problem]) -> list[list[Any]]:
    """Return the rows of a frame as cells, in the order of the sheet's columns."""
    if frame is None or frame.empty:
        return []
    columns = []
    for column in sheet.columns:
        if column.id not in frame.columns:
            columns.append([None] * len(frame))
            continue
        given = frame[column.id].astype(object).tolist()
        values = [None if _null(value) else value for value in given]
        parsed, bad = parse_column(values, column.spec, errors=())
        shown = [_shown(value, column) for value in parsed.astype(object).tolist()]
        for fault in bad:
            shown[fault.position] = str(values[fault.position]).strip()
        for at, value in enumerate(shown):
            if isinstance(value, str) and len(escape(value)) > LONGEST:
                problems.append(
                    Problem(
                        f"'{cut(value, 20)}' has {len(value):,} characters and a cell holds {LONGEST:,}; shorten it",
                        key=f"{sheet.title}, row {at + 1} of the data, {column.spec.label.zh} ({column.id})",
                    )
                )
        columns.append(shown)
    return [list(row) for row in zip(*columns, strict=True)]


def _null(value: Any) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _shown(value: Any, column: FormColumn) -> Any:
    """Return a typed value as the cell a person sees."""
    if _null(value):
        return None
    if column.spec.type == "boolean":
        return words()["yes"] if value else words()["no"]
    if column.spec.type == "date":
        day = value.date() if isinstance(value, dt.datetime) else value
        return day if day >= _FIRST_DAY else day.isoformat()
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return column.options.get(value, value)


def _fill(page: Any, standard: Standard, sheet: FormSheet, rows: list[list[Any]], made: bool) -> None:
    """Write title, headings, help, ids and rows, and give the sheet its looks."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    def fill(name: str) -> PatternFill:
        return PatternFill("solid", fgColor=COLOURS[name])

    thin = Side(style="thin", color="BFBFBF")
    border = Border(left=thin, right=thin, top=thin, bottom=thin)
    wrapped = Alignment(wrap_text=True, vertical="top", horizontal="left")
    middle = Alignment(wrap_text=True, vertical="center", horizontal="center")
    small = Font(name=FONT, size=9, color="595959")
    title = put(page, TITLE_ROW, 1, sheet_title(standard, sheet.title, made))
    title.font = Font(name=FONT, size=14, bold=True, color="C00000" if standard.illustrative or made else "000000")
    page.row_dimensions[TITLE_ROW].height = 26
    widths = []
    for at, column in enumerate(sheet.columns, start=1):
        role = role_of(sheet, column)
        head = put(page, HEADING_ROW, at, column.heading)
        head.font, head.fill = Font(name=FONT, size=11, bold=True, color="FFFFFF"), fill(f"{role}_head")
        head.alignment, head.border = middle, border
        note = put(page, HINT_ROW, at, hint(column))
        note.font, note.fill, note.alignment, note.border = small, fill("hint"), wrapped, border
        put(page, ID_ROW, at, column.id)
        letter, width = get_column_letter(at), width_of(column)
        widths.append(width)
        page.column_dimensions[letter].width = width
        # What is typed below the styled rows is to stay what it is, too: 001 is no number, 10-11 is no date.
        page.column_dimensions[letter].number_format = number_format(column)
    page.row_dimensions[HEADING_ROW].height = (
        15 * max(lines(column.heading, width, 11) for column, width in zip(sheet.columns, widths, strict=True)) + 6
    )
    page.row_dimensions[HINT_ROW].height = (
        12.5 * max(lines(hint(column), width, 9) for column, width in zip(sheet.columns, widths, strict=True)) + 4
    )
    page.row_dimensions[ID_ROW].hidden = True
    styles = [_body_style(page, fill(role_of(sheet, column)), border, column) for column in sheet.columns]
    blank: list[Any] = [None] * len(sheet.columns)
    for offset, values in enumerate([*rows, *[blank] * BLANK_ROWS]):
        for at, value in enumerate(values, start=1):
            style = styles[at - 1][isinstance(value, str) and value.startswith(TRIGGERS)]
            put(page, FIRST_ROW + offset, at, value)._style = style
        needed = max(
            (lines(value, width, 11) for value, width in zip(values, widths, strict=True) if isinstance(value, str)),
            default=1,
        )
        # Spreadsheet programs do not measure rows that they have not typed themselves.
        page.row_dimensions[FIRST_ROW + offset].height = min(15 * needed + 3, 400)
    last = f"{get_column_letter(len(sheet.columns))}{FIRST_ROW - 1 + len(rows) + BLANK_ROWS}"
    page.auto_filter.ref = f"A{HINT_ROW}:{last}"
    _printing(page, standard, sheet, made)


def _body_style(page: Any, fill: Any, border: Any, column: FormColumn) -> tuple[Any, Any]:
    """Return the styles of a column's cells: plain, and for text that looks like a formula.

    The cells share them: setting fonts and borders cell by cell takes a minute for ten thousand rows.
    """
    from copy import copy

    from openpyxl.styles import Alignment, Font

    cell = page.cell(FIRST_ROW, 1)
    cell.font, cell.fill, cell.border = Font(name=FONT, size=11), fill, border
    cell.number_format = number_format(column)
    across = "right" if column.spec.numeric else "left" if column.spec.type == "text" else "center"
    cell.alignment = Alignment(vertical="center", wrap_text=True, horizontal=across)
    cell.quotePrefix = False
    ordinary = copy(cell._style)
    cell.quotePrefix = True
    return ordinary, copy(cell._style)


def _printing(page: Any, standard: Standard, sheet: FormSheet, made: bool) -> None:
    from openpyxl.utils import get_column_letter

    keys = 2 if len(sheet.columns) > 2 else 1
    page.freeze_panes = page.cell(FIRST_ROW, keys + 1)
    page.sheet_view.zoomScale = 90
    set_printing(page, standard, made)
    page.print_title_rows = f"{HEADING_ROW}:{HINT_ROW}"
    if sum(width_of(column) for column in sheet.columns) > 260:
        # Too many columns for one page: the keys are repeated on each.
        page.sheet_properties.pageSetUpPr.fitToPage = False
        page.page_setup.scale = 60
        page.print_title_cols = f"A:{get_column_letter(keys)}"


def _mark(book: Workbook, standard: Standard, layout: FormLayout, made: bool) -> None:
    """Write what `read_form` knows the form by: in a hidden sheet, and again in the file's properties."""
    from openpyxl.packaging.custom import StringProperty

    mark = {
        "kit_form": str(MARK_FORMAT), "standard": standard.id, "version": standard.version,
        "fingerprint": standard.fingerprint, "questions": layout.questions, "made": "yes" if made else "no",
        "kit": version("kit"),
    }  # fmt: skip
    page = book.create_sheet(MARK_SHEET)
    page.sheet_state = "hidden"
    properties: Any = book.custom_doc_props  # type: ignore[attr-defined]
    for row, (key, value) in enumerate(mark.items(), start=1):
        put(page, row, 1, key)
        put(page, row, 2, value)
        properties.append(StringProperty(name=f"kit_{key}", value=value))
    book.properties.title = words()["title"].format(title=standard.title)
    book.properties.creator = "kit"
    # The same form is to be the same file content whenever it is made.
    book.properties.created = book.properties.modified = dt.datetime(2019, 1, 1)
