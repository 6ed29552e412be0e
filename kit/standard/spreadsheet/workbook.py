"""A drafter's workbook as rows: what its cells show now, and what they showed when it was exported."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, Problem, ProblemsError, cut, did_you_mean
from kit.standard.spreadsheet.columns import Sheet, Shown, same_cell
from kit.standard.spreadsheet.export import FORMAT, KEY_HEAD, RECORD

if TYPE_CHECKING:
    from openpyxl import Workbook

MAX_BYTES = 30_000_000


@dataclass
class BookRow:
    """A row of a sheet: its number, its key (None for a new row), the text of its cells by column name."""

    number: int
    key: str | None
    cells: dict[str, Any]


@dataclass
class Book:
    """A workbook read.

    Attributes
    ----------
    meta : id, version and fingerprint of the standard as exported.
    then : what the cells showed at export: sheet, key, column name.
    rows : the rows as they are, by sheet.
    letters : letter of each column, by sheet and column name.
    """

    file: str
    meta: dict[str, Any]
    then: dict[str, dict[str, dict[str, Shown]]]
    names: dict[str, list[str]]
    rows: dict[str, list[BookRow]] = field(default_factory=dict)
    letters: dict[tuple[str, str], str] = field(default_factory=dict)


def read_book(path: str | Path) -> tuple[Book, Workbook]:
    """Return what the workbook records of its export, and the open workbook.

    Raises
    ------
    KitError
        When the file is no workbook, or none that the kit wrote.
    """
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    file = Path(path)
    if not file.is_file():
        raise KitError(f"{path}: file not found")
    if file.stat().st_size > MAX_BYTES:
        raise KitError(f"{path}: {file.stat().st_size:,} bytes; a workbook of a standard has at most {MAX_BYTES:,}")
    try:
        book = openpyxl.load_workbook(file)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise KitError(f"{path}: cannot be read as a workbook (.xlsx): {cut(error)}") from None
    if RECORD not in book.sheetnames:
        raise KitError(
            f"{path}: not written by 'kit standard export' (the hidden sheet {RECORD} is missing); export the standard "
            "again and copy the edits"
        )
    meta: dict[str, Any] = {}
    names: dict[str, list[str]] = {}
    then: dict[str, dict[str, dict[str, Shown]]] = {}
    try:
        for sheet, key, name, value in book[RECORD].iter_rows(max_col=4, values_only=True):
            if name is None:
                continue
            data = json.loads(str(value))
            if not sheet:
                meta[str(name)] = data
            elif name == "columns" and not key:
                names[str(sheet)] = data
                then[str(sheet)] = {}
            else:
                then[str(sheet)].setdefault(str(key), {})[str(name)] = data
    except (ValueError, KeyError, TypeError) as error:
        raise KitError(f"{path}: the hidden sheet {RECORD} is damaged ({cut(error)}); export again") from None
    if meta.get("format") != FORMAT or "id" not in meta:
        raise KitError(f"{path}: written by another version of the kit (format {meta.get('format')}); export again")
    return Book(str(path), meta, then, names), book


def read_rows(found: Book, book: Workbook, sheets: Sequence[Sheet]) -> None:
    """Fill in the rows of every sheet.

    Raises
    ------
    ProblemsError
        When sheets or columns are missing, or cells hold formulas, dates or errors: all of them at once.
    """
    problems: list[Problem] = []
    by_title = {sheet.title: sheet for sheet in sheets}
    for title in found.names:
        if title not in book.sheetnames:
            hint = did_you_mean(title, book.sheetnames, allowed="there are")
            problems.append(Problem(f"the sheet '{title}' is missing; {hint}. Export again or rename it", found.file))
        elif title in by_title:
            _read_sheet(found, book[title], by_title[title], problems)
        else:
            message = f"the text no longer has anything for the sheet '{title}'; export again and repeat the edits"
            problems.append(Problem(message, found.file))
    if problems:
        raise ProblemsError(problems, f"{found.file}: {len(problems)} problem(s) in the workbook")


def place_text(title: str, row: int | None, letter: str | None, head: str | None) -> str:
    """Return a place as people find it in a spreadsheet."""
    cell = f"{letter}{row}" if letter and row else f"row {row}" if row else ""
    return " ".join(part for part in (f"sheet {title}", cell, f"({head})" if head else "") if part)


def _read_sheet(found: Book, page: Any, sheet: Sheet, problems: list[Problem]) -> None:
    from openpyxl.utils import get_column_letter

    heads = {str(cell.value).strip(): cell.column for cell in page[1] if cell.value is not None}
    missing = [head for head in [KEY_HEAD, *(one.head for one in sheet.columns)] if head not in heads]
    for head in missing:
        hint = did_you_mean(head, [one for one in heads if one != KEY_HEAD], allowed="there are")
        message = f"{place_text(sheet.title, 1, None, None)}: the column '{head}' is missing; {hint}"
        problems.append(Problem(message, found.file))
    if missing:
        return
    columns = {one.name: heads[one.head] for one in sheet.columns}
    for name, number in columns.items():
        found.letters[(sheet.title, name)] = get_column_letter(number)
    rows: list[BookRow] = []
    for cells in page.iter_rows(min_row=2):
        key = cells[heads[KEY_HEAD] - 1].value if len(cells) >= heads[KEY_HEAD] else None
        values: dict[str, Any] = {}
        for column in sheet.columns:
            cell = cells[columns[column.name] - 1]
            place = place_text(sheet.title, cell.row, get_column_letter(columns[column.name]), column.head)
            wrong = None
            if cell.data_type == "f":
                wrong = "holds a formula; paste its value"
            elif cell.data_type == "e":
                wrong = f"shows the error {cell.value}; write the value"
            elif isinstance(cell.value, dt.date | dt.time | dt.timedelta):
                wrong = "has become a date; format the cell as text and write the value again"
            if wrong:
                problems.append(Problem(f"{place} {wrong} (given: {cut(cell.value)})", found.file))
            values[column.name] = None if wrong else cell.value
        if key is not None or any(not same_cell(value, None) for value in values.values()):
            rows.append(BookRow(cells[0].row, None if key is None else str(key), values))
    found.rows[sheet.title] = _one_of_each(rows, found.then.get(sheet.title, {}))


def _one_of_each(rows: list[BookRow], then: dict[str, dict[str, Shown]]) -> list[BookRow]:
    """Return the rows with doubled keys taken away: a row copied to make a new one brings the key along."""
    best: dict[str, tuple[int, int]] = {}
    for position, row in enumerate(rows):
        if row.key is None:
            continue
        if row.key not in then:
            row.key = None
            continue
        if all(same_cell(value, None) for value in row.cells.values()):
            # Emptied by hand instead of deleted.
            continue
        equal = sum(same_cell(value, then[row.key].get(name)) for name, value in row.cells.items())
        if row.key not in best or equal > best[row.key][0]:
            best[row.key] = (equal, position)
    kept = []
    for position, row in enumerate(rows):
        if row.key is not None and row.key not in best:
            continue
        if row.key is not None and best[row.key][1] != position:
            if all(same_cell(value, None) for value in row.cells.values()):
                continue
            row.key = None
        kept.append(row)
    return kept
