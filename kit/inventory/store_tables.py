"""Frames into DuckDB and back, with the types that the registers' reader gives."""

# ruff: noqa: S608 (names are quoted)

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kit.inventory.store_texts import Finding

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(/[A-Za-z0-9_]+)*")


def quoted(*names: str) -> str:
    """Return names as SQL identifiers joined by dots.

    Examples
    --------
    >>> quoted("2019Q4", "survey_unit/taxi")
    '"2019Q4"."survey_unit/taxi"'
    """
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def as_arrow(tables: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pa.Table], list[Finding]]:
    """Return frames as Arrow tables, and what cannot be stored: names, doubled columns, columns of mixed types."""
    import pyarrow as pa

    made: dict[str, pa.Table] = {}
    found: list[Finding] = []
    for name, frame in tables.items():
        if not _NAME.fullmatch(name):
            found.append(Finding("bad_name", name, None, None, {"table": name}))
            continue
        columns: dict[str, Any] = {}
        seen: set[str] = set()
        for position, column in enumerate(map(str, frame.columns)):
            if column.lower() in seen:  # DuckDB's names know no large and small letters
                found.append(Finding("bad_columns", name, None, None, {"table": name, "column": column}))
            seen.add(column.lower())
            try:
                values = pa.array(frame.iloc[:, position], from_pandas=True)
            except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
                found.append(Finding("mixed_column", name, None, None, {"table": name, "column": column}))
                continue
            # A column without a single value has no type of its own; text can be told from nothing later.
            columns[column] = values.cast(pa.string()) if pa.types.is_null(values.type) else values
        made[name] = pa.table(columns)
    return made, found


def write(connection: duckdb.DuckDBPyConnection, schema: str, name: str, table: pa.Table) -> None:
    """Make the table `name` in `schema` of an Arrow table."""
    connection.register("incoming", table)
    connection.execute(f"CREATE TABLE {quoted(schema, name)} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def read(connection: duckdb.DuckDBPyConnection, query: str, values: list[Any] | None = None) -> pd.DataFrame:
    """Return what a query selects: text as `str`, whole days and times as `datetime64`, yes/no as `boolean`."""
    import pandas as pd
    import pyarrow as pa

    found = connection.sql(query, params=values or None)
    table: pa.Table = found.to_arrow_table()
    text = pd.StringDtype(na_value=float("nan"))
    kinds = {pa.string(): text, pa.large_string(): text, pa.bool_(): pd.BooleanDtype()}
    return table.to_pandas(types_mapper=kinds.get, date_as_object=False)


def one(connection: duckdb.DuckDBPyConnection, query: str, values: list[Any] | None = None) -> tuple[Any, ...]:
    """Return the one row that a query selects, all of it fetched: a result left open blocks the connection."""
    (row,) = connection.execute(query, values or []).fetchall()
    return tuple(row)


def digest(tables: Mapping[str, pa.Table]) -> str:
    """Return the SHA-256 (hex) of the tables' names, columns and values."""
    import pyarrow as pa

    total = hashlib.sha256()
    for name in sorted(tables):
        sink = pa.BufferOutputStream()
        table = tables[name].replace_schema_metadata(None).combine_chunks()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        total.update(name.encode())
        total.update(sink.getvalue())
    return total.hexdigest()
