"""`kit inventory export`: a quarter out of the inventory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kit.cli.inventory import group
from kit.cli.inventory_store import DEFAULT_STORE, StoreFile


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit inventory`, which adds itself."""


@group.command("export", epilog="Example: kit inventory export -o 清单.xlsx --format xlsx --period 2019Q4")
def export_command(
    out: Annotated[Path, typer.Option("--out", "-o", help="a folder (gets <period>/ inside), or the .xlsx file")],
    period: Annotated[str | None, typer.Option(help="quarter; the last by default")] = None,
    kind: Annotated[
        str | None, typer.Option("--format", help="parquet, geoparquet or xlsx; by the name of --out when not given")
    ] = None,
    table: Annotated[list[str] | None, typer.Option(help="only these tables; may be repeated")] = None,
    store: StoreFile = DEFAULT_STORE,
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON")] = False,
) -> None:
    """Write a quarter as Parquet, GeoParquet (points, WGS-84) or as an Excel workbook in Chinese."""
    from rich.console import Console

    from kit.inventory import Store, export_quarter
    from kit.inventory.export import table_title

    with Console(stderr=True).status("导出…"):
        done = export_quarter(Store(store), out, period=period, kind=kind, tables=table)
    if as_json:
        summary = {
            "period": done.period,
            "made": done.made,
            "rows": done.rows,
            "notes": done.notes,
            "files": [str(p) for p in done.paths],
        }
        print(json.dumps(summary, ensure_ascii=False, indent=1))
        return
    console = Console()
    note = "（示例数据）" if done.made else ""
    shown = "，".join(f"{table_title(name)} {count:,}" for name, count in done.rows.items())
    console.print(f"{done.period} 已导出到 {out}{note}：{shown}", highlight=False, soft_wrap=True)
    for note in done.notes:
        console.print(f"注意: {note}", style="yellow", highlight=False, soft_wrap=True)
