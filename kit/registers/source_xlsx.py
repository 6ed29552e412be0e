"""Sheets of Excel workbooks, row by row as the person sees them: merged cells filled, formulas by their results."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from kit.errors import KitError, cut, did_you_mean
from kit.registers.headings import HEAD_ROWS, Known, find_headings
from kit.registers.sources import DAMAGE, RawBatch, RawCell, RawSource, excel_value
from kit.registers.texts import message

# With or without the namespace's prefix, as programs write it.
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_BLOCK = 1 << 20
_OVERLAP = 200

Block = tuple[int, int, int, int]


@contextmanager
def open_xlsx(path: Path, sheet: str | None, known: Known | None, rows: int) -> Iterator[RawSource]:
    """Yield the open table of a sheet; see `kit.registers.sources.open_raw`."""
    with ExitStack() as stack:
        book = _open(path, stack, formulas=False)
        names = [name for name in book.sheetnames if hasattr(book[name], "iter_rows")]
        if sheet is not None and sheet not in names:
            raise KitError(f"{path}: no sheet '{sheet}'; {did_you_mean(sheet, names, allowed='sheets')}")
        if not names:
            raise KitError(f"{path}: the workbook is damaged (no sheet with cells); save it again")
        chosen = sheet or names[0]
        page = book[chosen]
        try:
            merged, formulas = _scan(path, getattr(page, "_worksheet_path", ""))
            shadow = _open(path, stack, formulas=True)[chosen] if formulas else None
            content = _rows(page, shadow, merged)
            top = list(islice(content, HEAD_ROWS))
        except (*DAMAGE, IndexError) as error:
            raise _damaged(path, error) from None
        headings, taken = find_headings([row for _, row, _ in top], known)
        while headings and not headings[-1]:
            headings.pop()
        source = RawSource(headings, _batches(path, top[taken:], content, rows), sheet=chosen)
        if taken > 1:
            source.notes.append(f"headings found in row {top[taken - 1][0]}")
        if merged:
            source.notes.append(f"{len(merged)} merged block(s): the value was read in each of their cells")
        yield source


def _open(path: Path, stack: ExitStack, *, formulas: bool) -> Any:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=not formulas)
    except (*DAMAGE, InvalidFileException, ValueError, OSError) as error:
        raise KitError(
            f"{path}: not a readable Excel workbook ({type(error).__name__}); it is damaged, protected by a "
            "password, or another format with the name .xlsx. Open it in a spreadsheet program and save it again."
        ) from None
    stack.callback(book.close)
    return book


def _damaged(path: Path, error: Exception) -> KitError:
    return KitError(f"{path}: the workbook is damaged ({type(error).__name__}); save it again")


def _scan(path: Path, part: str) -> tuple[list[Block], bool]:
    """Return the merged blocks of a sheet (first and last row, first and last column) and whether it has formulas."""
    from openpyxl.utils import range_boundaries

    blocks: set[Block] = set()
    formulas, before = False, b""
    with zipfile.ZipFile(path) as parts:
        name = part.lstrip("/")
        if name not in parts.namelist():
            return [], True
        with parts.open(name) as handle:
            while data := handle.read(_BLOCK):
                text = before + data
                formulas = formulas or _FORMULA.search(text) is not None
                for found in _MERGED.findall(text):
                    left, top, right, bottom = range_boundaries(found.decode())
                    blocks.add((int(top or 1), int(bottom or 1), int(left or 1), int(right or 1)))
                before = text[-_OVERLAP:]
    return sorted(blocks), formulas


def _rows(page: Any, shadow: Any, merged: list[Block]) -> Iterator[tuple[int, list[Any], list[RawCell]]]:
    """Yield the rows that have content, each with its number and the formulas whose results were not stored."""
    pages = [page] if shadow is None else [page, shadow]
    for sheet in pages:
        sheet.reset_dimensions()  # some programs store wrong dimensions, and rows would be lost
    waiting, active, width = list(reversed(merged)), dict[Block, Any](), 0
    for number, lines in enumerate(zip(*(sheet.iter_rows() for sheet in pages), strict=True), start=1):
        row = [excel_value(cell) for cell in lines[0]]
        width = max(width, len(row))
        while waiting and waiting[-1][0] == number:
            block = waiting.pop()
            active[block] = row[block[2] - 1] if block[2] <= len(row) else None
        if active:
            for block in [block for block in active if block[1] < number]:
                del active[block]
            for (_, _, left, right), value in active.items():
                # A block may reach to the end of the sheet; nothing is read beyond the widest row.
                row += [None] * (min(right, width) - len(row))
                for place in range(left - 1, min(right, width)):
                    row[place] = value
        lost = _uncalculated(lines[1], row) if shadow is not None else []
        if lost or any(value is not None and str(value).strip() for value in row):
            yield number, row, lost


def _uncalculated(cells: Any, row: list[Any]) -> list[RawCell]:
    """Return the formulas whose results were not stored; their text goes into the row."""
    lost = []
    for place, cell in enumerate(cells[: len(row)]):
        if cell.data_type == "f" and row[place] is None:
            text = str(getattr(cell.value, "text", cell.value))
            row[place] = text
            lost.append(RawCell(place, cut(text), message("no_result", value=cut(text))))
    return lost


def _batches(path: Path, first: list[Any], rest: Iterator[Any], rows: int) -> Iterator[RawBatch]:
    batch = RawBatch([], [])
    try:
        for entries in (iter(first), rest):
            for number, row, lost in entries:
                if lost:
                    batch.lost[len(batch.rows)] = lost
                batch.numbers.append(number)
                batch.rows.append(row)
                if len(batch.rows) >= rows:
                    yield batch
                    batch = RawBatch([], [])
    except (*DAMAGE, IndexError) as error:
        raise _damaged(path, error) from None
    if batch.rows:
        yield batch
