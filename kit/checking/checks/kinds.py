"""Kinds of nodes that no check here looks into, so that silence about them is not taken for soundness."""

from __future__ import annotations

from collections.abc import Iterator

from kit.checking.findings import Finding
from kit.checking.registry import Context

EXAMINED = frozenset(
    {"bands", "map", "table", "formula", "deduct", "points", "weighted_mean", "max", "min", "sum", "product"}
)


def check(context: Context) -> Iterator[Finding]:
    """Yield one note for each kind that only the general checks see."""
    seen: set[str] = set()
    for path, address, node in context.tree:
        kind = node.kind.key
        if kind not in EXAMINED and kind not in seen:
            seen.add(kind)
            yield context.find(
                "note",
                f"“{context.name_of(path)}”等{kind}节点只做了通用检查，没有专门的检查",
                f"nodes of the kind {kind} get the general checks only",
                address,
                clause=node.clause,
                remedy_zh="用工作示例和证明核对这些节点",
            )
