"""Where commands of `kit inventory` take a quarter from: a folder of registers, or the inventory's file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kit.errors import KitError

if TYPE_CHECKING:
    import pandas as pd

DataFolder = Annotated[
    Path | None, typer.Option(help="folder with <period>/ inside; the pilot sample by default")
]  # fmt: skip
FromStore = Annotated[Path | None, typer.Option("--store", help="the inventory (DuckDB file), instead of --data")]


@dataclass(frozen=True)
class Taken:
    """A quarter, whether it is made, and the quarters before it by period."""

    tables: dict[str, pd.DataFrame]
    made: bool
    earlier: dict[str, dict[str, pd.DataFrame]] = field(default_factory=dict)


def take_quarter(data: Path | None, store: Path | None, period: str, *, earlier: bool = False) -> Taken:
    """Return a quarter from a folder or from the inventory; with `earlier` also those before it.

    Raises
    ------
    KitError
        When both are given, or there is no such quarter.
    """
    if store is not None:
        if data is not None:
            raise KitError("give --data or --store, not both")
        return _from_store(store, period, earlier)
    from kit.cli.main_job import before_of, read_period

    quarter = read_period(data, period)
    before = before_of(quarter) if earlier else None
    return Taken(quarter.tables, quarter.made, {before.period: before.tables} if before else {})


def _from_store(path: Path, period: str, earlier: bool) -> Taken:
    from kit.inventory import Store

    store = Store(path)
    tables = store.quarter(period)
    told = store.submissions()
    made = bool(told.loc[(told["period"] == period) & told["counts"], "made"].any())
    past = [name for name in store.periods() if name < period] if earlier else []
    return Taken(tables, made, {name: store.quarter(name) for name in past})


def register(app: typer.Typer) -> None:
    """Do nothing: this module has no command."""
