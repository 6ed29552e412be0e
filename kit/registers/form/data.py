"""The data that are written into a form beforehand: from a folder of registers, a filled-in form, or tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError, did_you_mean
from kit.registers.codes_list import code_names
from kit.registers.form.file import form_mark
from kit.registers.form.layout import FormLayout, FormSheet, form_layout
from kit.registers.form.reader import read_form
from kit.registers.form.tables import MADE
from kit.registers.reader import ReadResult, read_register, read_table
from kit.standard.standard import Standard

if TYPE_CHECKING:
    import pandas as pd

    Frames = dict[str, pd.DataFrame]

_SUFFIXES = (".parquet", ".csv", ".xlsx")


def form_frames(
    standard: Standard,
    sources: Sequence[str | Path],
    *,
    district: str | None = None,
    names: Mapping[str, str] | None = None,
) -> tuple[Frames, bool]:
    """Return the frames to write into a form, by sheet, and whether the data are made.

    Parameters
    ----------
    sources : each a folder of registers (as `kit data import` and the sample have them), a filled-in form, a table of
        the main sheet, or `sheet=table`. Later ones replace what earlier ones gave.
    district : code or Chinese name of a reporting area: only its units (needs a folder with the register of units).
    names : other names of tables in a folder.

    Raises
    ------
    KitError
        When a table cannot be read, has rows that cannot be read, or belongs to no sheet.

    Examples
    --------
    >>> frames, made = form_frames(taxi, ["data_samples/pilot/2019Q4"], district="东城区")     # doctest: +SKIP
    """
    layout = form_layout(standard)
    frames: Frames = {}
    made = False
    if district is not None and not any(Path(source).is_dir() for source in sources):
        raise KitError("units of one district can be chosen only from a folder that has the register of units")
    for source in sources:
        path = Path(source)
        if path.is_dir():
            made |= any((folder / MADE).exists() for folder in (path, path.resolve().parent))
            frames |= _from_folder(standard, layout, path, district, names or {})
            continue
        name, equals, file = str(source).partition("=")
        sheet = next((sheet for sheet in layout.sheets if equals and name in (sheet.id, sheet.title)), None)
        if equals and sheet is None and not path.exists():
            there = [sheet.id for sheet in layout.sheets]
            raise KitError(f"--data {source}: the form has no sheet '{name}'; {did_you_mean(name, there)}")
        if sheet is None and path.suffix.lower() == ".xlsx" and path.is_file() and form_mark(path):
            filled = read_form(path, standard, accept_version=True)
            if filled.n_rejected:
                raise KitError(
                    f"{path}: {filled.n_rejected} row(s) of the form cannot be read, and would be lost; see them with "
                    f"kit data import {path} -o FOLDER"
                )
            frames |= filled.frames
            made |= filled.made
            continue
        target = sheet or layout.main
        frames[target.id] = _read(file if sheet else path, target)
    return frames, made


def _read(path: str | Path, sheet: FormSheet) -> pd.DataFrame:
    # What the form asks may be missing from a table that is only to be completed; its key may not.
    loose = {name: spec.model_copy(update={"required": False}) for name, spec in sheet.fields.items()}
    return _whole(read_table(path, loose, key=sheet.key, extra="drop"), path)


def _whole(read: ReadResult, path: str | Path) -> pd.DataFrame:
    if read.n_rejected:
        found = "\n".join(f"  row {row.row}: {row.reason}" for row in read.rejects.head(10).itertuples())
        raise KitError(f"{path}: {read.n_rejected} row(s) cannot be read, and would be lost from the form:\n{found}")
    return read.frame


def _from_folder(
    standard: Standard, layout: FormLayout, folder: Path, district: str | None, names: Mapping[str, str]
) -> Frames:
    """Return the sheets that the registers in a folder can fill."""
    kind = standard.document.object
    table = f"{'survey_unit' if kind in ('risk_source', 'unit') else f'survey_{kind}'}/{standard.id}"
    frames: Frames = {}
    main = _file(folder, names.get(table, table))
    if main is not None:
        frames[layout.main.id] = _read(main, layout.main)
    if kind == "risk_source":
        frames |= _sources(standard, layout, folder)
    for sheet in layout.sheets:
        path = _file(folder, f"children/{standard.id}/{sheet.id}") if sheet.kind == "child" else None
        if path is not None:
            frames[sheet.id] = _read(path, sheet)
    if not frames:
        raise KitError(f"{folder} has nothing of {standard.id}: no {names.get(table, table)} (.parquet, .csv or .xlsx)")
    return _with_units(standard, layout, folder, frames, district)


def _file(folder: Path, name: str) -> Path | None:
    return next((path for suffix in _SUFFIXES if (path := folder / f"{name}{suffix}").is_file()), None)


def _sources(standard: Standard, layout: FormLayout, folder: Path) -> Frames:
    register = _file(folder, "risk_sources")
    if register is None:
        return {}
    rows = _whole(read_register(register, "risk_sources"), register)
    rows = rows[rows["sector"] == standard.id].reset_index(drop=True)
    answers = _file(folder, f"survey/{standard.id}")
    if answers is not None:
        sheet = layout.sheet("sources")
        asked = {column.id: column.spec for column in sheet.columns if column.asked or column.id == sheet.key}
        given = _whole(read_table(answers, asked, key=sheet.key, extra="drop"), answers)
        doubled = [name for name in given.columns if name in rows.columns and name != sheet.key]
        rows = rows.drop(columns=doubled).merge(given.drop_duplicates(sheet.key), on=sheet.key, how="left")
    return {"sources": rows}


def _with_units(standard: Standard, layout: FormLayout, folder: Path, frames: Frames, district: str | None) -> Frames:
    """Add the names of units, and the units of which there are no answers yet; keep those of one district."""
    import pandas as pd

    register = _file(folder, "units")
    if register is None:
        if district is not None:
            raise KitError(f"{folder} has no register of units, so nobody can tell which are of {district}")
        return frames
    if standard.document.object not in ("risk_source", "unit"):
        return frames
    units = _whole(read_register(register, "units"), register).drop_duplicates("unit_id")
    main = frames.get(layout.main.id)
    if main is None:
        main = pd.DataFrame({"unit_id": pd.Series(dtype="str")})
    if standard.document.object == "risk_source":
        wanted = units.loc[(units["sector"] == standard.id) & units["closed_at"].isna(), "unit_id"]
        owners = frames["sources"]["unit_id"] if "sources" in frames else wanted
        known = set(main["unit_id"])
        more = [unit for unit in dict.fromkeys([*wanted, *owners.dropna()]) if unit not in known]
        if more:
            main = pd.concat([main, pd.DataFrame({"unit_id": pd.Series(more, dtype="str")})], ignore_index=True)
    names = units.set_index("unit_id")["name"]
    given = main["unit_id"].map(names)
    main = main.assign(name=main["name"].where(main["name"].notna(), given) if "name" in main.columns else given)
    if district is not None:
        codes = {text: code for code, text in code_names("districts").items()}
        code = codes.get(district, district)
        if code not in code_names("districts"):
            raise KitError(f"no district '{district}'; {did_you_mean(district, codes)}")
        inside = set(units.loc[units["district"] == code, "unit_id"])
        main = main[main["unit_id"].isin(inside)].reset_index(drop=True)
        if "sources" in frames:
            kept = frames["sources"]["unit_id"].isin(inside)
            frames["sources"] = frames["sources"][kept].reset_index(drop=True)
    return frames | {layout.main.id: main}
