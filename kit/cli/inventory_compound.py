"""`kit inventory compound`: serious risks of different kinds close together, and hot spots."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kit.cli.inventory import group

if TYPE_CHECKING:
    from kit.inventory.compound import Compound


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit inventory`, which adds itself."""


@group.command("compound", epilog="Example: kit inventory compound --period 2019Q4 --metres 300 -o 综合叠加")
def compound_command(
    period: Annotated[str, typer.Option(help="quarter, for example 2019Q4")] = "2019Q4",
    data: Annotated[Path | None, typer.Option(help="folder with <period>/ inside; the pilot sample by default")] = None,
    metres: Annotated[float | None, typer.Option(help="how far apart two sources may lie; 300 by default")] = None,
    resolution: Annotated[
        int | None, typer.Option(min=0, max=15, help="H3 resolution of the cells; 9 by default (edges of 200 m)")
    ] = None,
    hot_resolution: Annotated[
        int | None, typer.Option(min=0, max=15, help="H3 resolution of the hot spots; 8 by default (edges of 530 m)")
    ] = None,
    rate: Annotated[float | None, typer.Option(help="false discovery rate of the hot spots; 0.05 by default")] = None,
    district: Annotated[str | None, typer.Option(help="only one district (code or Chinese name)")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="folder for the tables (xlsx) and cells.geojson")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print counts and areas as JSON")] = False,
) -> None:
    """Find compound risks (综合叠加): serious sources of different kinds close together, and where they gather."""
    from kit.cli.main_job import read_period
    from kit.files import write_text
    from kit.inventory.assessment import assess
    from kit.inventory.compound import compound_risks
    from kit.inventory.inventory_sheets import cell_polygons, compound_sheets, district_code, standing
    from kit.registers import write_table
    from kit.standard import load_all

    code = district_code(district) if district else None
    quarter = read_period(data, period)
    assessed = assess(quarter.tables, load_all(), period=period)
    sources = assessed.sources if code is None else assessed.sources[assessed.sources["district"] == code]
    found = compound_risks(sources, metres=metres, resolution=resolution, hot_spot_resolution=hot_resolution, rate=rate)
    note = standing(assessed.used, made=quarter.made, compound=True)
    sheets = compound_sheets(found, note=note)
    if out is not None:
        for name, sheet in sheets.items():
            write_table(sheet, out / f"{name}.xlsx", sheet=TITLES[name])
        polygons = cell_polygons(found.cells) | {"note": note}
        write_text(out / "cells.geojson", json.dumps(polygons, ensure_ascii=False))
    if as_json:
        areas = json.loads(found.areas.to_json(orient="records", force_ascii=False))
        hot = json.loads(found.hot_areas.to_json(orient="records", force_ascii=False))
        answer = {"period": period, "counts": found.counts, "metres": found.metres, "rate": found.rate,
                  "standing": note, "areas": areas, "hot_areas": hot}  # fmt: skip
        print(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    _show(found, period, note)
    if out is not None:
        typer.echo(f"已写出: {out}（{'、'.join(TITLES.values())}）")


TITLES = {
    "areas": "综合叠加区域",
    "sources": "叠加风险源",
    "cells": "叠加网格",
    "hot_areas": "热点区域",
    "hot_cells": "热点和冷点网格",
}


def _show(found: Compound, period: str, note: str) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    counts = found.counts
    console.print(
        f"{period} 风险源{counts['read']:,}个：有坐标{counts['located']:,}个，无可用坐标{counts['not_located']:,}个；"
        f"较大以上{counts['serious']:,}个（其中事故类型不属任何种类的{counts['serious_of_no_kind']:,}个不参加叠加）；"
        f"待审或数据不足{counts['unknown']:,}个，不作低风险处理",
        highlight=False,
    )
    console.print(
        f"{found.metres:g}米内有其他单位异类较大以上风险源的{counts['compound']:,}个，"
        f"叠加区域{len(found.areas):,}处，叠加网格{len(found.cells):,}个",
        highlight=False,
    )
    if len(found.areas):
        table = Table(title=f"综合叠加区域（前{min(12, len(found.areas))}处，共{len(found.areas):,}处）")
        columns = {
            "area": "序号",
            "street_zh": "街道（乡镇）",
            "kinds_zh": "风险种类",
            "n_sources": "较大以上",
            "n_major": "其中重大",
            "n_units": "单位",
            "n_unknown": "待审或数据不足",
        }
        for title in columns.values():
            table.add_column(title, overflow="fold")
        for row in found.areas.reindex(columns=list(columns)).head(12).itertuples(index=False, name=None):
            table.add_row(*("" if value != value else str(value) for value in row))
        console.print(table)
    tested, hot = len(found.spots), int((found.spots["spot"] == "hot").sum())
    cold = int((found.spots["spot"] == "cold").sum())
    console.print(
        f"热点检验：{counts['units_tested']:,}家单位、{tested:,}个网格，热点{hot:,}个（{len(found.hot_areas):,}处），"
        f"冷点{cold:,}个；双侧检验，错误发现率{found.rate:g}",
        highlight=False,
    )
    if not hot:
        console.print("没有比随机分布更集中的地方", highlight=False)
    console.print(note, highlight=False, markup=False)
