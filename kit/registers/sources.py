"""Files as they are on disk, turned into headings and rows; nothing is interpreted here but the format."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kit.errors import KitError, did_you_mean

SUFFIXES = (".csv", ".xlsx", ".parquet", ".gpkg")
_TRIGGERS = ("=", "+", "-", "@", "\t", "\r")
# A broken XML part shows as SyntaxError (ParseError), a missing part as KeyError.
DAMAGE = (zipfile.BadZipFile, KeyError, EOFError, SyntaxError, zlib.error)


@dataclass
class RawTable:
    """What a file holds: headings, rows of cells, the row number of each as a person sees it in the file."""

    headings: list[str]
    rows: list[list[Any]]
    numbers: list[int]
    encoding: str | None = None
    sheet: str | None = None
    notes: list[str] = field(default_factory=list)


def read_raw(path: str | Path, sheet: str | None = None) -> RawTable:
    """Return the cells of a CSV, XLSX, Parquet or GPKG file. Rows with no value at all are not rows.

    Raises
    ------
    KitError
        When the file is not there, is empty, damaged, or of a format the kit does not read.
    """
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
    reader = {".csv": _read_csv, ".xlsx": _read_xlsx, ".parquet": _read_parquet, ".gpkg": _read_gpkg}[suffix]
    table = reader(file, sheet)
    if not any(table.headings):
        raise KitError(f"{path}: no headings found; the first row with content must hold the column headings")
    return table


def _decode(data: bytes, path: Path) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding), "utf-8" if encoding == "utf-8-sig" else encoding
        except UnicodeDecodeError as error:
            place = error.start
    line = data[:place].count(b"\n") + 1
    raise KitError(f"{path}, line {line}: neither UTF-8 nor GB18030 text. Save the file as 'CSV UTF-8'.")


def _unguard(text: str) -> str:
    """Take off the apostrophe that the kit's writer sets before text that a spreadsheet would run as a formula."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_TRIGGERS) else text


def _read_csv(path: Path, sheet: str | None) -> RawTable:
    text, encoding = _decode(path.read_bytes(), path)
    if "\x00" in text:
        raise KitError(f"{path}: holds zero bytes, so it is not a CSV text file (a renamed spreadsheet?)")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max((",", "\t", ";"), key=first.count)
    rows: list[list[Any]] = []
    numbers: list[int] = []
    headings: list[str] | None = None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    previous = 0
    try:
        for row in reader:
            number, previous = previous + 1, reader.line_num
            if not any(cell.strip() for cell in row):
                continue
            if headings is None:
                headings = [_unguard(cell).strip() for cell in row]
            else:
                rows.append([_unguard(cell) for cell in row])
                numbers.append(number)
    except csv.Error as error:
        raise KitError(f"{path}, line {previous + 1}: damaged CSV ({error}); check the quotes from here") from None
    return RawTable(headings or [], rows, numbers, encoding)


def _read_xlsx(path: Path, sheet: str | None) -> RawTable:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (*DAMAGE, InvalidFileException, ValueError, OSError) as error:
        raise KitError(
            f"{path}: not a readable Excel workbook ({type(error).__name__}); it is damaged, protected by a "
            "password, or another format with the name .xlsx. Open it in a spreadsheet program and save it again."
        ) from None
    try:
        names = [name for name in book.sheetnames if hasattr(book[name], "iter_rows")]
        if sheet is not None and sheet not in names:
            raise KitError(f"{path}: no sheet '{sheet}'; {did_you_mean(sheet, names, allowed='sheets')}")
        chosen = sheet or names[0]
        page = book[chosen]
        page.reset_dimensions()  # some programs store wrong dimensions, and rows would be lost
        headings: list[str] | None = None
        rows: list[list[Any]] = []
        numbers: list[int] = []
        for number, cells in enumerate(page.iter_rows(), start=1):
            row = [excel_value(cell) for cell in cells]
            if not any(value is not None and str(value).strip() for value in row):
                continue
            if headings is None:
                headings = ["" if value is None else str(value).strip() for value in row]
            else:
                rows.append(row)
                numbers.append(number)
    except (*DAMAGE, IndexError) as error:
        raise KitError(f"{path}: the workbook is damaged ({type(error).__name__}); save it again") from None
    finally:
        book.close()
    while headings and not headings[-1]:
        headings.pop()
    return RawTable(headings or [], rows, numbers, None, chosen)


def excel_value(cell: Any) -> Any:
    """Return the value of a cell of a workbook as the person sees it."""
    value = cell.value
    # A cell shown as 85% holds 0.85: what the person sees is what counts.
    if isinstance(value, int | float) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return f"{value * 100:.12g}%"
    return value


def _read_parquet(path: Path, sheet: str | None) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise KitError(f"{path}: not a readable Parquet file ({str(error)[:120]})") from None
    return _from_arrow(table)


def _from_arrow(table: Any) -> RawTable:
    columns = [table.column(name).to_pylist() for name in table.column_names]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return RawTable(list(table.column_names), rows, list(range(1, len(rows) + 1)))


def _read_gpkg(path: Path, sheet: str | None) -> RawTable:
    import numpy as np
    import pyogrio
    import shapely

    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        if sheet is not None and sheet not in layers:
            raise KitError(f"{path}: no layer '{sheet}'; {did_you_mean(sheet, layers, allowed='layers')}")
        meta, table = pyogrio.read_arrow(path, layer=sheet or layers[0])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, IndexError) as error:
        raise KitError(f"{path}: not a readable GeoPackage ({str(error)[:120]})") from None
    geometry_name = meta.get("geometry_name") or "wkb_geometry"
    if geometry_name not in table.column_names:
        return _from_arrow(table)
    shapes = shapely.from_wkb(np.array(table.column(geometry_name).to_pylist(), dtype=object))
    raw = _from_arrow(table.drop_columns([geometry_name]))
    raw.sheet = sheet or layers[0]
    taken = {"lon", "lat", "经度", "纬度"} & set(raw.headings)
    if taken:
        raw.notes.append(f"geometry not used: the layer has columns {', '.join(sorted(taken))}")
        return raw
    points = shapely.point_on_surface(shapes)
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    crs = meta.get("crs")
    if crs and crs not in ("EPSG:4326", "EPSG:4490"):
        from pyproj import Transformer

        lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(lon, lat)
        raw.notes.append(f"coordinates transformed from {crs} to WGS-84")
    raw.headings += ["lon", "lat"]
    for row, x, y in zip(raw.rows, lon, lat, strict=True):
        row += [None if np.isnan(x) else float(x), None if np.isnan(y) else float(y)]
    return raw


def columns_of(raw: RawTable) -> Iterator[tuple[int, list[Any]]]:
    """Yield the columns of a raw table; cells that a short row does not have are empty."""
    for position in range(len(raw.headings)):
        yield position, [row[position] if position < len(row) else None for row in raw.rows]
