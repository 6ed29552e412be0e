"""`kit inventory submit` and `kit inventory review`: what goes into the inventory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kit.cli.inventory import group
from kit.cli.inventory_store import DEFAULT_STORE, StoreFile

if TYPE_CHECKING:
    from kit.inventory.store_texts import StoreRefused

MOST = 20

Findings = Annotated[Path | None, typer.Option(help="write everything that was found: csv, xlsx or parquet")]
By = Annotated[str, typer.Option(help="who submits; the user of the machine by default")]
AsJson = Annotated[bool, typer.Option("--json", help="print the summary as JSON")]


def register(app: typer.Typer) -> None:
    """Do nothing: the commands belong to the group `kit inventory`, which adds itself."""


@group.command("submit", epilog="Example: kit inventory submit --period 2019Q3 --opening --hold --by 市安委会办公室")
def submit_command(
    period: Annotated[str, typer.Option(help="quarter, for example 2019Q4")],
    data: Annotated[Path | None, typer.Option(help="folder with <period>/ inside; the pilot sample by default")] = None,
    store: StoreFile = DEFAULT_STORE,
    by: By = "",
    opening: Annotated[
        bool, typer.Option("--opening", help="first quarter: take over the states of sources without review records")
    ] = False,
    hold: Annotated[
        bool, typer.Option("--hold", help="leave out what no review record supports, and take the rest")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="put it in the place of the last quarter")] = False,
    findings: Findings = None,
    as_json: AsJson = False,
) -> None:
    """Put a quarter into the inventory, whole or not at all; exit code 1 when it was refused or claims were held."""
    from rich.console import Console

    from kit.cli.main_job import read_period
    from kit.inventory import Store
    from kit.inventory.export import table_title
    from kit.inventory.store_texts import StoreRefused
    from kit.registers import write_table

    with Console(stderr=True).status(f"提交 {period}…"):
        quarter = read_period(data, period)
        try:
            done = Store(store).submit(
                period, quarter.tables, by=by, made=quarter.made, opening=opening, hold=hold, replace=replace
            )
        except StoreRefused as refusal:
            refused: StoreRefused | None = refusal
        else:
            refused = None
    if refused is not None:
        tell_refusal(refused, findings, as_json)
    if findings is not None:
        write_table(done.held, findings)
    if as_json:
        summary = {
            "period": done.period, "submission": done.number, "rows": done.rows, "acts": done.acts,
            "made": quarter.made, "held": done.held.to_dict("records"),
        }  # fmt: skip
        print(json.dumps(summary, ensure_ascii=False, indent=1))
    else:
        console = Console()
        note = "（示例数据）" if quarter.made else ""
        console.print(f"{period} 已提交{note}：第{done.number}次提交，{store}", highlight=False, soft_wrap=True)
        shown = "，".join(f"{table_title(name)} {count:,}" for name, count in done.rows.items())
        console.print(f"  {shown}；新的审核记录 {done.acts:,} 条", highlight=False, soft_wrap=True)
        if len(done.held):
            console.print(f"  {len(done.held):,} 处没有审核记录支持，未予采用：", style="yellow", highlight=False)
            for row in done.held.head(MOST).itertuples():
                console.print(f"    {row.key}: {row.reason_zh}", highlight=False, markup=False, soft_wrap=True)
            _more(console, len(done.held), findings)
    if len(done.held):
        raise typer.Exit(1)


@group.command("review", epilog="Example: kit inventory review 审核记录.xlsx --by 朝阳区交通局")
def review_command(
    records: Annotated[Path, typer.Argument(help="the register of review acts (审核记录): csv, xlsx or parquet")],
    store: StoreFile = DEFAULT_STORE,
    by: By = "",
    sheet: Annotated[str | None, typer.Option(help="sheet of an Excel file")] = None,
    findings: Findings = None,
    as_json: AsJson = False,
) -> None:
    """Take review records between two quarters, all of them or none; exit code 1 when they were refused."""
    from rich.console import Console

    from kit.errors import KitError
    from kit.inventory import Store
    from kit.inventory.store_texts import StoreRefused
    from kit.registers import read_register

    read = read_register(records, "reviews", sheet=sheet)
    if read.n_rejected:
        rows = "\n".join(f"  第{row.row}行: {row.reason}" for row in read.rejects.head(MOST).itertuples())
        raise KitError(f"{records}: {read.n_rejected} row(s) cannot be read:\n{rows}")
    try:
        count = Store(store).review(read.frame, by=by)
    except StoreRefused as refusal:
        tell_refusal(refusal, findings, as_json)
        raise
    if as_json:
        print(json.dumps({"read": read.n_read, "new": count}))
    else:
        again = read.n_read - count
        Console().print(f"审核记录：登记 {count:,} 条，库中已有 {again:,} 条", highlight=False)


def tell_refusal(refusal: StoreRefused, findings: Path | None, as_json: bool) -> None:
    """Print what a refusal found, write it where asked, and end with exit code 1."""
    from rich.console import Console

    from kit.cli.language import shown_language
    from kit.registers import write_table

    if findings is not None:
        write_table(refusal.frame(), findings)
    if as_json:
        print(json.dumps({"refused": refusal.frame().to_dict("records")}, ensure_ascii=False, indent=1))
        raise typer.Exit(1)
    console = Console(stderr=True)
    first, *lines = refusal.text(shown_language()).splitlines()
    console.print(first, style="red", highlight=False, markup=False)
    for line in lines[:MOST]:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    _more(console, len(lines), findings)
    raise typer.Exit(1)


def _more(console: object, count: int, findings: Path | None) -> None:
    from rich.console import Console

    assert isinstance(console, Console)
    if findings is not None:
        console.print(f"    全部 {count:,} 处见 {findings}", highlight=False)
    elif count > MOST:
        console.print(f"    … 共 {count:,} 处；用 --findings 写入文件", highlight=False)
