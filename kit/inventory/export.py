"""A quarter out of the inventory: Parquet, GeoParquet, and an Excel workbook with Chinese headings."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, did_you_mean
from kit.files import write_text
from kit.inventory.store import REVIEWS, Store
from kit.inventory.store_texts import StoreError, labels
from kit.registers.coordinates import to_wgs84
from kit.registers.schema import load_schema, schema_names
from kit.standard.yaml_io import read_yaml

if TYPE_CHECKING:
    import pandas as pd

    Frames = dict[str, pd.DataFrame]

MARK = "EXPORT.json"
MADE = "MADE_DATA.txt"
DEGREES = ("wgs84", "cgcs2000")
"""Coordinate systems that differ by centimetres."""
PLACED = ("units", "risk_sources", "resources")
IN_WORKBOOK = ("units", "risk_sources", REVIEWS)


@dataclass
class Exported:
    """What was written.

    Attributes
    ----------
    paths : the files.
    rows : rows of each table.
    notes : what a reader has to know, in Chinese.
    made : whether the data are made (示例数据).
    """

    period: str
    paths: list[Path] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    made: bool = False


@cache
def _words() -> dict[str, Any]:
    data, _ = read_yaml(Path(__file__).with_name("export.yaml"))
    return dict(data)


def export_quarter(
    store: Store,
    out: str | Path,
    *,
    period: str | None = None,
    kind: str | None = None,
    tables: Sequence[str] | None = None,
) -> Exported:
    """Write a quarter, the last when none is named, and return what was written.

    The kind follows from the name when it is not given: ``xlsx`` for a workbook's, else ``parquet``.

    - ``parquet``: a folder ``<out>/<period>/`` with a file for each table, laid out like the folders that are
      submitted, so that it can be submitted, assessed or validated again.
    - ``geoparquet``: the same, and units, risk sources and resources are points (WGS-84, EPSG:4326). A risk source
      without a place of its own stands at its unit (`placed_by`: source, unit, or null). Rows in GCJ-02 or BD-09 are
      converted for their points (their own columns stay as they were); rows without a usable place have no geometry.
      Both are counted in the notes.
    - ``xlsx``: one workbook: what it is, units, risk sources and review records unless `tables` names others; Chinese
      headings and values, read back by `kit.registers.read_register`.

    Made data are marked as made in each of them.

    Raises
    ------
    KitError
        When the kind is unknown, the folder holds something else, or a sheet cannot hold the rows.
    """
    kinds: dict[str, Callable[..., None]] = {"parquet": _folder, "geoparquet": _folder, "xlsx": _workbook}
    kind = kind or ("xlsx" if Path(out).suffix.lower() == ".xlsx" else "parquet")
    if kind not in kinds:
        raise KitError(f"no export of the kind '{kind}'; {did_you_mean(kind, kinds)}")
    listed = store.submissions()
    frames = store.quarter(period)
    name = period or store.periods()[-1]
    about = listed[(listed["period"] == name) & listed["counts"]].iloc[0].to_dict()
    if tables is not None:
        for wanted in tables:
            if wanted not in frames:
                raise StoreError("no_table_stored", period=name, table=wanted, hint=did_you_mean(wanted, frames))
        frames = {wanted: frames[wanted] for wanted in tables}
    elif kind == "xlsx":
        frames = {wanted: frames[wanted] for wanted in IN_WORKBOOK}
    done = Exported(name, rows={table: len(frame) for table, frame in frames.items()}, made=bool(about["made"]))
    if kind == "geoparquet":
        units = frames["units"] if "units" in frames else store.table("units", name)
        frames = {table: _placed(table, frame, units, done) for table, frame in frames.items()}
    kinds[kind](store, Path(out), frames, about, done)
    return done


# -- Parquet --------------------------------------------------------------------------------------------


def _folder(store: Store, out: Path, frames: Frames, about: Mapping[str, Any], done: Exported) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    mark = {b"kit_period": done.period.encode(), b"kit_submission": str(about["number"]).encode()}
    if about["made"]:
        mark |= {b"kit_origin": b"made", b"kit_origin_zh": _words()["about"]["made"].encode()}
    with _whole_folder(out / done.period) as folder:
        for name, frame in frames.items():
            path = folder / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            if hasattr(frame, "geometry"):
                frame.to_parquet(path, index=False)
                table = pq.read_table(path)  # GeoPandas takes no marks of ours
            else:
                table = pa.Table.from_pandas(frame, preserve_index=False)
            table = table.replace_schema_metadata({**(table.schema.metadata or {}), **mark})
            pq.write_table(table, path, compression="zstd")
            done.paths.append(out / done.period / f"{name}.parquet")
        summary = {
            "period": done.period,
            "submission": int(about["number"]),
            "submitted_at": about["submitted_at"].isoformat(timespec="seconds"),
            "fingerprint": about["fingerprint"],
            "made": bool(about["made"]),
            "kit": version("kit"),
            "rows": done.rows,
            "notes": done.notes,
        }
        (folder / MARK).write_text(json.dumps(summary, ensure_ascii=False, indent=1), encoding="utf-8")
    if about["made"]:
        write_text(out / MADE, f"{_words()['about']['made']}\nMade data: no real unit, place or person.\n")


@contextmanager
def _whole_folder(final: Path) -> Iterator[Path]:
    """Yield a folder that takes the place of `final` when the block ends well; only an earlier export is replaced."""
    if final.exists() and not (final / MARK).is_file() and (not final.is_dir() or any(final.iterdir())):
        raise KitError(f"{final} is there already and is no export of the inventory; name another folder")
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{final.name}.", dir=final.parent))
    old = temporary.with_name(temporary.name + ".old")
    try:
        yield temporary
        temporary.chmod(0o755)
        if final.exists():
            final.rename(old)
        temporary.rename(final)
    finally:
        if old.exists() and not final.exists():
            old.rename(final)
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _placed(name: str, frame: pd.DataFrame, units: pd.DataFrame, done: Exported) -> pd.DataFrame:
    """Return a table with points where it has places; the rows without one are told in the notes."""
    if name not in PLACED or not {"lon", "lat", "crs"} <= set(frame.columns):
        return frame
    import geopandas as gpd
    import pandas as pd
    import shapely

    lon, lat, crs = frame["lon"], frame["lat"], frame["crs"]
    own = lon.notna() & lat.notna()
    placed_by = pd.Series(["source" if known else None for known in own], index=frame.index, dtype="str")
    if name == "risk_sources":
        place = units.drop_duplicates("unit_id").set_index("unit_id")
        lent = frame["unit_id"].map(place["lon"]).notna() & frame["unit_id"].map(place["lat"]).notna() & ~own
        lon = lon.where(~lent, frame["unit_id"].map(place["lon"]))
        lat = lat.where(~lent, frame["unit_id"].map(place["lat"]))
        crs = crs.where(~lent, frame["unit_id"].map(place["crs"]))
        placed_by = placed_by.where(~lent, "unit")
    points_of, converted = to_wgs84(pd.DataFrame({"lon": lon, "lat": lat, "crs": crs}))
    lon, lat, crs = points_of["lon"], points_of["lat"], points_of["crs"]
    there = lon.notna() & lat.notna()
    usable = there & crs.isin(DEGREES)
    words, title = _words(), load_schema(name).title.zh
    names = load_schema("units").fields["crs"].values or {}
    for system, converted_rows in converted.items():
        if system not in DEGREES:
            done.notes.append(words["note_converted"].format(table=title, count=converted_rows, crs=names[system]))
    for code, count in crs[there & ~usable].fillna("–").value_counts().sort_index().items():
        done.notes.append(words["note_crs"].format(table=title, count=count, crs=names.get(str(code), code)))
    if (~there).any():
        done.notes.append(words["note_unplaced"].format(table=title, count=int((~there).sum())))
    points = shapely.points(lon.to_numpy(dtype="float64"), lat.to_numpy(dtype="float64"))
    points[~usable.to_numpy(dtype=bool)] = None
    extra = {"placed_by": placed_by.where(usable)} if name == "risk_sources" else {}
    return gpd.GeoDataFrame(frame.assign(**extra), geometry=points, crs="EPSG:4326")


# -- Excel ----------------------------------------------------------------------------------------------


def _workbook(store: Store, out: Path, frames: Frames, about: Mapping[str, Any], done: Exported) -> None:
    from kit.registers.writer import write_workbook

    if out.suffix.lower() != ".xlsx":
        raise KitError(f"{out}: a workbook ends in .xlsx")
    sheets = {_words()["about"]["sheet"]: _about(store, about, done)}
    for name, frame in frames.items():
        sheets[table_title(name)] = _for_people(name, frame)
    done.paths.append(write_workbook(sheets, out, header=_words()["about"]["made"] if about["made"] else ""))


def _about(store: Store, about: Mapping[str, Any], done: Exported) -> pd.DataFrame:
    import pandas as pd

    words = _words()["about"]
    status = store.status(done.period)
    submitted = words["submission_text"].format(
        number=about["number"], at=f"{about['submitted_at']:%Y-%m-%d %H:%M}", by=about["submitted_by"]
    )
    rows = [
        (words["nature"], words["made"] if about["made"] else words["given"]),
        (words["period"], done.period),
        (words["submission"], submitted),
        (words["rule"], words["rule_text"]),
    ]
    counts = status.groupby("review_state")["n"].sum()
    rows += [(words["states"].format(state=name), int(counts.get(code, 0))) for code, name in labels("state").items()]
    rows.append((words["unrecorded"], int(status["n_without_record"].sum())))
    rows.append((words["tables"], "；".join(f"{table_title(name)} {count:,}" for name, count in done.rows.items())))
    rows.append((words["kit"], f"kit {version('kit')}"))
    rows += [(words["notes"], note) for note in done.notes]
    return pd.DataFrame(rows, columns=[words["item"], words["value"]], dtype=object)


def table_title(name: str) -> str:
    """Return what readers call a table: its register's title, or 调查表 with the standard's id."""
    if name in schema_names():
        return load_schema(name).title.zh
    return str(_words()["survey"]).format(standard=name.rpartition("/")[2])


def _fields(name: str) -> dict[str, Any]:
    """Return the declarations of a table's columns, of its register or of the standard it is the survey of."""
    fields: dict[str, Any] = dict(load_schema(name).fields) if name in schema_names() else {}
    if name.startswith("survey"):
        from kit.standard.loader import load_standard

        fields |= {"unit_id": load_schema("units").fields["unit_id"]}
        fields |= {"source_id": load_schema("risk_sources").fields["source_id"]}
        with suppress(KitError):  # a standard that the kit does not have: its columns keep their ids
            fields |= load_standard(name.rpartition("/")[2]).fields
    return fields


def _for_people(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table as people read it: Chinese headings, categories and codes by name, days without a time of day."""
    import pandas as pd

    from kit.registers.cells import shown_options

    fields = _fields(name)
    columns: dict[str, Any] = {}
    for column in frame.columns:
        values, spec = frame[column], fields.get(column)
        if pd.api.types.is_datetime64_any_dtype(values):
            days = values.dropna()
            if (days == days.dt.normalize()).all():
                values = values.dt.date.astype(object)
        elif spec is not None and spec.type in ("category", "text"):
            shown = shown_options(spec)
            values = values.map(lambda value, shown=shown: shown.get(value, value)) if shown else values
        heading = spec.label.zh if spec is not None else str(column)
        columns[heading if heading not in columns else str(column)] = values
    return pd.DataFrame(columns)
