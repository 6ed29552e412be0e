"""Tables that come as Arrow: Parquet, GeoParquet, layers of GeoPackage and GeoJSON. Geometries become points."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit.errors import KitError, did_you_mean
from kit.registers.headings import Known, normal_heading
from kit.registers.sources import RawBatch, RawSource

_PLACES = {"lon", "lng", "longitude", "lat", "latitude", "经度", "纬度", "经度坐标", "纬度坐标"}
# CGCS2000 agrees with WGS-84 to decimetres: its degrees are kept as they are.
_DEGREES = ("EPSG:4326", "EPSG:4490", "OGC:CRS84")


@contextmanager
def open_parquet(path: Path, sheet: str | None, known: Known | None, rows: int) -> Iterator[RawSource]:
    """Yield the open table of a Parquet or GeoParquet file; see `kit.registers.sources.open_raw`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise KitError(f"{path}: not a readable Parquet file ({str(error)[:120]})") from None
    with file:
        schema = file.schema_arrow
        geometry, crs = _geo_column(schema.metadata or {})
        yield _source(schema.names, _guarded(path, file.iter_batches(rows)), geometry, crs)


def _guarded(path: Path, batches: Iterable[Any]) -> Iterator[Any]:
    import pyarrow as pa

    try:
        yield from batches
    except (pa.ArrowInvalid, OSError) as error:
        raise KitError(f"{path}: not a readable Parquet file ({str(error)[:120]})") from None


def _geo_column(metadata: dict[bytes, bytes]) -> tuple[str | None, Any]:
    """Return the geometry column of a GeoParquet file and its coordinate system; none for plain Parquet."""
    try:
        geo = json.loads(metadata.get(b"geo", b"{}"))
        name = geo["primary_column"]
        declared = geo["columns"][name]
    except (KeyError, ValueError, TypeError):
        return None, None
    # Without `crs` the specification means OGC:CRS84.
    return (name, declared.get("crs", "OGC:CRS84")) if declared.get("encoding") == "WKB" else (None, None)


@contextmanager
def open_layer(path: Path, sheet: str | None, known: Known | None, rows: int) -> Iterator[RawSource]:
    """Yield the open layer of a GeoPackage or GeoJSON file; see `kit.registers.sources.open_raw`."""
    import pyogrio
    from pyogrio.raw import open_arrow

    kind = "GeoPackage" if path.suffix.lower() == ".gpkg" else "GeoJSON"
    wrong = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, IndexError, UnicodeDecodeError)
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        chosen = sheet or layers[0]
    except wrong as error:
        raise KitError(f"{path}: not a readable {kind} ({str(error)[:120]})") from None
    if chosen not in layers:
        raise KitError(f"{path}: no layer '{sheet}'; {did_you_mean(chosen, layers, allowed='layers')}")
    try:
        with open_arrow(path, layer=chosen, batch_size=rows, use_pyarrow=True) as (meta, reader):
            geometry = meta.get("geometry_name") or "wkb_geometry"
            names = [name for name in reader.schema.names if name != meta.get("fid_column")]
            source = _source(names, reader, geometry if geometry in names else None, meta.get("crs"))
            source.sheet = chosen
            yield source
    except wrong as error:
        raise KitError(f"{path}: not a readable {kind} ({str(error)[:120]})") from None


def _source(names: list[str], batches: Iterable[Any], geometry: str | None, crs: Any) -> RawSource:
    kept = [name for name in names if name != geometry]
    source = RawSource(list(kept), iter(()))
    taken = {name for name in kept if normal_heading(name) in _PLACES}
    if geometry is not None and taken:
        source.notes.append(f"geometry not used: the layer has columns {', '.join(sorted(taken))}")
        geometry = None
    transform = None
    if geometry is not None:
        source.headings += ["lon", "lat"]
        source.crs = "wgs84"
        transform = _transformer(crs, source.notes)
    source.batches = _batches(batches, kept, geometry, transform)
    return source


def _transformer(crs: Any, notes: list[str]) -> Any:
    if not crs:
        notes.append("the geometry has no coordinate system; its coordinates were taken for WGS-84 degrees")
        return None
    if crs in _DEGREES:
        return None
    from pyproj import CRS, Transformer

    system = CRS.from_user_input(crs)
    if system.to_authority() in [tuple(name.split(":")) for name in _DEGREES]:
        return None
    named = ":".join(system.to_authority() or (system.name,))
    notes.append(f"coordinates transformed from {named} to WGS-84")
    return Transformer.from_crs(system, "EPSG:4326", always_xy=True)


def _batches(batches: Iterable[Any], names: list[str], geometry: str | None, transform: Any) -> Iterator[RawBatch]:
    done = 0
    for batch in batches:
        columns = [batch.column(name).to_pylist() for name in names]
        if geometry is not None:
            columns += _points(batch.column(geometry).to_pylist(), transform)
        rows = [list(row) for row in zip(*columns, strict=True)]
        yield RawBatch(rows, list(range(done + 1, done + len(rows) + 1)))
        done += len(rows)


def _points(shapes: list[bytes | None], transform: Any) -> list[list[float | None]]:
    """Return longitudes and latitudes of a point on each shape; None where there is none."""
    import numpy as np
    import shapely

    points = shapely.point_on_surface(shapely.from_wkb(np.array(shapes, dtype=object)))
    x, y = shapely.get_x(points), shapely.get_y(points)
    if transform is not None:
        x, y = transform.transform(x, y)
    return [[float(value) if np.isfinite(value) else None for value in axis] for axis in (x, y)]
