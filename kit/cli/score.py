"""`kit score`: one standard on one table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kit.cli.reading import read_children

LEVEL_UNKNOWN = "数据不足"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("score", epilog="Example: kit score taxi fleet.xlsx -o levels.xlsx")(score_command)


def score_command(
    standard: Annotated[str, typer.Argument(help="id (taxi), id@version, or a path")],
    data: Annotated[Path, typer.Argument(help="csv, xlsx, parquet or gpkg; columns by id or Chinese heading")],
    out: Annotated[Path, typer.Option("--out", "-o", help="csv, xlsx or parquet to write")],
    child: Annotated[
        list[str] | None, typer.Option("--child", help="child rows as name=file, where the standard has them")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="sheet of an Excel file")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON")] = False,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Score one table with one standard: levels, every node's score, and the reason where there is no level."""
    from kit.facade import load_standard
    from kit.registers import read_table, write_rejects, write_table
    from kit.scoring import reason_text

    std = load_standard(standard)
    read = read_table(data, std.fields, sheet=sheet)
    children = read_children(std, child)
    scored = std.score(read.frame, children=children or None)
    scored["reason_text"] = [reason_text(std, reason, lang) for reason in scored["reason"]]
    if std.illustrative:
        scored["provenance"] = "示意性标准" if lang == "zh" else "illustrative standard"
    scored["standard"] = std.label
    write_table(scored, out)
    rejects = write_rejects(out.with_name(f"{out.stem}.rejects.csv"), read.rejects)
    counts = {name: int((scored["level"] == name).sum()) for name in std.scale.names}
    missing = int(scored["level"].isna().sum())
    if as_json:
        summary = {
            "standard": std.label, "fingerprint": std.fingerprint, "provenance": std.document.provenance,
            "read": read.n_read, "scored": len(scored), "rejected": len(read.rejects), "levels": counts,
            "insufficient": missing, "out": str(out), "rejects": str(rejects) if rejects else None,
        }  # fmt: skip
        print(json.dumps(summary, ensure_ascii=False, indent=1))
    else:
        _say(std, counts, missing, len(scored), len(read.rejects), out, rejects, lang)
    if len(read.rejects):
        raise typer.Exit(1)


def _say(std, counts, missing, rows, rejected, out, rejects, lang) -> None:  # type: ignore[no-untyped-def]
    from rich.console import Console
    from rich.table import Table

    console = Console()
    zh = lang == "zh"
    table = Table(title=f"{std.title} {std.version}" + ("（示意性标准）" if std.illustrative and zh else ""))
    table.add_column("等级" if zh else "level")
    table.add_column("行数" if zh else "rows", justify="right")
    for name, count in counts.items():
        table.add_row(std.scale.levels[name].label.text(lang), str(count))
    table.add_row(LEVEL_UNKNOWN if zh else "not enough data", str(missing))
    table.add_row("合计" if zh else "total", str(rows))
    console.print(table)
    console.print(f"{'结果' if zh else 'written'}: {out}", highlight=False)
    if rejected:
        words = f"退回 {rejected} 行，原因见" if zh else f"{rejected} row(s) rejected, reasons in"
        console.print(f"{words} {rejects}", style="yellow", highlight=False)
