"""Weights of a weighted mean that do not sum to 1, and branches with a single node below them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from kit.checking.findings import Finding
from kit.checking.registry import Context

TOLERANCE = 1e-9

EXAMINES = ("weighted_mean",)


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the weights; scores are divided by the sum of weights, so no level is wrong by it."""
    for path, address, node in context.tree:
        below = node.below()
        weights = [child.weight for child in below.values() if child.weight is not None]
        total = math.fsum(weights)
        if weights and len(weights) == len(below) and abs(total - 1) > TOLERANCE:
            yield context.find(
                "warning",
                f"“{context.name_of(path)}”下各权重之和为{total:.12g}，不是1",
                f"the weights sum to {total:.12g}, not 1",
                (*address, node.kind.key),
                clause=node.clause,
                remedy_zh="调整权重使其和为1；计算时会除以权重之和，读者看到的权重却不是实际权重",
            )
        if weights and len(below) == 1:
            yield context.find(
                "note",
                f"“{context.name_of(path)}”下只有一个节点，权重不起作用",
                "there is only one node below, so its weight has no effect",
                (*address, node.kind.key),
                clause=node.clause,
                remedy_zh="去掉这一层，或补上其他指标",
            )
