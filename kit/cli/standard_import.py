"""`kit standard import`: the edits of a workbook into the text of its standard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kit.cli.standard import group


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit standard`, which adds itself."""


@group.command("import", epilog="Example: kit standard import taxi.xlsx --dry-run")
def import_command(
    workbook: Annotated[Path, typer.Argument(help="a workbook that kit standard export wrote")],
    to: Annotated[str | None, typer.Option(help="the standard: id or path; by default the one it came from")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show the changes, write nothing")] = False,
) -> None:
    """Apply the edited cells; comments, order and line breaks of the text stay. Exit code 2 on mistakes."""
    from kit.standard.spreadsheet_reading import import_workbook

    done = import_workbook(workbook, to, dry_run=dry_run)
    if not done.files:
        print("nothing was edited; no file changes")
        return
    for address, before, after in done.values:
        print(f"{'.'.join(map(str, address))}: {_shown(before)} -> {_shown(after)}")
    for file in done.files:
        print(file.diff())
    names = ", ".join(str(file.path) for file in done.files)
    print(f"written: {names}" if done.written else f"not written (--dry-run): {names}")
    if done.written:
        print("for further edits export the standard again: this workbook still compares with the text before")


def _shown(value: object) -> str:
    import json

    from kit.errors import cut

    return "—" if value is None else cut(json.dumps(value, ensure_ascii=False, default=str))
