"""`kit standard form`: the Excel survey form of a standard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kit.cli.standard import group


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit standard`, which adds itself."""


def table_names() -> dict[str, str]:
    """Return the tables of a quarter that have a name of their own."""
    from kit.cli.main_job import CAPABILITY, CAPABILITY_TABLE

    return {f"survey_unit/{CAPABILITY}": CAPABILITY_TABLE}


@group.command(
    "form",
    epilog="Example: kit standard form taxi -o 出租汽车调查表.xlsx --data data_samples/pilot/2019Q4 --district 东城区",
)
def form_command(
    standard: Annotated[str, typer.Argument(help="id (taxi), id@version, or a path")],
    out: Annotated[Path, typer.Option("--out", "-o", help="the .xlsx file to write")],
    data: Annotated[
        list[str] | None,
        typer.Option(help="written in beforehand: a folder of registers, a filled-in form, a table, or sheet=table"),
    ] = None,
    district: Annotated[str | None, typer.Option(help="only the units of one district (code or Chinese name)")] = None,
) -> None:
    """Make the survey form (调查表) of a standard: drop-downs, units, ranges, help; read back by kit data import."""
    from rich.console import Console

    from kit.facade import load_standard
    from kit.registers import form_frames, form_layout, write_form

    std = load_standard(standard)
    with Console(stderr=True).status("制作调查表…"):
        frames, made = form_frames(std, data or [], district=district, names=table_names())
        path = write_form(std, out, data=frames, made=made)
    sheets = "，".join(
        f"{sheet.title} {len(frames[sheet.id]) if sheet.id in frames else 0} 行" for sheet in form_layout(std).sheets
    )
    typer.echo(f"调查表: {path}（预填: {sheets}）" if frames else f"调查表: {path}")
