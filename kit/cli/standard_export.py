"""`kit standard export`: a standard as a workbook for editing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kit.cli.standard import chosen_standards, group


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit standard`, which adds itself."""


@group.command("export", epilog="Example: kit standard export taxi -o taxi.xlsx")
def export_command(
    reference: Annotated[str, typer.Argument(help="id (the working text), id@version or path")],
    out: Annotated[Path, typer.Option("-o", "--out", help="the workbook to write (.xlsx)")],
) -> None:
    """Write fields, indicators, bands, direct decisions, controls and checklist as a workbook to edit in Excel."""
    from kit.standard.spreadsheet.export import export_workbook

    print(export_workbook(chosen_standards([reference], False)[0], out))
