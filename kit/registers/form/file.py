"""A filled-in form as the file has it: its mark, and the rows of each sheet, however the file was saved again."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kit.errors import KitError, Problem, ProblemsError, did_you_mean
from kit.registers.form.cells import MARK_SHEET, unescape
from kit.registers.form.layout import FormLayout, FormSheet, hint, words
from kit.registers.reader import match_headings, normal_heading
from kit.registers.sources import DAMAGE, RawTable, excel_value

_HEAD_ROWS = 15
# With or without the namespace's prefix, as programs write it.
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


@dataclass(frozen=True)
class FormMark:
    """By what a form is known: the standard it was made from.

    Attributes
    ----------
    questions : the fingerprint of what the form asks.
    made : whether the data written into it were made.
    """

    standard: str
    version: str
    fingerprint: str
    questions: str
    made: bool

    @property
    def label(self) -> str:
        """Return the standard and the beginning of its fingerprint, for messages."""
        return f"{self.standard}@{self.version}（{self.fingerprint[:12]}）"


@dataclass
class RawSheet:
    """The rows of one sheet, not yet read as types.

    Attributes
    ----------
    places : column id -> position in the rows.
    rows, numbers : the cells, and the row number of each as a person sees it.
    headings : what stands above the columns.
    formulas : (row, column) positions of formulas whose result the file does not have.
    errors : (row, column) positions of formulas that failed.
    """

    title: str
    places: dict[str, int]
    headings: list[str]
    rows: list[list[Any]]
    numbers: list[int]
    extra: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)

    def values(self, column: str) -> list[Any]:
        """Return a column; empty cells where the sheet does not have it."""
        at = self.places.get(column)
        return [None if at is None or at >= len(row) else row[at] for row in self.rows]


def form_mark(path: str | Path) -> FormMark | None:
    """Return the mark of a survey form; None when the workbook has none.

    Raises
    ------
    KitError
        When the file is not there or is no Excel workbook.
    """
    book = open_workbook(path, read_only=True)
    try:
        return read_mark(book)
    except DAMAGE as error:  # sheets are parsed only now
        raise _unreadable(path, error) from None
    finally:
        book.close()


def open_workbook(path: str | Path, *, formulas: bool = False, read_only: bool = False) -> Any:
    """Return the workbook; with `formulas` their text instead of their results, `read_only` without merged cells."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    file = Path(path)
    if not file.is_file():
        near = [entry.name for entry in file.parent.iterdir()] if file.parent.is_dir() else []
        raise KitError(f"{path}: file not found; {did_you_mean(file.name, near, allowed='the folder has')}")
    if file.suffix.lower() != ".xlsx":
        raise KitError(f"{path}: a survey form is an Excel workbook (.xlsx); open the file and save it as .xlsx")
    try:
        return openpyxl.load_workbook(file, data_only=not formulas, read_only=read_only)
    except (*DAMAGE, InvalidFileException, ValueError, TypeError, OSError, IndexError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str | Path, error: Exception) -> KitError:
    return KitError(
        f"{path}: not a readable Excel workbook ({type(error).__name__}); it is damaged, protected by a "
        "password, or another format with the name .xlsx. Open it in a spreadsheet program and save it again."
    )


def read_mark(book: Any) -> FormMark | None:
    """Return the mark of an open workbook: from the hidden sheet, else from the file's properties."""
    found: dict[str, str] = {}
    if MARK_SHEET in book.sheetnames:
        for row in book[MARK_SHEET].iter_rows(max_col=2, values_only=True):
            if len(row) == 2 and row[0] is not None and row[1] is not None:
                found[str(row[0])] = str(row[1])
    if "standard" not in found:
        properties = getattr(book, "custom_doc_props", None)
        for entry in getattr(properties, "props", []):
            found[entry.name.removeprefix("kit_")] = str(entry.value)
    if not {"standard", "version", "fingerprint", "questions"} <= found.keys():
        return None
    return FormMark(
        found["standard"], found["version"], found["fingerprint"], found["questions"], found.get("made") == "yes"
    )


def read_sheets(path: str | Path, book: Any, layout: FormLayout) -> dict[str, RawSheet]:
    """Return the rows of each sheet of the form, by the sheet's id.

    Sheets are found by name, or by the hidden row of column names when they were renamed; columns by that row, or by
    their headings. Rows with no value are not rows.

    Raises
    ------
    ProblemsError
        With every sheet and every required column that is missing, and every heading that stands twice.
    """
    pages = {title: book[title] for title in book.sheetnames if hasattr(book[title], "iter_rows")}
    problems: list[Problem] = []
    found: dict[str, RawSheet] = {}
    claimed: set[str] = set()
    for sheet in layout.sheets:
        title = sheet.title if sheet.title in pages else _renamed(sheet, pages, claimed)
        if title is None:
            there = [name for name in pages if not name.startswith("_")]
            problems.append(
                Problem(
                    f"the sheet '{sheet.title}' is missing; {did_you_mean(sheet.title, there, allowed='it has')}. "
                    "Copy it back from an empty form, or name it as it was.",
                    str(path),
                )
            )
            continue
        claimed.add(title)
        try:
            found[sheet.id] = _read_sheet(path, pages[title], sheet)
        except ProblemsError as error:
            problems += error.problems
    if problems:
        raise ProblemsError(problems, f"{path}: the form cannot be read")
    _formulas(path, found)
    return found


