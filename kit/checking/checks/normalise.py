"""Normalised values: goalposts beside the range, logarithms of nothing, directions against `worse`, relative nodes."""

from __future__ import annotations

from collections.abc import Iterator

from kit.checking.bounds import Bounds
from kit.checking.findings import Finding, shown
from kit.checking.registry import Context
from kit.standard.nodes.base import Address
from kit.standard.nodes.normalise import Normalise
from kit.standard.terms import Ref
from kit.standard.tree import Node

EXAMINES = ("normalise",)


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with each `normalise` node."""
    for path, address, node in context.leaves():
        kind = node.kind
        if not isinstance(kind, Normalise):
            continue
        name = context.name_of(path)
        reach = context.reach.number(context.standard.names.parse(kind.of, "number"))
        place = (*address, "normalise")
        if kind.log and reach.low <= 0:
            low = reach.low if reach.low > float("-inf") else 0.0
            yield context.find(
                "error",
                f"“{name}”取对数，但{kind.of}可以是{shown(low)}，没有对数，该行会没有分值",
                f"the logarithm of {kind.of} is taken, which may be {shown(low)} and then has none",
                (*place, "log"),
                clause=node.clause,
                counter_example={kind.of: low},
                remedy_zh="把字段的range下限改为大于0，或先加一个常数再取对数",
            )
        yield from _posts(context, name, address, node, kind, reach)
        if kind.relative:
            yield context.find(
                "note",
                f"“{name}”随同表其他行变化，单独一行不能证明；发布时按所给数据固定为数值",
                f"{path} depends on the other rows of the table; it is frozen into numbers when published",
                (*place, kind.method),
                clause=node.clause,
                remedy_zh="起草时可以保留；发布时用--data指定数据",
            )
        yield from _direction(context, name, address, node, kind)


def _posts(
    context: Context, name: str, address: Address, node: Node, kind: Normalise, reach: Bounds
) -> Iterator[Finding]:
    if kind.min_max is None or kind.min_max.goalposts is None:
        return
    low, high = kind.min_max.goalposts
    place = (*address, "normalise", "min_max", "goalposts")
    if reach.high <= low or reach.low >= high:
        yield context.find(
            "error",
            f"“{name}”的标杆值{shown(low)}至{shown(high)}在{kind.of}的取值范围{shown(reach.low)}至{shown(reach.high)}"
            "之外，分值永远一样或总在界外",
            f"the goalposts {shown(low)} to {shown(high)} lie outside of what {kind.of} can be",
            place,
            clause=node.clause,
            counter_example={kind.of: reach.low if reach.low > float("-inf") else low},
            remedy_zh="改正标杆值或字段的range（核对单位）",
        )
    elif kind.min_max.outside == "keep" and (reach.low < low or reach.high > high):
        example = reach.low if reach.low < low else reach.high
        yield context.find(
            "warning",
            f"“{name}”：{kind.of}可以超出标杆值{shown(low)}至{shown(high)}，分值会小于0或大于1",
            f"{kind.of} may lie beyond the goalposts; the score is then below 0 or above 1",
            place,
            clause=node.clause,
            counter_example={kind.of: example if abs(example) != float("inf") else "任意大"},
            remedy_zh="写outside: clamp截断，或放宽标杆值；确需如此的不用改",
        )


def _direction(context: Context, name: str, address: Address, node: Node, kind: Normalise) -> Iterator[Finding]:
    """Under a matrix high scores are bad; elsewhere it is the tree that decides, which the proofs follow."""
    term = context.standard.names.parse(kind.of, "number")
    if not isinstance(term, Ref) or not term.name.startswith("field:") or context.document.level.matrix is None:
        return
    worse = context.standard.fields[term.name.removeprefix("field:")].worse
    rises = kind.direction == "up"
    if kind.distance_to_target is not None:
        rises = kind.distance_to_target.target > kind.distance_to_target.start
    if kind.rank is not None:
        rises = kind.direction == "up"
    if kind.to is not None and kind.to[0] > kind.to[1]:
        rises = not rises
    if (worse == "higher" and not rises) or (worse == "lower" and rises):
        more = "越高" if worse == "higher" else "越低"
        yield context.find(
            "warning",
            f"“{name}”：{kind.of}声明为{more}越不利，归一化的方向却相反",
            f"{kind.of} is declared worse: {worse}, but the normalised score runs the other way",
            (*address, "normalise"),
            clause=node.clause,
            counter_example=None,
            remedy_zh="改direction或to，或改正字段的worse",
        )
