"""`kit data …`: the made sample, reading, validating."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

group = typer.Typer(no_args_is_help=True, help="Make the sample, validate data.")


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="data")


@group.command("sample", epilog="Example: kit data sample --size pilot --seed 20191231 --out data_samples/pilot")
def sample_command(
    out: Annotated[Path, typer.Option(help="folder to write")],
    size: Annotated[str, typer.Option(help="pilot, tiny for a first look, or city")] = "pilot",
    seed: Annotated[int, typer.Option(help="of all random numbers; the same seed gives the same bytes")] = 20191231,
) -> None:
    """Make the sample: registers of two quarters that look like a city's and name nothing real (示例数据)."""
    from kit.cli.main_job import rate
    from kit.registers import make_sample
    from kit.standard import load_all

    standards = load_all()
    summary = make_sample(
        out, standards=standards, rate=lambda name, frame: rate(standards[name], frame), size=size, seed=seed
    )
    for name, count in summary.rows.items():
        print(f"{name}: {count:,}")
    print(f"levels: {summary.levels}; planted defects: {summary.defects}; {summary.bytes / 1e6:.2f} MB in {out}")


@group.command("validate", epilog="Example: kit data validate --period 2019Q4 -o failing.xlsx")
def validate_command(
    period: Annotated[str, typer.Option(help="quarter, for example 2019Q4")] = "2019Q4",
    data: Annotated[Path | None, typer.Option(help="folder with <period>/ inside; the pilot sample by default")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="write every failing row: csv, xlsx or parquet")
    ] = None,
    docs: Annotated[Path | None, typer.Option(help="new folder for Great Expectations' Data Docs of the run")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Check a quarter's registers with Great Expectations; exit code 1 when an error was found."""
    from kit.cli.main_job import before_of, read_period, validate_period
    from kit.registers import write_table
    from kit.standard import load_all

    standards = load_all()
    quarter = read_period(data, period)
    result = validate_period(quarter, standards, before_of(quarter))
    if out is not None:
        write_table(result.rows, out)
    if docs is not None:
        from kit.cli.main_job import quality_checks
        from kit.periods import quarter_end
        from kit.quality import write_data_docs

        tables, checks = quality_checks(quarter, standards, before_of(quarter))
        day = quarter_end(period)
        write_data_docs(docs, tables, checks, as_of=day, standards=standards, made=quarter.made)
    states = result.checks["state"].value_counts().to_dict()
    if as_json:
        print(
            json.dumps(
                {"states": states, "failed": result.failed().to_dict("records")}, ensure_ascii=False, default=str
            )
        )
    else:
        show_quality(result)
    if len(result.failed("error")):
        raise typer.Exit(1)


def show_quality(result: Any, most: int | None = None) -> None:
    """Print the failed checks as a table, the most frequent first; `most` of them at most."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    failed = result.failed().sort_values(["n_failed", "table"], ascending=[False, True], kind="stable")
    shown = failed if most is None else failed.head(most)
    more = "" if len(shown) == len(failed) else f"（不合格最多的 {len(shown)} 项，共 {len(failed)} 项）"
    table = Table(title=f"数据质量检查：未通过的项{more}")
    for column in ("表", "检查项", "级别", "不合格", "检查数"):
        table.add_column(column, justify="right" if column in ("不合格", "检查数") else "left", overflow="fold")
    for row in shown.itertuples():
        level = "错误" if row.severity == "error" else "警告"
        table.add_row(row.table, row.title_zh, level, str(row.n_failed), str(row.n_checked))
    console.print(table)
    states = result.checks["state"].value_counts()
    console.print(
        f"通过 {states.get('passed', 0)} 项，未通过 {states.get('failed', 0)} 项，"
        f"无法检查 {states.get('not_checked', 0)} 项；不合格记录 {len(result.rows)} 条",
        highlight=False,
    )
