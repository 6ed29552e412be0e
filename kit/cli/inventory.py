"""`kit inventory …`: the risk inventory. One module for each command; this one makes the group."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

group = typer.Typer(no_args_is_help=True, help="The risk inventory.")

StoreFile = Annotated[
    Path, typer.Option("--store", envvar="KIT_INVENTORY", help="the inventory: a DuckDB file, made by submit")
]
DEFAULT_STORE = Path("inventory.duckdb")


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="inventory")
