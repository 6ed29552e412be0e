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
    from kit.standard.spreadsheet.reading import import_workbook

    done = import_workbook(workbook, to, dry_run=dry_run)
    if not done.files:
        print("工作簿里没有改动，文件不变")
        return
    for address, before, after in done.values:
        print(f"{'.'.join(map(str, address))}: {_shown(before)} -> {_shown(after)}")
    for file in done.files:
        print(file.diff())
    names = ", ".join(str(file.path) for file in done.files)
    print(f"已写入：{names}" if done.written else f"没有写入（--dry-run）：{names}")
    if done.written:
        print("还要再改，请重新导出：这个工作簿仍然与改动前的文本相比较")


def _shown(value: object) -> str:
    import json

    from kit.errors import cut

    return "—" if value is None else cut(json.dumps(value, ensure_ascii=False, default=str))
