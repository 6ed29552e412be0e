"""Geometric, harmonic and generalised means of values that may be nought or below."""

from __future__ import annotations

from collections.abc import Iterator

from kit.checking.findings import Finding, shown
from kit.checking.registry import Context
from kit.standard.nodes.means import GeneralisedMean, GeometricMean, HarmonicMean

EXAMINES = ("geometric_mean", "harmonic_mean", "generalised_mean")


def check(context: Context) -> Iterator[Finding]:
    """Yield the nodes below a mean that can take its value away, or pull it to nought."""
    for path, address, node in context.tree:
        kind = node.kind
        if not isinstance(kind, GeometricMean | HarmonicMean | GeneralisedMean):
            continue
        name = context.name_of(path)
        for below in node.below():
            reach = context.reach.node(f"{path}.{below}")
            child = context.name_of(f"{path}.{below}")
            place = (*address, *kind.child_address(below))
            if reach.low < 0:
                told = "没有下限" if reach.low == float("-inf") else f"可以是{shown(reach.low)}"
                yield context.find(
                    "warning",
                    f"“{name}”下的“{child}”{told}；小于0时“{name}”没有值",
                    f"{child} may be below 0, and then {name} has no value",
                    place,
                    clause=node.clause,
                    counter_example={child: reach.low if reach.low != float("-inf") else "小于0"},
                    remedy_zh="把下级分值限制在0以上（例如outside: clamp），或改用加权平均",
                )
            zero = not isinstance(kind, GeneralisedMean) or kind.power < 0
            if zero and reach.low <= 0 <= reach.high:
                yield context.find(
                    "note",
                    f"“{name}”下的“{child}”可以是0，这时不论其他指标如何，“{name}”都是0",
                    f"{child} may be 0, and then {name} is 0 whatever the others are",
                    place,
                    clause=node.clause,
                    remedy_zh="确属一票否决的不用改；否则把最低分值提高到0以上",
                )
