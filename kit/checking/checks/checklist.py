"""Checklist items that cannot be scored, have no control measure, or name fields no indicator uses."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from kit.checking.findings import Finding
from kit.checking.registry import Context
from kit.errors import did_you_mean
from kit.standard.beside import CHECKLIST
from kit.standard.common_parts import common_list
from kit.standard.standard import ChecklistItem


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the suggestion list of risk sources."""
    items = context.standard.checklist
    if not items:
        return
    file = context.standard.path.parent / CHECKLIST
    lines = _lines(file)
    used = {path: context.names_read(node) for path, _, node in context.leaves()}
    by_any = set().union(*used.values(), *(context.reads(node) for _, _, node in context.tree))
    parse = context.standard.names.parse
    by_override = set().union(*(context.standard.names_of(parse(rule.when)) for rule in context.document.overrides))
    for item in items:
        place = {"file": file, "line": lines.get(item.id, 1)}
        if not item.controls:
            yield context.find(
                "error",
                f"清单项“{item.name_zh}”（{item.id}）没有管控措施",
                f"the checklist item {item.id} has no control measure",
                (item.id, "engineering_zh"),
                remedy_zh="在engineering_zh、technical_zh、management_zh、emergency_zh中写明措施，用分号隔开",
                **place,  # type: ignore[arg-type]
            )
        idle = [name for name in item.fields if name not in by_any]
        if idle:
            yield context.find(
                "note" if set(idle) <= by_override else "warning",
                f"清单项“{item.name_zh}”（{item.id}）列了没有指标用到的采集项：{'、'.join(idle)}",
                f"the item {item.id} names fields that no indicator uses: {', '.join(idle)}",
                (item.id, "fields"),
                remedy_zh="去掉它们（直接判定不需要列），或补上指标",
                **place,  # type: ignore[arg-type]
            )
        for zh, en in _sides_without_indicator(context, item, used):
            yield context.find(
                "error",
                f"清单项“{item.name_zh}”（{item.id}）没有{zh}指标，永远定不了级",
                f"no {en} indicator applies to the item {item.id}, so it never gets a level",
                (item.id, "fields"),
                counter_example={"checklist_item": item.id},
                remedy_zh=f"在fields中补上{zh}一侧的采集项",
                **place,  # type: ignore[arg-type]
            )
        classes = tuple(row["code"] for row in common_list("accident_classes"))
        if classes and item.accident_class and item.accident_class not in classes:
            yield context.find(
                "error",
                f"清单项“{item.name_zh}”（{item.id}）的事故类别“{item.accident_class}”不在代码表中",
                f"'{item.accident_class}' is no accident class; {did_you_mean(item.accident_class, classes)}",
                (item.id, "accident_class"),
                remedy_zh="用standards/common/accident_classes.csv中的代码",
                **place,  # type: ignore[arg-type]
            )


def _sides_without_indicator(
    context: Context, item: ChecklistItem, used: dict[str, set[str]]
) -> Iterator[tuple[str, str]]:
    level = context.document.level
    if not item.fields:
        return
    roots = [(level.matrix.likelihood, "可能性", "likelihood"), (level.matrix.severity, "后果", "severity")] if (
        level.matrix
    ) else [(None, "任何", "")]  # fmt: skip
    for root, zh, en in roots:
        below = [names for path, names in used.items() if root is None or path.split(".")[0] == root]
        # Nodes over other scores apply to every item.
        if below and not any(not names or names & set(item.fields) for names in below):
            yield zh, en or "scoring"


def _lines(file: Path) -> dict[str, int]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle)
        header = [cell.strip() for cell in next(reader)]
        at = header.index("id")
        return {row[at].strip(): reader.line_num for row in reader if len(row) > at}