def _formulas(path: str | Path, found: Mapping[str, RawSheet]) -> None:
    """Note the formulas whose results were not stored: an empty cell would be taken for a missing answer."""
    with zipfile.ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        if not any(_FORMULA.search(parts.read(name)) for name in sheets):
            return
    book = open_workbook(path, formulas=True)
    try:
        for raw in found.values():
            page = book[raw.title]
            for position, number in enumerate(raw.numbers):
                for at in raw.places.values():
                    cell = page.cell(number, at + 1)
                    if cell.data_type == "f" and raw.rows[position][at] is None:
                        raw.formulas.add((position, at))
    finally:
        book.close()


def _renamed(sheet: FormSheet, pages: Mapping[str, Any], claimed: set[str]) -> str | None:
    for title, page in pages.items():
        if title not in claimed and _id_row(_top(page), sheet) is not None:
            return title
    return None


def _top(page: Any) -> list[list[Any]]:
    return [list(row) for row in page.iter_rows(max_row=_HEAD_ROWS, values_only=True)]


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _id_row(top: list[list[Any]], sheet: FormSheet) -> int | None:
    """Return the position of the hidden row with the columns' names."""
    wanted = {column.id for column in sheet.columns}
    for position, row in enumerate(top):
        if len(wanted & {_text(value) for value in row}) >= max(2, (len(wanted) + 1) // 2):
            return position
    return None


def _heading_row(top: list[list[Any]], sheet: FormSheet) -> int | None:
    wanted = {normal_heading(column.heading) for column in sheet.columns}
    wanted |= {normal_heading(column.spec.label.zh) for column in sheet.columns}
    scores = [len(wanted & {normal_heading(_text(value)) for value in row if _text(value)}) for row in top]
    best = max(scores, default=0)
    return scores.index(best) if best >= min(2, len(sheet.columns)) else None


def _read_sheet(path: str | Path, page: Any, sheet: FormSheet) -> RawSheet:
    from openpyxl.utils import get_column_letter

    top = _top(page)
    ids, head = _id_row(top, sheet), _heading_row(top, sheet)
    if ids is None and head is None:
        raise ProblemsError(
            [
                Problem(
                    f"the headings were not found in the first {_HEAD_ROWS} rows; they are {sheet.columns[0].heading}, "
                    f"{sheet.columns[1].heading}, …. Copy them back from an empty form.",
                    f"{path}, sheet '{page.title}'",
                )
            ]
        )
    known = {column.id: column for column in sheet.columns}
    by_heading = {normal_heading(column.heading): column.id for column in sheet.columns}
    seen = [_text(value) for value in top[head]] if head is not None else []
    named = [_text(value) for value in top[ids]] if ids is not None else []
    width = max(len(seen), len(named))
    seen += [""] * (width - len(seen))
    named += [""] * (width - len(named))
    headings = [
        name if name in known else by_heading.get(normal_heading(text), text)
        for name, text in zip(named, seen, strict=True)
    ]
    first = max(position for position in (ids, head) if position is not None) + 1
    rows, numbers, merged = _rows(page, first + 1)
    hints = {column.id: hint(column) for column in sheet.columns}
    if rows and _is_hint(rows[0], headings, hints):
        rows, numbers = rows[1:], numbers[1:]
    # Notes beside the table need no heading; they are told of, not read.
    width = max([width, *map(len, rows)])
    seen += [""] * (width - len(seen))
    named += [""] * (width - len(named))
    headings += [""] * (width - len(headings))
    for at, heading in enumerate(headings):
        if not heading and any(_text(row[at]) for row in rows if at < len(row)):
            headings[at] = words()["unnamed"].format(letter=get_column_letter(at + 1))
    raw = RawTable(headings, rows, numbers, None, page.title)
    places, extra = match_headings(raw, sheet.fields, sheet.key, Path(path))
    used = set(places.values())
    # A text that looks like an error (#N/A) is a text.
    failed = {(at, place) for at, number in enumerate(numbers) for place in used if _is_error(page, number, place + 1)}
    kept = [at for at, row in enumerate(rows) if any(_text(row[place]) for place in used if place < len(row))]
    return RawSheet(
        page.title,
        places,
        [text or name for text, name in zip(seen, named, strict=True)],
        [rows[at] + [None] * (width - len(rows[at])) for at in kept],
        [numbers[at] for at in kept],
        [seen[at] or headings[at] for at in extra],
        merged,
        errors={(kept.index(at), place) for at, place in failed if at in kept},
    )


def _is_error(page: Any, row: int, column: int) -> bool:
    # `page.cell` would make the cells that are not there.
    cell = page._cells.get((row, column))
    return cell is not None and cell.data_type == "e"


def _is_hint(row: list[Any], headings: list[str], hints: Mapping[str, str]) -> bool:
    pairs = [(hints.get(name), _text(value)) for name, value in zip(headings, row, strict=False)]
    return any(text and normal_heading(said or "") == normal_heading(text) for said, text in pairs)


def _rows(page: Any, first: int) -> tuple[list[list[Any]], list[int], list[str]]:
    """Return the rows from `first` on; a merged block has its value in each of its cells."""
    rows = [[_value(cell) for cell in row] for row in page.iter_rows(min_row=first)]
    merged = []
    for block in page.merged_cells.ranges:
        if block.min_row < first:
            continue
        value = rows[block.min_row - first][block.min_col - 1]
        if value is None:
            continue
        merged.append(block.coord)
        for row in range(block.min_row, block.max_row + 1):
            for column in range(block.min_col, block.max_col + 1):
                rows[row - first][column - 1] = value
    return rows, list(range(first, first + len(rows))), sorted(merged)


def _value(cell: Any) -> Any:
    value = excel_value(cell)
    return unescape(value) if isinstance(value, str) else value
