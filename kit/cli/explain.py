"""`kit explain`: why a row has its level."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kit.cli.reading import read_children
from kit.errors import KitError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain", epilog="Example: kit explain taxi fleet.xlsx U000123 --key unit_id")(explain_command)


def explain_command(
    standard: Annotated[str, typer.Argument(help="id (taxi), id@version, or a path")],
    data: Annotated[Path, typer.Argument(help="csv, xlsx, parquet or gpkg; columns by id or Chinese heading")],
    row: Annotated[str, typer.Argument(metavar="ID", help="value that names the row")],
    key: Annotated[str | None, typer.Option(help="column that names rows; source_id, unit_id or id by default")] = None,
    child: Annotated[
        list[str] | None, typer.Option("--child", help="child rows as name=file, where the standard has them")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="sheet of an Excel file")] = None,
    changes: Annotated[bool, typer.Option(help="search the least change of one field that alters the level")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="the whole tree as JSON")] = False,
) -> None:
    """Say why one row has its level: inputs, scores with clause and band, overrides, least change to another level."""
    from kit.facade import load_standard
    from kit.registers import read_table

    std = load_standard(standard)
    read = read_table(data, std.fields, sheet=sheet)
    children = read_children(std, child)
    try:
        explanation = std.explain(read.frame, row, key, children=children or None, changes=changes)
    except KitError as error:
        if len(read.rejects):
            hint = (
                f"{len(read.rejects)} row(s) of {data} could not be read and were left out; the row may be among them"
            )
            raise KitError(f"{error}\n{hint}") from None
        raise
    if as_json:
        print(json.dumps(explanation.to_json(), ensure_ascii=False, indent=1, default=str))
    else:
        print(explanation.text())
