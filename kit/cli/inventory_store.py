"""What the commands on the inventory's file have in common: which file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StoreFile = Annotated[
    Path, typer.Option("--store", envvar="KIT_INVENTORY", help="the inventory: a DuckDB file, made by submit")
]
DEFAULT_STORE = Path("inventory.duckdb")
