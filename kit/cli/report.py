"""`kit report …`: what has to be handed in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

group = typer.Typer(no_args_is_help=True, help="Render reports: one, all of a quarter, and the city portal.")

Period = Annotated[str, typer.Option(help="quarter, for example 2019Q4")]
Out = Annotated[Path, typer.Option("--out", "-o", help="folder of all quarters; a quarter gets a folder below it")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="report")


@group.command("list", epilog="Example: kit report list --json")
def list_command(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the kinds of report."""
    from kit.reports.catalogue import kinds

    rows = [
        {"kind": kind.id, "title": kind.title.zh, "one_per": kind.one_per, "parameters": list(kind.parameters)}
        for kind in kinds().values()
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        each = {"area": "个地区", "standard": "个标准"}.get(str(row["one_per"]), "次")
        print(f"{row['kind']:<24} {row['title']}（每{each}一份）")


@group.command("render", epilog="Example: kit report render district_assessment --area 海淀区 --period 2019Q4")
def render_command(
    kind: Annotated[str, typer.Argument(help="kind of report, see kit report list")],
    area: Annotated[str | None, typer.Option(help="code or name of an area; not for reports of the whole city")] = None,
    period: Period = "2019Q4",
    out: Out = Path("reports"),
) -> None:
    """Render one report from the assessed data of a quarter (kit assess)."""
    from kit.reports import render

    data = _data(out, period)
    parameters = {"period": period, "data_dir": str(data)} | ({"area": area} if area is not None else {})
    print(render(kind, parameters, out / period))


@group.command("batch", epilog="Example: kit report batch --period 2019Q4 --areas 东城区 --areas 西城区")
def batch_command(
    period: Period = "2019Q4",
    kinds: Annotated[list[str] | None, typer.Option(help="only these kinds")] = None,
    areas: Annotated[list[str] | None, typer.Option(help="only these areas, by code or name")] = None,
    jobs: Annotated[int, typer.Option(help="reports made at once")] = 2,
    backend: Annotated[str, typer.Option(help="auto, fork or stock")] = "auto",
    keep_notebooks: Annotated[bool, typer.Option(help="keep every executed notebook")] = False,
    out: Out = Path("reports"),
) -> None:
    """Render many reports; one failure does not stop the rest. Exit code 1 when one failed."""
    from rich.console import Console

    from kit.reports import batch

    result = batch(
        period,
        kinds,
        areas,
        out=out / period,
        data_dir=_data(out, period),
        jobs=jobs,
        backend=backend,
        keep_notebooks=keep_notebooks,
        console=Console(),
    )
    print(f"{len(result.made)} 份报告，用时 {result.seconds:.1f} 秒：{out / period}")
    if result.failures:
        raise typer.Exit(1)


@group.command("portal", epilog="Example: kit report portal --period 2019Q4")
def portal_command(period: Period = "2019Q4", out: Out = Path("reports")) -> None:
    """Write the city portal: map, table with search, links to every report of the quarter."""
    from kit.reports import portal

    print(portal(period, out=out / period, data_dir=_data(out, period)))


def _data(out: Path, period: str) -> Path:
    from kit.errors import KitError

    data = out / period / "data"
    if not (data / "meta.json").exists():
        raise KitError(f"no assessed data in {data}. Run: kit assess --period {period} --out {out}")
    return data
