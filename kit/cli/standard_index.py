"""`kit standard index`: the index of all standards as a page beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kit.cli.standard import group


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit standard`, which adds itself."""


@group.command("index", epilog="Example: kit standard index")
def index_command(
    folder: Annotated[Path | None, typer.Option(help="folder of standards; standards/ by default")] = None,
) -> None:
    """Write README.md into the folder of standards: every sector of the plan, with its standard and how far it is."""
    from kit.reports.standard_index import write_index

    typer.echo(f"目录: {write_index(folder)}")
