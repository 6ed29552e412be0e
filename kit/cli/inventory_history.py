"""`kit inventory history` and `kit inventory status`: what the inventory knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kit.cli.inventory import group
from kit.cli.inventory_store import DEFAULT_STORE, StoreFile

if TYPE_CHECKING:
    import pandas as pd

AsJson = Annotated[bool, typer.Option("--json", help="print as JSON")]


def register(app: typer.Typer) -> None:
    """Do nothing: the commands belong to the group `kit inventory`, which adds itself."""


@group.command("history", epilog="Example: kit inventory history R000001")
def history_command(
    source: Annotated[str, typer.Argument(help="the number of a risk source")],
    store: StoreFile = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Show what became of a risk source: state and levels of each quarter, and every act of review."""
    from kit.inventory import Store

    found = Store(store).history(source)
    if as_json:
        shown = {"quarters": _plain(found.quarters), "acts": _plain(found.acts), "missing": list(found.missing)}
        print(json.dumps({"source_id": source, "made": found.made, **shown}, ensure_ascii=False, indent=1, default=str))
        return
    last = found.quarters.iloc[-1]
    quarters = found.quarters.assign(
        review_state=_named(found.quarters, "review_state", "state"),
        self_level=_named(found.quarters, "self_level", "level"),
        reviewed_level=_named(found.quarters, "reviewed_level", "level"),
        recorded=found.quarters["recorded"].map({True: "有", False: "无（期初接收）"}),
        updated_at=_day(found.quarters, "updated_at"),
    )
    heads = {
        "period": "季度", "review_state": "审核状态", "self_level": "自评等级", "reviewed_level": "审核等级",
        "recorded": "审核记录", "standard": "评估标准", "updated_at": "更新日期",
    }  # fmt: skip
    _print(f"{source} {last.get('name', '')}" + ("（示例数据）" if found.made else ""), quarters, heads)
    if found.missing:
        print(f"未上报的季度: {'、'.join(found.missing)}")
    if found.acts.empty:
        print("没有审核记录")
        return
    acts = found.acts.assign(
        act=_named(found.acts, "act", "act"),
        stage=_named(found.acts, "stage", "stage"),
        from_level=_named(found.acts, "from_level", "level"),
        to_level=_named(found.acts, "to_level", "level"),
    )
    heads = {
        "at": "时间", "stage": "环节", "act": "动作", "from_level": "审核前", "to_level": "审核后",
        "reviewer": "审核人", "reason": "理由", "period": "季度",
    }  # fmt: skip
    _print("审核记录", acts, heads)


@group.command("status", epilog="Example: kit inventory status --period 2019Q4")
def status_command(
    period: Annotated[str | None, typer.Option(help="quarter; the last by default")] = None,
    store: StoreFile = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Show the quarters of the inventory, and how many risk sources of one are in each state, by track."""
    from kit.inventory import Store

    inventory = Store(store)
    listed, status = inventory.submissions(), inventory.status(period)
    chosen = period or inventory.periods()[-1]
    held, waiting = inventory.held(period), inventory.to_reassess(period)
    if as_json:
        summary = {
            "submissions": _plain(listed), "period": chosen, "status": _plain(status), "held": len(held),
            "to_reassess": len(waiting),
        }  # fmt: skip
        print(json.dumps(summary, ensure_ascii=False, indent=1, default=str))
        return
    shown = listed.assign(
        counts=listed["counts"].map({True: "有效", False: "已被替换"}),
        made=listed["made"].map({True: "示例数据", False: ""}),
        sources=[json.loads(text).get("risk_sources") for text in listed["tables"]],
    )
    heads = {
        "number": "提交", "period": "季度", "submitted_at": "时间", "submitted_by": "提交人", "sources": "风险源",
        "counts": "状态", "made": "数据性质",
    }  # fmt: skip
    _print("风险清单库", shown, heads)
    states = status.assign(
        track=_named(status, "track", "track").fillna("单位不在台账"),
        review_state=_named(status, "review_state", "state"),
    )
    heads = {
        "track": "监管层级", "review_state": "审核状态", "n": "风险源", "n_public_impact": "可能影响公共安全",
        "n_without_record": "等级无审核记录",
    }  # fmt: skip
    _print(f"{chosen} 审核状态", states, heads)
    print(f"待再评估 {len(waiting):,} 个；未予采用的填报 {len(held):,} 处")


def _named(frame: pd.DataFrame, column: str, kind: str) -> pd.Series:
    from kit.inventory.store_texts import labels

    names = labels(kind)
    return frame[column].map(lambda value: names.get(value, value))


def _day(frame: pd.DataFrame, column: str) -> Any:
    return frame[column].dt.strftime("%Y-%m-%d") if column in frame.columns else None


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows with null for every kind of nothing."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def _print(title: str, frame: pd.DataFrame, heads: dict[str, str]) -> None:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title))
    there = {column: head for column, head in heads.items() if column in frame.columns}
    for column, head in there.items():
        table.add_column(
            head, justify="right" if pd.api.types.is_numeric_dtype(frame[column]) else "left", overflow="fold"
        )
    for row in _plain(frame[list(there)]):
        cells = [f"{value:%Y-%m-%d %H:%M}" if isinstance(value, pd.Timestamp) else value for value in row.values()]
        table.add_row(
            *(Text("" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell)) for cell in cells)
        )
    Console().print(table)
