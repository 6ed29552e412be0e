"""`kit inventory progress`: how far the work is against the plan's dates."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kit.cli.inventory import group
from kit.cli.inventory_quarter import DataFolder, FromStore, take_quarter
from kit.errors import KitError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit inventory`, which adds itself."""


SECTIONS = ("milestones", "coverage", "updates", "checklist", "overdue", "overdue_units")


@group.command("progress", epilog="Example: kit inventory progress --period 2019Q4 --by sector -o 工作进度.xlsx")
def progress_command(
    period: Annotated[str, typer.Option(help="quarter, for example 2019Q4")] = "2019Q4",
    data: DataFolder = None,
    store: FromStore = None,
    by: Annotated[str, typer.Option(help="department, district, street, sector, supervision or annex")] = "district",
    on: Annotated[
        str | None, typer.Option(help="day for which to tell what is late, YYYY-MM-DD; the quarter's last by default")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="write all tables and lists: an .xlsx file")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print milestones, coverage, updates, checklist")] = False,
) -> None:
    """Show coverage and milestones, the quarter's update rate, who is overdue, and the November deliverables."""
    from kit.inventory import deliverables, progress
    from kit.inventory.progress_workbook import write_progress
    from kit.periods import quarter_end

    if by not in progress.KEYS:
        raise KitError(f"--by {by}: {did_you_mean(by, progress.KEYS)}")
    try:
        day = dt.date.fromisoformat(on) if on else quarter_end(period)
    except ValueError:
        raise KitError(f"--on {on} is no date; write it as 2019-11-30") from None
    quarter = take_quarter(data, store, period, earlier=out is not None)
    tables = quarter.tables
    if out is not None:
        write_progress(out, tables, period, on=day, earlier=quarter.earlier, made=quarter.made)
    found = {
        "milestones": progress.milestones(tables, day),
        "coverage": progress.coverage(tables, day, by),
        "updates": progress.update_rates(tables, period, by),
        "checklist": deliverables.checklist(tables, day.year, day),
    }
    overdue = {
        "overdue": len(progress.overdue_sources(tables, period)),
        "overdue_units": len(progress.overdue_units(tables, day)),
    }
    if as_json:
        plain: dict[str, Any] = {"period": period, "on": day.isoformat(), "made": quarter.made, **overdue}
        for name, frame in found.items():
            plain[name] = json.loads(frame.to_json(orient="records", date_format="iso", default_handler=str))
        print(json.dumps(plain, ensure_ascii=False, indent=1))
        return
    _show(found, overdue, period, day, by, quarter.made)
    if out is not None:
        typer.echo(f"各表和逾期名单: {out}")


def _show(
    found: dict[str, pd.DataFrame], overdue: dict[str, int], period: str, day: dt.date, by: str, made: bool
) -> None:
    from rich.console import Console

    from kit.inventory.deliverables import overview
    from kit.inventory.progress import texts

    words = texts()
    console = Console()
    console.print(words["title"].format(period=period, mark=words["mark_made"] if made else ""), style="bold")
    console.print(words["as_of"].format(on=day.isoformat()), highlight=False)
    titles, key = words["sheets"], words["keys"][by]
    known = words["not_known"]
    _table(console, titles["milestones"], found["milestones"], words["milestones"], ("needed", "share"), known)
    parts = {"assessed", "resources", "capability", "complete"}
    heads = {"key_zh": key, "units": words["coverage"]["units"]}
    for part in parts & set(found["coverage"].columns):
        heads[f"share_{part}"] = words["parts"][part]
    heads = {name: heads[name] for name in found["coverage"].columns if name in heads}
    shares = [name for name in heads if name.startswith("share_")]
    _table(console, titles["coverage"].format(key=key), found["coverage"], heads, shares, known)
    heads = words["update"] | {"key_zh": key}
    _table(console, titles["updates"].format(key=key), found["updates"], heads, ("rate",), known)
    matrix = overview(found["checklist"])
    _table(console, titles["overview"], matrix, {name: name for name in matrix.columns}, (), "")
    told = "，".join(f"{titles[name]} {count:,}" for name, count in overdue.items())
    console.print(told, highlight=False)


def _table(console: Any, title: str, frame: pd.DataFrame, heads: dict[str, str], shares: Any, unknown: str) -> None:
    import pandas as pd
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title)
    for name in heads:
        number = pd.api.types.is_numeric_dtype(frame[name])
        table.add_column(escape(heads[name]), justify="right" if number else "left", overflow="fold")
    for row in frame[list(heads)].itertuples(index=False, name=None):
        shown = []
        for name, value in zip(heads, row, strict=True):
            empty = value is None or value is pd.NA or value != value
            shown.append(unknown if empty else f"{value:.1%}" if name in shares else str(value))
        table.add_row(*map(escape, shown))
    console.print(table)
