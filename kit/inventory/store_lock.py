"""One writer at a time: who writes an inventory leaves a note beside it, so that the next is told whom to wait for."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.files import write_text
from kit.inventory.store_texts import StoreError

if TYPE_CHECKING:
    import duckdb

PAUSE = 0.05
_PID = re.compile(r"PID (\d+)")


def lock_file(path: Path) -> Path:
    """Return the file whose lock a writer of the inventory `path` holds."""
    return path.with_name(path.name + ".lock")


def holder_file(path: Path) -> Path:
    """Return the file in which the writer of the inventory `path` says who it is."""
    return path.with_name(path.name + ".holder.json")


@contextmanager
def writing(path: Path, doing: str, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the inventory for writing while the block runs.

    The lock is the operating system's: it goes with the process that held it, however that ended. The note that a
    killed process left is overwritten by the next writer.

    Parameters
    ----------
    doing : what is done, for whoever comes second.
    wait : seconds to wait for another writer.

    Raises
    ------
    StoreError
        Naming the process, its host, its user and since when, when another one holds it.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_file(path), timeout=wait)
    try:
        lock.acquire(poll_interval=PAUSE)
    except Timeout:
        raise busy(path) from None
    try:
        write_text(holder_file(path), json.dumps(_me(doing), ensure_ascii=False, indent=1))
        yield
    finally:
        holder_file(path).unlink(missing_ok=True)
        lock.release()


def busy(path: Path) -> StoreError:
    """Return the error that says who holds the inventory."""
    who = holder(path)
    return StoreError("busy", path=path, **who) if who else StoreError("busy_unknown", path=path)


def holder(path: Path, *, patience: float = 0.5) -> dict[str, Any] | None:
    """Return who says to hold the inventory: pid, host, user, since, doing; None where nobody says so.

    A writer takes the lock first and leaves its note a moment later, which `patience` (seconds) allows for.
    """
    until = time.monotonic() + patience
    while True:
        try:
            note = json.loads(holder_file(path).read_text(encoding="utf-8"))
            return {name: note[name] for name in ("pid", "host", "user", "since", "doing")}
        except (OSError, ValueError, KeyError, TypeError):
            if time.monotonic() >= until:
                return None
            time.sleep(PAUSE)


def _me(doing: str) -> dict[str, Any]:
    now = dt.datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    return {"pid": os.getpid(), "host": socket.gethostname(), "user": user(), "since": now, "doing": doing}


def user() -> str:
    """Return the name of who runs the program, a dash where the system has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "–"


@contextmanager
def connected(path: Path, *, read_only: bool, wait: float = 0.0) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to the inventory, and close it.

    Raises
    ------
    StoreError
        When the file is no inventory, or another process has it open after `wait` seconds; with who that is.
    """
    import duckdb

    until = time.monotonic() + wait
    while True:
        try:
            connection = duckdb.connect(str(path), read_only=read_only)
            break
        except duckdb.ConnectionException:  # opened in this very process, the other way round
            found, pid = None, os.getpid()
        except duckdb.IOException as error:
            found = _PID.search(str(error))
            if found is None and "lock" not in str(error).lower():
                raise StoreError("no_inventory", path=path, why=_first_line(error)) from None
            pid = int(found[1]) if found else 0
        except (duckdb.Error, UnicodeDecodeError) as error:
            raise StoreError("no_inventory", path=path, why=_first_line(error)) from None
        if time.monotonic() >= until:
            # A writer holds the lock itself here, so the note beside the file is its own.
            noted = read_only and holder(path, patience=0.0) is not None
            raise busy(path) if noted else StoreError("opened_elsewhere", path=path, pid=pid or "?")
        time.sleep(PAUSE)
    try:
        yield connection
    finally:
        connection.close()


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:120]
