"""`kit standard coverage`: what examples or data reach of a standard, and examples worth adding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kit.cli.explain import read_children
from kit.cli.standard import chosen_standards, group
from kit.errors import KitError


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit standard`, which adds itself."""


@group.command("coverage", epilog="Example: kit standard coverage taxi; kit standard coverage taxi --suggest")
def coverage_command(
    references: Annotated[list[str] | None, typer.Argument(help="ids, folders or files")] = None,
    every: Annotated[bool, typer.Option("--all", help="all shipped standards")] = False,
    data: Annotated[
        Path | None, typer.Option(help="a table instead of the worked examples (one standard only)")
    ] = None,
    child: Annotated[list[str] | None, typer.Option("--child", help="child rows of the table as name=file")] = None,
    propose: Annotated[
        bool, typer.Option("--suggest", help="write boundary and condition examples as YAML, for the drafter to judge")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show which bands, map rows, matrix cells, overrides and levels no example (or no row of --data) reaches."""
    from kit.checking import coverage, suggest, suggestions_yaml
    from kit.registers import read_table
    from kit.standard import load_standard

    chosen = [load_standard(reference) for reference in chosen_standards(references, every)]
    if data is not None and len(chosen) != 1:
        raise KitError(
            f"--data goes with one standard, but {len(chosen)} are named; write kit standard coverage ID --data"
        )
    if propose:
        for std in chosen:
            print(f"# {std.label}\n{suggestions_yaml(suggest(std))}")
        return
    found = []
    for std in chosen:
        if data is None:
            found.append(coverage(std))
        else:
            read = read_table(data, std.fields)
            children = read_children(std, child)
            found.append(coverage(std, read.frame, children=children or None, source=data.name))
            if len(read.rejects):
                typer.echo(f"{data.name}: {len(read.rejects)} row(s) could not be read and are left out", err=True)
    if as_json:
        print(json.dumps([entry.to_json() for entry in found], ensure_ascii=False, indent=1, default=str))
    else:
        print("\n".join(entry.text() for entry in found))
