"""Tables and views of a database, by any SQLAlchemy URL. The kit reads only; it never writes to a database."""

from __future__ import annotations

import decimal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, did_you_mean
from kit.registers.headings import Known
from kit.registers.sources import RawBatch, RawSource, shown_source

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine, Table

# Drivers that the kit does not bring, and the one it does.
_DRIVERS = {"postgresql": "psycopg2", "postgres": "psycopg2"}


@contextmanager
def open_sql(url: str, sheet: str | None, known: Known | None, rows: int) -> Iterator[RawSource]:
    """Yield the open table or view `sheet` (with its schema before a dot, if not the usual one); see `open_raw`."""
    import sqlalchemy
    from sqlalchemy.exc import SQLAlchemyError

    shown = shown_source(url)
    engine = _engine(url, shown)
    try:
        table = _table(engine, sheet, shown)
        query = sqlalchemy.select(table)
        # Without an order the numbers of the rows would be others at the next reading.
        query = query.order_by(*table.primary_key.columns)
        with engine.connect() as connection:
            streaming = connection.execution_options(stream_results=True, max_row_buffer=rows)
            result = streaming.execute(query)
            yield RawSource(
                [str(column.name) for column in table.columns], _batches(result, rows), sheet=table.fullname
            )
    except (SQLAlchemyError, OSError) as error:
        raise KitError(f"{shown}: the database refused or could not be reached ({_reason(error)})") from None
    finally:
        engine.dispose()


def _engine(url: str, shown: str) -> Engine:
    import sqlalchemy
    from sqlalchemy.exc import SQLAlchemyError

    if url.partition("://")[2].partition("?")[0].count("@") > 1:
        # SQLAlchemy would take the rest of the password for the host, and show it in errors.
        raise KitError(f"{shown}: more than one @ in the address; write an @ in the password as %40")
    try:
        address = _with_driver(sqlalchemy.make_url(url))
        if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
            # SQLite would make an empty one.
            raise KitError(f"{shown}: file not found; write sqlite:/// and the path of the file")
        return sqlalchemy.create_engine(address)
    except ModuleNotFoundError as error:
        raise KitError(
            f"{shown}: the driver '{error.name}' is not installed; install it, or name another in the address "
            "(postgresql+pg8000://… comes with the kit)"
        ) from None
    except (SQLAlchemyError, ValueError) as error:
        raise KitError(
            f"{shown}: not an address of a database ({_reason(error)}); write for example "
            "postgresql+pg8000://user:password@host:5432/database"
        ) from None


def _with_driver(address: URL) -> URL:
    """Return the address with the driver that comes with the kit, where it names none and the usual one is missing."""
    usual = _DRIVERS.get(address.drivername)
    if usual is None or (address.drivername == "postgresql" and find_spec(usual)):
        return address
    return address.set(drivername="postgresql+pg8000")


def _table(engine: Engine, sheet: str | None, shown: str) -> Table:
    import sqlalchemy

    inspector = sqlalchemy.inspect(engine)
    names = sorted({*inspector.get_table_names(), *inspector.get_view_names()})
    if sheet is None:
        if len(names) != 1:
            raise KitError(
                f"{shown}: name one of the tables with sheet; {did_you_mean('', names, allowed='there are')}"
            )
        sheet = names[0]
    schema, dot, name = sheet.rpartition(".")
    if dot and sheet not in names:
        there = [*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)]
        found = name in there
    else:
        schema, name, there, found = "", sheet, names, sheet in names
    if not found:
        raise KitError(f"{shown}: no table or view '{sheet}'; {did_you_mean(name, there, allowed='there are')}")
    return sqlalchemy.Table(name, sqlalchemy.MetaData(), schema=schema or None, autoload_with=engine)


def _batches(result: Any, rows: int) -> Iterator[RawBatch]:
    done = 0
    for part in result.partitions(rows):
        cells = [[_plain(value) for value in row] for row in part]
        numbers = range(done + 1, done + len(cells) + 1)
        done += len(cells)
        kept = [at for at, row in enumerate(cells) if any(value not in (None, "") for value in row)]
        yield RawBatch([cells[at] for at in kept], [numbers[at] for at in kept])


def _plain(value: Any) -> Any:
    """Return a value as the other formats have it: exact decimals as numbers, bytes as text."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value


def _reason(error: Exception) -> str:
    """Return what the driver says, on one line, without SQL and parameters."""
    original = getattr(error, "orig", None) or error
    first = original.args[0] if original.args else ""
    said = first.get("M") if isinstance(first, dict) else None
    return " ".join(str(said or first or type(original).__name__).split())[:160]
