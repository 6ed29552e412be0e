"""`kit standard new`: a new standard begun from another one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kit.cli.standard import group


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit standard`, which adds itself."""


@group.command("new", epilog="Example: kit standard new lodging --from catering")
def new_command(
    sector: Annotated[str, typer.Argument(help="id of the new standard: a sector of the plan, or any other name")],
    like: Annotated[str, typer.Option("--from", help="standard to begin from: id, id@version or path")] = "catering",
    department: Annotated[
        str | None, typer.Option(help="key of the department, for a sector the plan does not name")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Chinese name of the sector, likewise")] = None,
    folder: Annotated[Path | None, typer.Option(help="folder of standards; standards/ by default")] = None,
) -> None:
    """Begin a new standard: a working draft whose texts, marked 【待填】, the drafter replaces one by one."""
    from kit.checking import check_standard
    from kit.standard import load_standard
    from kit.standard.starting import MARK, start_standard

    place = start_standard(sector, like, department=department, title=title, folder=folder)
    findings = check_standard(load_standard(place))
    left = sum(finding.check == "to_fill" for finding in findings)
    typer.echo(f"已建立 {place}：{left} 处带{MARK}，逐处改写。")
    typer.echo(f"还有哪些没写、哪里不对：kit standard check {sector if folder is None else place}")
