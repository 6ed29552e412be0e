"""`kit data import`: a filled-in survey form read back into tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kit.cli.data import group
from kit.cli.standard_form import table_names
from kit.errors import KitError, did_you_mean

if TYPE_CHECKING:
    from kit.registers import FormData

FORMATS = ("parquet", "csv")


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit data`, which adds itself."""


@group.command("import", epilog="Example: kit data import 出租汽车调查表.xlsx -o 收回/出租汽车")
def import_command(
    form: Annotated[Path, typer.Argument(help="the filled-in form, .xlsx")],
    out: Annotated[Path, typer.Option("--out", "-o", help="folder to write; a new one, or that of an earlier import")],
    standard: Annotated[
        str | None, typer.Option(help="id, id@version or a path; the one the form was made from by default")
    ] = None,
    accept_version: Annotated[
        bool, typer.Option("--accept-version", help="read a form of another version, or without its mark, all the same")
    ] = False,
    kind: Annotated[str, typer.Option("--format", help="of the tables: parquet or csv")] = "parquet",
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON")] = False,
) -> None:
    """Read a filled-in survey form (调查表) into tables to be scored; exit code 1 when rows were rejected."""
    from rich.console import Console

    from kit.facade import load_standard, standards
    from kit.registers import form_mark, read_form, write_import
    from kit.registers.form.tables import describe

    if kind not in FORMATS:
        raise KitError(f"--format {kind}: {did_you_mean(kind, FORMATS)}")
    reference = standard
    if reference is None:
        mark = form_mark(form)
        if mark is None:
            raise KitError(
                f"{form}: no mark of a survey form found; name its standard and read it by its headings: "
                "--standard ID --accept-version"
            )
        reference = mark.standard
        if reference not in standards():
            raise KitError(
                f"{form}: the form was made from '{mark.label}', which is none of the shipped standards; "
                "name its file: --standard FOLDER/standard.yaml"
            )
    std = load_standard(reference)
    with Console(stderr=True).status("读取调查表…"):
        filled = read_form(form, std, accept_version=accept_version)
        paths = write_import(filled, out, source=form, kind="csv" if kind == "csv" else "parquet", names=table_names())
    if as_json:
        names = table_names()
        tables = {names.get(name, name): frame for name, frame in filled.tables().items()}
        summary = describe(filled, form, tables) | {"files": [str(path) for path in paths]}
        print(json.dumps(summary, ensure_ascii=False, indent=1))
    else:
        _say(filled, paths, out, kind)
    if filled.n_rejected:
        raise typer.Exit(1)


def _say(filled: FormData, paths: list[Path], out: Path, kind: str) -> None:
    from rich.console import Console
    from rich.table import Table

    std = filled.standard
    console = Console()
    said = [text for text, holds in (("示意性标准", std.illustrative), ("示例数据", filled.made)) if holds]
    table = Table(title=f"{std.title} {std.version}" + (f"（{'，'.join(said)}）" if said else ""))
    for column in ("表", "读入", "接收", "退回"):
        table.add_column(column, justify="left" if column == "表" else "right")
    for name, count in filled.counts.items():
        table.add_row(filled.layout.sheet(name).title, str(count.read), str(count.accepted), str(count.rejected))
    console.print(table)
    for note in filled.notes:
        console.print(f"注意: {note}", style="yellow", highlight=False)
    for name, frame, words in (
        ("rejects", filled.rejects, f"退回 {filled.n_rejected} 行，原因见"),
        ("remarks", filled.remarks, f"已接收但须核对 {len(filled.remarks)} 处，见"),
    ):
        if len(frame):
            console.print(f"{words} {out / name}.csv", style="yellow", highlight=False)
            for row in frame.head(5).itertuples():
                where = f"{row.sheet} 第{row.row}行" + (f" {row.column}" if row.column else "")
                console.print(f"  {where}: {row.reason}", highlight=False, markup=False)
            if len(frame) > 5:
                console.print(f"  … 共 {len(frame)} 条", highlight=False)
    console.print(f"结果: {out}（{len(paths)} 个文件）", highlight=False)
    console.print(f"下一步: {_next(filled, out, kind)}", highlight=False, markup=False, soft_wrap=True)


def _next(filled: FormData, out: Path, kind: str) -> str:
    std = filled.standard
    names = [table_names().get(name, name) for name in filled.tables()]
    main = next((name for name in names if name.startswith("score_input/")), names[0])
    children = "".join(
        f" --child {name.rpartition('/')[2]}={out / name}.{kind}" for name in names if name.startswith("children/")
    )
    return f"kit score {std.id} {out / main}.{kind}{children} -o {out.with_name(out.name + '_等级')}.xlsx"
