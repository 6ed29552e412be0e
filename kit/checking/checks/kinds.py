"""Kinds of nodes that no check here looks into, so that silence about them is not taken for soundness."""

from __future__ import annotations

from collections.abc import Iterator

from kit.checking.findings import Finding
from kit.checking.registry import Context, all_checks


def check(context: Context) -> Iterator[Finding]:
    """Yield one note for each kind that only the general checks see."""
    examined = {kind for one in all_checks().values() for kind in one.examines}
    seen: set[str] = set()
    for path, address, node in context.tree:
        kind = node.kind.key
        if kind not in examined and kind not in seen:
            seen.add(kind)
            yield context.find(
                "note",
                f"“{context.name_of(path)}”等{kind}节点只做了通用检查，没有专门的检查",
                f"nodes of the kind {kind} get the general checks only",
                address,
                clause=node.clause,
                remedy_zh="用工作示例和证明核对这些节点",
            )
