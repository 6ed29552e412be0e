"""Files and databases as they are, turned into headings and rows; nothing is interpreted here but the format.

Each format is a module `source_<format>` that yields rows in batches, so that a table larger than the memory passes
through.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kit.errors import KitError, did_you_mean
from kit.registers.headings import Known

SUFFIXES = (".csv", ".xlsx", ".parquet", ".gpkg", ".geojson")
BATCH_ROWS = 20_000
# A broken XML part shows as SyntaxError (ParseError), a missing part as KeyError.
DAMAGE = (zipfile.BadZipFile, KeyError, EOFError, SyntaxError, zlib.error)
# A URL needs two slashes, which a path of Windows (C:\…) does not have.
_URL = re.compile(r"[a-z][a-z0-9_+.-]*://", re.IGNORECASE)


@dataclass
class RawTable:
    """What a file holds: headings, rows of cells, the row number of each as a person sees it in the file."""

    headings: list[str]
    rows: list[list[Any]]
    numbers: list[int]
    encoding: str | None = None
    sheet: str | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RawCell:
    """A cell whose content the file does not have: its column (from 0), what stands there, the reason in Chinese."""

    column: int
    value: str
    reason: str


@dataclass
class RawBatch:
    """Some rows of a table, and by position in the batch the cells that the file has lost."""

    rows: list[list[Any]]
    numbers: list[int]
    lost: dict[int, list[RawCell]] = field(default_factory=dict)


@dataclass
class RawSource:
    """An open table.

    Attributes
    ----------
    headings : as they stand in the file.
    batches : the rows, to be gone through once.
    crs : the coordinate system of lon and lat where they come from a geometry.
    """

    headings: list[str]
    batches: Iterator[RawBatch]
    encoding: str | None = None
    sheet: str | None = None
    notes: list[str] = field(default_factory=list)
    crs: str | None = None


Opener = Callable[[Any, str | None, Known | None, int], AbstractContextManager[RawSource]]


def is_url(path: str | Path) -> bool:
    """Return whether this is the address of a database, not a file.

    Examples
    --------
    >>> is_url("postgresql://user@host/db"), is_url("units.csv"), is_url("C:/units.csv")
    (True, False, False)
    """
    return isinstance(path, str) and _URL.match(path) is not None


def shown_source(path: str | Path) -> str:
    """Return a path or URL for messages, without its password.

    Examples
    --------
    >>> shown_source("postgresql://reader:secret@host/db")
    'postgresql://reader:***@host/db'
    """
    # The password may hold / and @ itself: rather too much is hidden than too little.
    return re.sub(r"(://[^:/@]*):.*@", r"\1:***@", path) if is_url(path) else str(path)  # type: ignore[arg-type]


@contextmanager
def open_raw(
    path: str | Path, sheet: str | None = None, *, known: Known | None = None, rows: int = BATCH_ROWS
) -> Iterator[RawSource]:
    """Yield the open table of a CSV, XLSX, Parquet, GPKG or GeoJSON file, or of a database; empty rows are left out.

    Parameters
    ----------
    sheet : sheet (XLSX), layer (GPKG), table or view (database); the first or only one when not given.
    known : tells a declared heading; with it, headings are found below a title and in two rows with merged cells.
    rows : of a batch.

    Raises
    ------
    KitError
        When the file is not there, is empty, damaged, or of a format the kit does not read.
    """
    opener: Opener
    if is_url(path):
        from kit.registers.source_sql import open_sql as opener

        target: Any = path
    else:
        target = _existing(path)
        opener = _opener(target.suffix.lower())
    with opener(target, sheet, known, rows) as source:
        if not any(source.headings):
            shown = shown_source(path)
            raise KitError(f"{shown}: no headings found; the first row with content must hold the column headings")
        yield source


def read_raw(path: str | Path, sheet: str | None = None, *, known: Known | None = None) -> RawTable:
    """Return all the cells of a file; the parameters and errors are those of `open_raw`."""
    with open_raw(path, sheet, known=known) as source:
        table = RawTable(source.headings, [], [], source.encoding, source.sheet, source.notes)
        for batch in source.batches:
            table.rows += batch.rows
            table.numbers += batch.numbers
    return table


def _existing(path: str | Path) -> Path:
    file = Path(path)
    if not file.is_file():
        near = [entry.name for entry in file.parent.iterdir()] if file.parent.is_dir() else []
        raise KitError(f"{path}: file not found; {did_you_mean(file.name, near, allowed='the folder has')}")
    suffix = file.suffix.lower()
    if suffix == ".xls":
        raise KitError(f"{path}: the old Excel format .xls is not read; open it and save it as .xlsx")
    if suffix not in SUFFIXES:
        raise KitError(f"{path}: unknown format '{suffix}'; save the table as one of {', '.join(SUFFIXES)}")
    if file.stat().st_size == 0:
        raise KitError(f"{path}: the file is empty (0 bytes); it needs a row of headings and the data below")
    return file


def _opener(suffix: str) -> Opener:
    if suffix == ".csv":
        from kit.registers.source_csv import open_csv

        return open_csv
    if suffix == ".xlsx":
        from kit.registers.source_xlsx import open_xlsx

        return open_xlsx
    from kit.registers import source_arrow

    return source_arrow.open_parquet if suffix == ".parquet" else source_arrow.open_layer


def excel_value(cell: Any) -> Any:
    """Return the value of a cell of a workbook as the person sees it."""
    value = cell.value
    # A cell shown as 85% holds 0.85: what the person sees is what counts.
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return f"{value * 100:.12g}%"
    return value


def columns_of(headings: list[str], rows: list[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
    """Yield the columns of some rows; cells that a short row does not have are empty."""
    for position in range(len(headings)):
        yield position, [row[position] if position < len(row) else None for row in rows]
