"""Reading a filled-in table: accepted rows as a typed frame, rejected rows with their reasons, nothing dropped."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kit.errors import KitError, Problem, ProblemsError, cut, nearest
from kit.registers.cells import parse_column
from kit.registers.coordinates import SYSTEMS, to_wgs84
from kit.registers.headings import Known, normal_heading, without_unit
from kit.registers.schema import RegisterSchema, load_schema
from kit.registers.sources import (
    BATCH_ROWS,
    RawBatch,
    RawSource,
    RawTable,
    columns_of,
    open_raw,
    shown_source,
)
from kit.registers.texts import message
from kit.standard.fields import FieldSpec

if TYPE_CHECKING:
    import pandas as pd

REJECT_COLUMNS = ("row", "column", "value", "reason")
# Columns that must come together for points to be converted.
_POINT = {"lon", "lat", "crs"}


@dataclass
class ReadResult:
    """What came out of reading one table.

    Attributes
    ----------
    frame : accepted rows, columns named by field id, typed (see `kit.registers.cells.parse_column`).
    rejects : rejected rows: row (number as seen in the file), column, value, reason, then the row as it stood.
    n_read : rows read; always accepted plus rejected.
    encoding : of a CSV file: utf-8 or gb18030; None for other formats.
    sheet : sheet or layer that was read, where the format has them.
    absent : declared optional columns that the file does not have; they are in the frame, all null.
    extra : columns of the file that are not declared, as they are headed.
    notes : what was done that a user may want to know (coordinates transformed).
    converted : how many points were converted to WGS-84 row by row, by the system they were in.
    """

    frame: pd.DataFrame
    rejects: pd.DataFrame
    n_read: int
    encoding: str | None = None
    sheet: str | None = None
    absent: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    converted: dict[str, int] = field(default_factory=dict)

    @property
    def n_rejected(self) -> int:
        """Number of rejected rows."""
        return len(self.rejects)


def read_table(
    path: str | Path,
    fields: Mapping[str, FieldSpec],
    *,
    key: str | Sequence[str] | None = None,
    sheet: str | None = None,
    extra: Literal["keep", "drop"] = "keep",
) -> ReadResult:
    """Return the rows of a CSV, XLSX, Parquet, GPKG or GeoJSON file, or of a database, typed as `fields` declares.

    Headings may be field ids, Chinese or English labels, or aliases; a unit in brackets after them is ignored. A
    row with a cell that cannot be read as its type is rejected as a whole, with the reason; a value outside its
    range or categories is read (the quality check finds it). Empty cells are null. A row without its `key` is
    rejected. Headings may stand below a title, or in two rows with merged cells.

    Parameters
    ----------
    path : the file; CSV in UTF-8 (with or without BOM) or GB18030. Or the SQLAlchemy URL of a database.
    fields : declarations by id; those `required`, and `key`, must have a column.
    key : field, or fields together, that name a row.
    sheet : sheet (XLSX), layer (GPKG), table or view (database); the first or only one when not given.
    extra : whether undeclared columns are kept (as text; typed as stored in Parquet) or dropped.

    Raises
    ------
    ProblemsError
        When required columns are missing or headings are doubled: file, sheet, what is missing, what is there, the
        nearest name.
    KitError
        When the file is missing, empty, damaged or of an unknown format.

    Examples
    --------
    A file of three rows, one with 三年 in the number column 平均车龄:

    >>> result = read_table("fleet.csv", {"vehicle_age": age})          # doctest: +SKIP
    >>> len(result.frame), result.n_rejected, result.rejects.loc[0, "row"]   # doctest: +SKIP
    (2, 1, 3)
    """
    batches = list(read_batches(path, fields, key=key, sheet=sheet, extra=extra))
    return join_batches(batches)


def join_batches(batches: Sequence[ReadResult]) -> ReadResult:
    """Return the batches of one table as one; `batches` has at least one."""
    import pandas as pd

    first = batches[0]
    if len(batches) == 1:
        return first
    frames = [batch.frame for batch in batches]
    for name in first.extra:
        # Undeclared columns have the type of their values, which may differ from batch to batch.
        if name in first.frame and any(isinstance(frame[name].dtype, pd.StringDtype) for frame in frames):
            frames = [frame.assign(**{name: as_text(frame[name])}) for frame in frames]
    return ReadResult(
        frame=pd.concat(frames, ignore_index=True),
        rejects=pd.concat([batch.rejects for batch in batches], ignore_index=True),
        n_read=sum(batch.n_read for batch in batches),
        encoding=first.encoding,
        sheet=first.sheet,
        absent=first.absent,
        extra=first.extra,
        notes=list(dict.fromkeys(note for batch in batches for note in batch.notes)),
        converted={
            system: count for system in SYSTEMS if (count := sum(batch.converted.get(system, 0) for batch in batches))
        },
    )


def read_batches(
    path: str | Path,
    fields: Mapping[str, FieldSpec],
    *,
    key: str | Sequence[str] | None = None,
    sheet: str | None = None,
    extra: Literal["keep", "drop"] = "keep",
    wgs84: bool = False,
    rows: int = BATCH_ROWS,
) -> Generator[ReadResult, None, None]:
    """Yield a table as `read_table` returns it, some rows at a time, so that its size does not matter; at least once.

    Parameters
    ----------
    wgs84 : whether points (lon, lat, crs) are converted to WGS-84; see `kit.registers.coordinates.to_wgs84`.
    rows : of a batch.

    Raises
    ------
    ProblemsError, KitError
        As `read_table`; what is wrong far down in a file is found when it is reached.
    """
    keys = [key] if isinstance(key, str) else list(key or [])
    with open_raw(path, sheet, known=_known(fields), rows=rows) as source:
        if source.crs and "crs" in fields and not any(map(_known({"crs": fields["crs"]}), source.headings)):
            source = _with_crs(source)
        layout: tuple[dict[str, int], list[int]] | None = None
        for batch in source.batches:
            raw = RawTable(source.headings, batch.rows, batch.numbers, source.encoding, source.sheet, source.notes)
            if layout is None:
                layout = match_headings(raw, fields, keys, shown_source(path))
            else:
                _unnamed(raw, shown_source(path))
            yield _typed(raw, batch, fields, keys, layout, extra, wgs84)
        if layout is None:
            raw = RawTable(source.headings, [], [], source.encoding, source.sheet, source.notes)
            layout = match_headings(raw, fields, keys, shown_source(path))
            yield _typed(raw, RawBatch([], []), fields, keys, layout, extra, wgs84)


def _with_crs(source: RawSource) -> RawSource:
    """Give the points of a geometry their coordinate system, which the file has once for all of them."""

    def batches() -> Iterator[RawBatch]:
        for batch in source.batches:
            yield RawBatch([[*row, source.crs] for row in batch.rows], batch.numbers, batch.lost)

    return RawSource([*source.headings, "crs"], batches(), source.encoding, source.sheet, source.notes, source.crs)


def _typed(
    raw: RawTable,
    batch: RawBatch,
    fields: Mapping[str, FieldSpec],
    keys: Sequence[str],
    layout: tuple[dict[str, int], list[int]],
    extra: Literal["keep", "drop"],
    wgs84: bool,
) -> ReadResult:
    import pandas as pd

    places, undeclared = layout
    columns = dict(columns_of(raw.headings, raw.rows))
    typed: dict[str, Any] = {}
    faults: dict[int, list[tuple[str, str, str]]] = {}
    asked = set(places.values())
    for position, cells in batch.lost.items():
        # In a column that nobody asked for, what stands there is kept; a row too long is told of below.
        for lost in (cell for cell in cells if cell.column in asked):
            fault = (raw.headings[lost.column], lost.value, lost.reason)
            faults.setdefault(position, []).append(fault)
    for name, spec in fields.items():
        if name not in places:
            typed[name] = parse_column([None] * len(raw.rows), spec)[0]
            continue
        heading = raw.headings[places[name]]
        typed[name], bad = parse_column(columns[places[name]], spec)
        for cell in bad:
            if not _told(faults, cell.position, heading):
                faults.setdefault(cell.position, []).append((heading, cell.value, cell.reason))
        if name in keys:
            for position in typed[name].index[typed[name].isna()]:
                if not _told(faults, position, heading):
                    reason = message("no_key", label=spec.label.zh)
                    faults.setdefault(int(position), []).append((heading, "", reason))
    _overlong(raw, faults)
    if extra == "keep":
        for place in undeclared:
            typed[raw.headings[place]] = _undeclared(columns[place])
    frame = pd.DataFrame(typed)
    keep = pd.Series(True, index=range(len(raw.rows)))
    keep.loc[list(faults)] = False
    frame = frame[keep.to_numpy()].reset_index(drop=True)
    converted: dict[str, int] = {}
    if wgs84 and places.keys() >= _POINT:
        frame, converted = to_wgs84(frame)
    return ReadResult(
        frame=frame,
        rejects=_rejects(raw, faults),
        n_read=len(raw.rows),
        encoding=raw.encoding,
        sheet=raw.sheet,
        absent=[name for name in fields if name not in places],
        extra=[raw.headings[place] for place in undeclared],
        notes=list(raw.notes),
        converted=converted,
    )


def _told(faults: Mapping[int, list[tuple[str, str, str]]], position: int, heading: str) -> bool:
    return any(fault[0] == heading for fault in faults.get(position, []))


def read_register(
    path: str | Path,
    register: str | RegisterSchema,
    *,
    fields: Mapping[str, FieldSpec] | None = None,
    sheet: str | None = None,
) -> ReadResult:
    """Return a register's table from a file; `fields`, declared elsewhere (in a standard), come on top of its own.

    Points are converted to WGS-84 by the `crs` of their row; `converted` of the result counts them.

    Raises
    ------
    KitError
        As `read_table`, and when there is no such register.

    Examples
    --------
    >>> units = read_register("units.xlsx", "units").frame          # doctest: +SKIP
    """
    schema = load_schema(register) if isinstance(register, str) else register
    declared = {**schema.fields, **(fields or {})}
    return join_batches(list(read_batches(path, declared, key=schema.keys, sheet=sheet, wgs84=True)))


def _known(fields: Mapping[str, FieldSpec]) -> Known:
    """Return what tells a declared heading from any other text."""
    names = {normal_heading(text) for name, spec in fields.items() for text in _names(name, spec)}

    def known(heading: str) -> bool:
        text = normal_heading(heading)
        return text in names or without_unit(text) in names

    return known


def _names(name: str, spec: FieldSpec) -> list[str]:
    english = [spec.label.en] if spec.label.en else []
    return [name, spec.label.zh, *english, *getattr(spec, "aliases", [])]


def match_headings(
    raw: RawTable, fields: Mapping[str, FieldSpec], key: str | Sequence[str] | None, path: str | Path
) -> tuple[dict[str, int], list[int]]:
    """Return field -> column, and the undeclared columns; every mistake in the headings is told at once."""
    where = _where(raw, path)
    keys = [key] if isinstance(key, str) else list(key or [])
    problems: list[Problem] = _nameless(raw, where)
    known: dict[str, list[str]] = {}
    for name, spec in fields.items():
        for text in dict.fromkeys(normal_heading(option) for option in _names(name, spec)):
            known.setdefault(text, []).append(name)
    places: dict[str, int] = {}
    undeclared: list[int] = []
    seen: dict[str, int] = {}
    for place, heading in enumerate(raw.headings):
        if not heading:
            continue
        text = normal_heading(heading)
        owners = known.get(text) or known.get(without_unit(text)) or []
        if text in fields:
            owners = [text]
        if len(owners) > 1:
            meant = " or ".join(owners)
            problems.append(Problem(f"heading '{cut(heading)}' may mean {meant}; write the field's id", where))
        elif text in seen or (owners and owners[0] in places):
            other = seen.get(text, places.get(owners[0], 0) if owners else 0)
            both = f"columns {other + 1} ('{cut(raw.headings[other])}') and {place + 1} ('{cut(heading)}')"
            problems.append(Problem(f"{both} stand for the same column; keep one", where))
        elif owners:
            places[owners[0]] = place
        else:
            undeclared.append(place)
        seen.setdefault(text, place)
    present = [heading for heading in raw.headings if heading]
    for name, spec in fields.items():
        if name in places or not (spec.required or name in keys):
            continue
        guess = nearest(spec.label.zh, present) or nearest(name, present)
        hint = f"; did you mean the column '{guess}'?" if guess else ""
        problems.append(Problem(f"required column '{name}' ({spec.label.zh}) is missing{hint}", where))
    if problems:
        listed = ", ".join(cut(heading, 30) for heading in present[:40]) + (" …" if len(present) > 40 else "")
        problems.append(Problem(f"columns present: {listed}. Correct the headings and read it again.", where))
        raise ProblemsError(problems, f"{where}: the headings are not as declared")
    return places, undeclared


def _where(raw: RawTable, path: str | Path) -> str:
    return f"{path}" + (f", sheet '{raw.sheet}'" if raw.sheet else "")


def _nameless(raw: RawTable, where: str) -> list[Problem]:
    """Return the columns that have values but no heading."""
    return [
        Problem(f"column {place + 1} has values but no heading; name or empty it", where)
        for place, heading in enumerate(raw.headings)
        if not heading and any(place < len(row) and row[place] not in (None, "") for row in raw.rows)
    ]


def _unnamed(raw: RawTable, path: str) -> None:
    where = _where(raw, path)
    if problems := _nameless(raw, where):
        raise ProblemsError(problems, f"{where}: the headings are not as declared")


def as_text(column: pd.Series) -> pd.Series:
    """Return a column as text; null stays null."""
    import pandas as pd

    return pd.Series(
        [None if null else str(value) for value, null in zip(column, column.isna(), strict=True)],
        index=column.index,
        dtype="str",
    )


def _overlong(raw: RawTable, faults: dict[int, list[tuple[str, str, str]]]) -> None:
    width = len(raw.headings)
    for position, row in enumerate(raw.rows):
        surplus = [str(cell) for cell in row[width:] if cell is not None and str(cell).strip()]
        if surplus:
            reason = message("too_many", count=len(row), columns=width, value=cut(surplus[0]))
            faults.setdefault(position, []).append(("", cut(surplus[0]), reason))


def _undeclared(values: list[Any]) -> pd.Series:
    import pandas as pd

    if any(isinstance(value, str) for value in values):
        return pd.Series([None if value is None or value == "" else str(value) for value in values], dtype="str")
    return pd.Series(values)


def _rejects(raw: RawTable, faults: Mapping[int, list[tuple[str, str, str]]]) -> pd.DataFrame:
    """Return the rejected rows: all reasons of a row together, then its cells as they stood in the file."""
    import pandas as pd

    originals = [f"{heading}_" if heading in REJECT_COLUMNS else heading for heading in raw.headings]
    lines: list[dict[str, Any]] = []
    for position in sorted(faults):
        found = faults[position]
        line: dict[str, Any] = {
            "row": raw.numbers[position],
            "column": "；".join(fault[0] for fault in found),
            "value": "；".join(fault[1] for fault in found),
            "reason": "；".join(f"“{fault[0]}”：{fault[2]}" if fault[0] else fault[2] for fault in found),
        }
        for heading, cell in zip(originals, raw.rows[position], strict=False):
            line[heading] = None if cell is None else str(cell)
        lines.append(line)
    frame = pd.DataFrame(lines, columns=[*REJECT_COLUMNS, *originals])
    return frame.astype({name: "int64" if name == "row" else "str" for name in frame.columns})


__all__ = ["KitError", "ReadResult", "normal_heading", "read_batches", "read_register", "read_table"]
