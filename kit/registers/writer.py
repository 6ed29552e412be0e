"""Writing tables whole or not at all, with text that stays text in a spreadsheet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError
from kit.files import whole_file

if TYPE_CHECKING:
    import pandas as pd

_TRIGGERS = ("=", "+", "-", "@", "\t", "\r")
_SHEET_ROWS = 1_048_576


def guard(text: str) -> str:
    """Return text for a CSV cell: an apostrophe goes before what a spreadsheet would run as a formula.

    Examples
    --------
    >>> guard("=1+1"), guard("-"), guard("示例")
    ("'=1+1", "'-", '示例')
    """
    return f"'{text}" if text.lstrip("'").startswith(_TRIGGERS) else text


def write_table(frame: pd.DataFrame, path: str | Path, *, sheet: str = "Sheet1") -> Path:
    """Write a frame as CSV (UTF-8 with BOM, which Excel needs), XLSX or Parquet by its suffix; return the path.

    Null is an empty cell, booleans are 是 and 否, dates ISO (real dates in XLSX and Parquet). Text beginning with
    `= + - @`, tab or carriage return is text in the spreadsheet, never a formula.

    Raises
    ------
    KitError
        When the suffix is not one of the three, or a sheet cannot hold the rows.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix == ".csv":
        out = csv_frame(frame)
        with whole_file(file) as target:
            out.to_csv(target, index=False, encoding="utf-8-sig", lineterminator="\n")
    elif suffix == ".xlsx":
        if len(frame) >= _SHEET_ROWS:
            most = f"{_SHEET_ROWS - 1:,}"
            raise KitError(f"{path}: {len(frame):,} rows, and a sheet holds {most}. Write CSV or Parquet.")
        _write_xlsx(frame, file, sheet)
    elif suffix == ".parquet":
        with whole_file(file) as target:
            frame.to_parquet(target, index=False)
    else:
        raise KitError(f"{path}: cannot write the format '{suffix}'; allowed: .csv, .xlsx, .parquet")
    return file


def csv_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame as its cells stand in a CSV file: text guarded, booleans 是 and 否, dates ISO."""
    import pandas as pd

    return pd.DataFrame({_head(name): [_csv_cell(value) for value in frame[name]] for name in frame.columns})


def write_rejects(path: str | Path, rejects: pd.DataFrame) -> Path | None:
    """Write the rejected rows beside the input and return the path; None, and no file, when there are none.

    An older reject file of that name is removed when nothing was rejected, so that it cannot be taken for today's.
    """
    if rejects.empty:
        Path(path).unlink(missing_ok=True)
        return None
    return write_table(rejects, path, sheet="rejects")


def _head(name: object) -> str:
    return guard(str(name))


def _missing(value: Any) -> bool:
    import pandas as pd

    return value is None or value is pd.NaT or value is pd.NA or value != value


def _csv_cell(value: Any) -> Any:
    if _missing(value):
        return None
    plain = _native(value)
    if isinstance(plain, bool):
        return "是" if plain else "否"
    if isinstance(plain, dt.datetime):
        return plain.date().isoformat() if plain.time() == dt.time() else plain.isoformat(sep=" ")
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < 1e15:
        return str(int(plain))
    # A bare carriage return is not quoted by the CSV writer and would break the row.
    return guard(plain).replace("\r\n", "\n").replace("\r", "\n") if isinstance(plain, str) else plain


def _native(value: Any) -> Any:
    """Return a NumPy or pandas scalar as Python's own."""
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def _write_xlsx(frame: pd.DataFrame, file: Path, sheet: str) -> None:
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(sheet[:31])

    def cell(value: Any) -> Any:
        if _missing(value):
            return None
        plain = _native(value)
        if isinstance(plain, bool):
            return "是" if plain else "否"
        if not isinstance(plain, str):
            return plain
        made = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", plain))
        # openpyxl takes "=…" for a formula by its first letter; the type says otherwise.
        made.data_type = "s"
        return made

    page.append([cell(str(name)) for name in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        page.append([cell(value) for value in row])
    with whole_file(file) as target:
        book.save(target)
