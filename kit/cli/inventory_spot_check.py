"""`kit inventory spot-check draw` and `estimate`: a random sample to check on site, and what it says of all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from kit.cli.inventory import group as inventory
from kit.cli.inventory_quarter import DataFolder, FromStore, take_quarter

group = typer.Typer(no_args_is_help=True, help="Draw a random sample to check on site; estimate from what comes back.")
inventory.add_typer(group, name="spot-check")


def register(app: typer.Typer) -> None:
    """Do nothing: the commands belong to the group `kit inventory`, which adds itself."""


@group.command(
    "draw", epilog="Example: kit inventory spot-check draw --size 300 --seed 20191125 --emphasis major=3 -o 抽查表.xlsx"
)
def draw_command(
    out: Annotated[Path, typer.Option("--out", "-o", help="the .xlsx form to write")],
    size: Annotated[int, typer.Option(help="how many risk sources to draw")],
    seed: Annotated[
        int | None, typer.Option(help="of the draw; the same seed draws the same; a random one is made and shown")
    ] = None,
    period: Annotated[str, typer.Option(help="quarter, for example 2019Q4")] = "2019Q4",
    data: DataFolder = None,
    store: FromStore = None,
    emphasis: Annotated[
        list[str] | None, typer.Option(help="level=weight: drawn that many times its share; may be repeated")
    ] = None,
    by: Annotated[str | None, typer.Option(help="strata, first merged first: district,sector,level by default")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print seed, fingerprint and strata as JSON")] = False,
) -> None:
    """Draw a stratified random sample of the risk sources and write the form (抽查表) to be filled in on site."""
    import secrets

    from kit.inventory.spot_checks import draw_sample
    from kit.inventory.spot_form import write_spot_form

    quarter = take_quarter(data, store, period)
    chosen = secrets.randbelow(10**8) if seed is None else seed
    names = [name.strip() for name in by.split(",")] if by else None
    sample = draw_sample(
        quarter.tables, period, size, chosen, emphasis=_weights(emphasis or []), by=names, made=quarter.made
    )
    write_spot_form(sample, out)
    if as_json:
        summary = {
            "period": period, "seed": chosen, "size": sample.size, "population": sample.population,
            "fingerprint": sample.fingerprint, "left_out": sample.left_out, "made": sample.made, "form": str(out),
            "strata": json.loads(sample.strata.to_json(orient="records")),
        }  # fmt: skip
        print(json.dumps(summary, ensure_ascii=False, indent=1))
        return
    typer.echo(
        f"抽查表: {out}（{sample.population:,} 个风险源分 {len(sample.strata)} 层抽取 {sample.size} 个，种子 {chosen}，"
        f"清单指纹 {sample.fingerprint[:12]}{'，示例数据' if sample.made else ''}）"
    )


def _weights(entries: list[str]) -> dict[str, float]:
    from kit.errors import KitError

    weights = {}
    for entry in entries:
        name, _, number = entry.partition("=")
        try:
            weights[name.strip()] = float(number)
        except ValueError:
            raise KitError(f"--emphasis {entry}: write level=weight, for example major=3") from None
    return weights


@group.command("estimate", epilog="Example: kit inventory spot-check estimate 东城.xlsx 西城.xlsx -o 抽查结果.xlsx")
def estimate_command(
    forms: Annotated[list[Path], typer.Argument(help="the filled-in form, or all copies of it")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="write results, strata and answers: .xlsx")] = None,
    confidence: Annotated[float, typer.Option(help="of the intervals, between 0 and 1")] = 0.95,
    as_json: Annotated[bool, typer.Option("--json", help="print the estimates as JSON")] = False,
) -> None:
    """Read filled-in forms back and estimate how many of all risk sources fail, with intervals."""
    from kit.inventory.spot_checks import estimate
    from kit.inventory.spot_results import write_spot_results
    from kit.inventory.spot_return import read_spot_forms

    returned = read_spot_forms(forms)
    found = estimate(returned.strata, returned.rows, confidence=confidence)
    if out is not None:
        write_spot_results(out, returned, found, confidence=confidence)
    if as_json:
        plain = {
            "period": returned.period, "seed": returned.seed, "fingerprint": returned.fingerprint,
            "made": returned.made, "confidence": confidence, "results": json.loads(found.to_json(orient="records")),
        }  # fmt: skip
        print(json.dumps(plain, ensure_ascii=False, indent=1))
        return
    _show(returned, found, confidence)
    if out is not None:
        typer.echo(f"结果: {out}")


def _show(returned: Any, found: Any, confidence: float) -> None:
    from rich.console import Console
    from rich.table import Table

    from kit.inventory.spot_checks import texts
    from kit.inventory.spot_results import headings, result_title

    unknown = texts()["not_known"]

    def share(value: float) -> str:
        return unknown if value != value else f"{value:.1%}"

    heads = headings(confidence)
    heads["low"] = texts()["interval"].format(confidence=f"{confidence * 100:g}")
    columns = ("question_zh", "group_zh", "checked", "missing", "failing", "share", "low", "high_worst", "method_zh")
    table = Table(title=result_title(returned))
    for name in columns:
        side: Any = "left" if name.endswith("_zh") else "right"
        table.add_column(heads[name], justify=side, overflow="fold", no_wrap=name == "low")
    for row in found.to_dict("records"):
        counts = [str(row[name]) for name in ("checked", "missing", "failing")]
        interval = f"{share(row['low'])}–{share(row['high'])}"
        table.add_row(
            row["question_zh"], row["group_zh"], *counts, share(row["share"]), interval, share(row["high_worst"]),
            row["method_zh"],
        )  # fmt: skip
    console = Console()
    console.print(table)
    for note in texts()["result_notes"][3:5]:
        console.print(note, highlight=False)
