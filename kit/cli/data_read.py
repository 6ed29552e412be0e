"""`kit data read` and `kit data registers`: any table read as a register, and what the registers ask for."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kit.cli.data import group
from kit.errors import KitError, did_you_mean

if TYPE_CHECKING:
    from kit.registers import ReadSummary, RegisterSchema
    from kit.standard.fields import FieldSpec

CAPABILITY = "emergency_capability"


def register(app: typer.Typer) -> None:
    """Do nothing: the commands belong to the group `kit data`, which adds itself."""


@group.command("read", epilog="Example: kit data read units 单位台账.xlsx -o 2019Q4/units.parquet")
def read_command(
    name: Annotated[str, typer.Argument(metavar="REGISTER", help="units, risk_sources, …, or survey_unit/taxi")],
    source: Annotated[str, typer.Argument(help="csv, xlsx, parquet, gpkg, geojson, or the URL of a database")],
    out: Annotated[Path, typer.Option("--out", "-o", help="file to write: parquet or csv")],
    sheet: Annotated[
        str | None, typer.Option(help="sheet of a workbook, layer of a GeoPackage, table of a database")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="CSV for rejected rows; <out>.rejects.csv beside it by default")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON")] = False,
) -> None:
    """Read a table of any size as a register (台账) into a typed file; exit code 1 when rows were rejected.

    A database: postgresql+pg8000://user:password@host:5432/database with --sheet TABLE. It is only read.
    """
    from rich.console import Console

    from kit.registers import read_into
    from kit.registers.sources import is_url

    schema, fields = declared(name)
    with Console(stderr=True).status("读取…"):
        summary = read_into(
            source if is_url(source) else Path(source), schema, out, rejects=rejects, fields=fields, sheet=sheet
        )
    if as_json:
        print(json.dumps(asdict(summary), ensure_ascii=False, indent=1, default=str))
    else:
        _say(summary, schema)
    if summary.n_rejected:
        raise typer.Exit(1)


def declared(name: str) -> tuple[RegisterSchema, dict[str, FieldSpec]]:
    """Return the register of that name, and the fields that a standard declares on top of it.

    `survey_unit/<standard>` and `survey/<standard>` are the answers to a standard, by unit and by risk source;
    `capability` has the answers to the standard of emergency capability.

    Raises
    ------
    KitError
        When there is no such register or standard.
    """
    from kit.facade import load_standard, standards
    from kit.registers import answers_schema, load_schema, schema_names

    table, slash, standard = name.partition("/")
    if slash and table in ("survey_unit", "survey"):
        std = load_standard(standard)
        per = "unit" if table == "survey_unit" else "source"
        return answers_schema(table, std.id, std.title), {
            field: spec for field, spec in std.fields.items() if spec.per == per
        }
    if name not in schema_names():
        known = [*schema_names(), *(f"survey_unit/{known}" for known in standards())]
        raise KitError(f"no register named {name!r}; {did_you_mean(name, known)}")
    fields = dict(load_standard(CAPABILITY).fields) if name == "capability" and CAPABILITY in standards() else {}
    return load_schema(name), fields


def _say(summary: ReadSummary, schema: RegisterSchema) -> None:
    from rich.console import Console
    from rich.table import Table

    from kit.messages import in_chinese

    console = Console()
    table = Table("登记表")
    for column in ("读入", "接收", "退回"):
        table.add_column(column, justify="right")
    table.add_row(schema.title.zh, f"{summary.n_read:,}", f"{summary.n_accepted:,}", f"{summary.n_rejected:,}")
    console.print(table)
    notes = [in_chinese(note) for note in summary.notes]
    notes += [f"{count:,} 个点的坐标由 {SHOWN[system]} 换算为 WGS-84" for system, count in summary.converted.items()]
    if summary.extra:
        listed = "、".join(summary.extra[:10]) + ("……" if len(summary.extra) > 10 else "")
        notes.append(f"有 {len(summary.extra)} 列不在登记项目内，按文字保留：{listed}")
    missing = [schema.fields[name].label.zh for name in summary.absent if name in schema.fields]
    if missing:
        notes.append(f"文件里没有这些列，留空：{'、'.join(missing)}")
    for note in notes:
        console.print(f"注意: {note}", style="yellow", highlight=False, markup=False)
    if summary.rejects:
        words = f"退回 {summary.n_rejected:,} 行，原因见 {summary.rejects}"
        console.print(words, style="yellow", highlight=False, markup=False, soft_wrap=True)
        for row in summary.first[:5]:
            console.print(f"  第{row['row']}行: {row['reason']}", highlight=False, markup=False)
    console.print(f"结果: {summary.out}", highlight=False, markup=False, soft_wrap=True)


SHOWN = {"wgs84": "WGS-84", "cgcs2000": "CGCS2000", "gcj02": "国测局坐标（GCJ-02）", "bd09": "百度坐标（BD-09）"}


@group.command("registers", epilog="Example: kit data registers units")
def registers_command(
    name: Annotated[str | None, typer.Argument(metavar="[REGISTER]", help="all of them when not given")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print Table Schema (JSON)")] = False,
) -> None:
    """List the registers (台账), or the columns of one: heading, type, what is allowed."""
    from rich.console import Console
    from rich.table import Table

    from kit.registers import load_schema, schema_names, table_schema
    from kit.registers.dictionary import allowed_text, type_text

    if as_json:
        shown: Any = table_schema(name) if name else {each: table_schema(each) for each in schema_names()}
        print(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    console = Console()
    if name is None:
        table = Table("名称", "登记表")
        table.add_column("一行是", overflow="fold")
        table.add_column("列数", justify="right")
        for each in schema_names():
            schema = load_schema(each)
            table.add_row(each, schema.title.zh, schema.row, str(len(schema.fields)))
        console.print(table)
        return
    schema = load_schema(name)
    table = Table("列名", "表头", "类型", "必填", title=schema.title.zh)
    table.add_column("可以填写", overflow="fold")
    for field, spec in schema.fields.items():
        mark = "主键" if field in schema.keys else "是" if spec.required else ""
        table.add_row(field, spec.label.zh, type_text(spec), mark, allowed_text(spec))
    console.print(table)
