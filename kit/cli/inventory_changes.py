"""`kit inventory changes`: what changed since the quarter before, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from kit.cli.inventory import group


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit inventory`, which adds itself."""


@group.command("changes", epilog="Example: kit inventory changes --period 2019Q4 --district 东城区 -o 变化清单.xlsx")
def changes_command(
    period: Annotated[str, typer.Option(help="quarter, for example 2019Q4")] = "2019Q4",
    data: Annotated[Path | None, typer.Option(help="folder with <period>/ inside; the pilot sample by default")] = None,
    previous: Annotated[str | None, typer.Option(help="quarter to compare with; the one before by default")] = None,
    district: Annotated[str | None, typer.Option(help="only one district (code or Chinese name)")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="list of changes: csv, xlsx or parquet")] = None,
    details: Annotated[
        Path | None, typer.Option(help="every value, score, override and text that moved: csv, xlsx or parquet")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print counts and changes as JSON")] = False,
) -> None:
    """List what changed between two quarters and why: new, raised, lowered, closed, changed standard only."""
    import pandas as pd

    from kit.cli.main_job import read_period
    from kit.inventory.changes import changes_between, cited_standards
    from kit.inventory.inventory_sheets import changes_sheet, details_sheet, district_code, standing
    from kit.periods import previous_quarter
    from kit.registers import write_table
    from kit.standard import load_all

    code = district_code(district) if district else None
    now = read_period(data, period)
    before = read_period(data, previous or previous_quarter(period))
    tables, earlier = (_of_district(quarter.tables, code) for quarter in (now, before))
    standards = load_all()
    texts, notes = cited_standards(tables, standards)
    texts_before, more = cited_standards(earlier, standards)
    found = changes_between(tables, earlier, texts, standards_before=texts_before)
    sectors = {*tables["risk_sources"]["sector"].dropna(), *earlier["risk_sources"]["sector"].dropna()}
    used = [standard for name, standard in (texts | texts_before).items() if name.partition("@")[0] in sectors]
    note = standing(used, made=now.made or before.made)
    sheet = changes_sheet(found, pd.concat([tables["units"], earlier["units"]], ignore_index=True), note=note)
    if out is not None:
        write_table(sheet, out, sheet="变化清单")
    if details is not None:
        write_table(details_sheet(found, note=note), details, sheet="变动明细")
    notes = sorted({*notes, *more})
    if as_json:
        rows = json.loads(sheet.to_json(orient="records", force_ascii=False))
        answer = {"period": period, "previous": before.period, "counts": found.counts, "notes": notes,
                  "standing": note, "changes": rows}  # fmt: skip
        print(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    _show(found.counts, sheet, f"{before.period}→{period}", [*notes, *([note] if note else [])])
    for path in (out, details):
        if path is not None:
            typer.echo(f"已写出: {path}")


def _of_district(tables: dict[str, Any], code: str | None) -> dict[str, Any]:
    """Return the registers with the units and sources of one district only.

    A source without a unit belongs to no district; what the whole city's list says of it stands there.
    """
    if code is None:
        return tables
    units = tables["units"][tables["units"]["district"] == code]
    sources = tables["risk_sources"]
    return tables | {"units": units, "risk_sources": sources[sources["unit_id"].isin(units["unit_id"])]}


def _show(counts: dict[str, int], sheet: Any, title: str, notes: list[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    from kit.inventory.inventory_sheets import words

    asked = words()
    console = Console()
    table = Table(title=f"风险源变化 {title}")
    table.add_column("项目")
    table.add_column("个数", justify="right")
    for name, label in asked["counts"].items():
        table.add_row(label, f"{counts[name]:,}")
    console.print(table)
    shown = sheet[sheet["变化"] == "升级"].head(15)
    if len(shown):
        total = int((sheet["变化"] == "升级").sum())
        listed = Table(title=f"升级的风险源（前{len(shown)}个，共{total}个）")
        columns = ["风险源编号", "风险源名称", "单位名称", "上季度等级", "本季度等级", "原因"]
        for column in columns:
            listed.add_column(column, overflow="fold")
        for row in shown[columns].itertuples(index=False, name=None):
            listed.add_row(*("" if value != value else str(value) for value in row))
        console.print(listed)
    for note in notes:
        console.print(note, highlight=False, markup=False)
