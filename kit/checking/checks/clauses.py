"""Rules without a clause, and clauses given to two rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kit.checking.findings import Finding
from kit.checking.registry import Context


def check(context: Context) -> Iterator[Finding]:
    """Yield indicators and overrides that cannot be found in the published text."""
    seen: dict[str, tuple[str, int | None]] = {}
    rules: list[tuple[str, str, str | None, tuple[Any, ...]]] = [
        ("指标", context.name_of(path), node.clause, address) for path, address, node in context.leaves()
    ]
    rules += [
        ("直接判定", override.reason.zh, override.clause, ("overrides", position))
        for position, override in enumerate(context.document.overrides)
    ]
    for what, name, clause, address in rules:
        if not (clause or "").strip():
            yield context.find(
                "warning",
                f"{what}“{name}”没有条款号",
                f"the rule at {'.'.join(map(str, address))} has no clause",
                address,
                remedy_zh='写明条款号，例如 clause: "5.2.1"',
            )
            continue
        assert clause is not None
        line = context.locate((*address, "clause"))[0]
        # Scores of one clause may share it when they lie under one formula (α and R of GB 18218, 4.3): a warning only.
        if clause in seen:
            other, at = seen[clause]
            yield context.find(
                "warning",
                f"{what}“{name}”与第{at}行的“{other}”条款号相同",
                f"the clause {clause} is also that of line {at}",
                (*address, "clause"),
                clause=clause,
                remedy_zh="各条规则用各自的条款号（可以加a、b、c项）",
            )
        else:
            seen[clause] = (name, line)
