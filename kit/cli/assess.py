"""`kit assess` and `kit demo`: the main job."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kit.cli.data import show_quality

if TYPE_CHECKING:
    from rich.console import Console

LEVELS = {
    "major": "重大",
    "considerable": "较大",
    "general": "一般",
    "low": "低",
    "insufficient": "数据不足",
    "pending": "待审",
}

FAILING_ROWS = "data_quality_rows.xlsx"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("assess", epilog="Example: kit assess --period 2019Q4")(assess_command)
    app.command("demo", epilog="Example: kit demo --out reports")(demo_command)


Period = Annotated[str, typer.Option(help="quarter, for example 2019Q4")]
Data = Annotated[Path | None, typer.Option(help="folder with <period>/ inside; the pilot sample by default")]
Out = Annotated[Path, typer.Option("--out", "-o", help="folder of all quarters; the quarter gets a folder below it")]


def assess_command(period: Period = "2019Q4", data: Data = None, out: Out = Path("reports")) -> None:
    """Validate a quarter's registers and score every risk source: the data all reports of the quarter rest on."""
    from rich.console import Console

    _assess(Console(), period, data, out)


def demo_command(
    period: Period = "2019Q4",
    out: Out = Path("reports"),
    jobs: Annotated[int, typer.Option(help="reports made at once")] = 2,
) -> None:
    """Do the main job on the shipped sample: validate, score, every district's reports, the city portal."""
    from rich.console import Console

    from kit.reports import batch, portal

    console = Console()
    started = time.perf_counter()
    _, quality, meta = _assess(console, period, None, out)
    result = batch(period, out=out / period, data_dir=out / period / "data", jobs=jobs, console=console)
    index = portal(period, out=out / period, data_dir=out / period / "data")
    show_quality(quality, most=12)
    console.rule("完成")
    levels = "，".join(f"{name} {meta['levels'].get(key, 0):,}" for key, name in LEVELS.items())
    console.print(f"风险源：{levels}", highlight=False)
    console.print(
        f"报告：{len(result.made)} 份（17 个地区），失败 {len(result.failures)} 份；"
        f"退回的登记记录 {meta['rejected_rows']} 条；用时 {time.perf_counter() - started:.0f} 秒",
        highlight=False,
    )
    if meta["made"]:
        console.print(f"数据：{meta['origin_zh']}", highlight=False)
    console.print("标准：示意性标准，数值不来自官方文件", highlight=False)
    console.print(f"不合格的数据逐条列在 {out / period / FAILING_ROWS}", highlight=False, soft_wrap=True)
    console.print(f"请打开 {index}", style="bold", highlight=False, soft_wrap=True)
    if result.failures:
        raise typer.Exit(1)


def _assess(console: Console, period: str, data: Path | None, out: Path) -> tuple[Path, Any, dict[str, Any]]:
    """Validate and score side by side, write the assessed data, and say what was found."""
    from kit.cli.main_job import before_of, read_period, score_period, write_period
    from kit.registers import write_table
    from kit.standard import load_all

    with console.status("读取登记表和标准"):
        standards = load_all()
        quarter = read_period(data, period)
        before = before_of(quarter)
    rows = sum(len(frame) for frame in quarter.tables.values())
    console.print(f"读取 {period}：{len(quarter.tables)} 张表，{rows:,} 行；标准 {len(standards)} 个", highlight=False)
    # Great Expectations takes as long to import as the scoring takes to run: the two go side by side.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool, console.status("检查数据质量并按标准评估"):
        checking = pool.submit(_quality_of, data, period)
        scored = score_period(quarter, before, standards)
        quality = checking.result()
    folder = out / period / "data"
    meta = write_period(folder, quarter, scored, quality, standards)
    write_table(quality.rows, out / period / FAILING_ROWS)
    states = quality.checks["state"].value_counts()
    console.print(
        f"数据检查：通过 {states.get('passed', 0)} 项，未通过 {states.get('failed', 0)} 项，"
        f"无法检查 {states.get('not_checked', 0)} 项，不合格记录 {len(quality.rows)} 条",
        highlight=False,
    )
    console.print(f"已评估 {sum(meta['levels'].values()):,} 个风险源，数据在 {folder}", highlight=False)
    return folder, quality, meta


def _quality_of(data: Path | None, period: str) -> Any:
    from kit.cli.main_job import before_of, read_period, validate_period
    from kit.standard import load_all

    quarter = read_period(data, period)
    return validate_period(quarter, load_all(), before_of(quarter))
