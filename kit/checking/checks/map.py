"""Maps of numbers that leave a value without a score, and maps whose scores are all the same."""

from __future__ import annotations

from collections.abc import Iterator

from kit.checking.findings import Finding, shown
from kit.checking.registry import Context
from kit.standard.nodes.map import Map
from kit.standard.terms import Ref

MOST_LISTED = 1000

EXAMINES = ("map",)


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with each `map` node; categories and truths are complete by the loader."""
    for path, address, node in context.leaves():
        kind = node.kind
        if not isinstance(kind, Map):
            continue
        name, place = context.name_of(path), (*address, "map", "to")
        if len(set(kind.to.values())) == 1 and len(kind.to) > 1:
            score = next(iter(kind.to.values()))
            yield context.find(
                "warning",
                f"“{name}”各类都是{shown(score)}分，这个指标分不出高低",
                f"every value scores {shown(score)}; the indicator never tells two rows apart",
                place,
                clause=node.clause,
                remedy_zh="区分各类的分值，或去掉这个指标",
            )
        term = context.standard.names.parse(kind.of)
        if term.kind != "number":
            continue
        reach = context.reach.number(term)
        for key in kind.to:
            if isinstance(key, int | float) and not reach.may_be(float(key)):
                yield context.find(
                    "warning",
                    f"“{name}”列了{shown(float(key))}，但{kind.of}的取值范围是{shown(reach.low)}至{shown(reach.high)}",
                    f"{shown(float(key))} is outside the range of {kind.of}",
                    (*place, key),
                    clause=node.clause,
                    remedy_zh="去掉这一行，或改正字段的range",
                )
        left = _without_score(kind, reach.low, reach.high, whole=context.reach.whole(term))
        if left is not None:
            closed = isinstance(term, Ref) and context.reach.whole(term)
            yield context.find(
                "error" if closed else "warning",
                f"“{name}”没有给{kind.of} = {shown(left)}分值",
                f"{kind.of} = {shown(left)} has no score",
                place,
                clause=node.clause,
                counter_example={kind.of: left},
                remedy_zh="补上这个值；取值连续的改用bands",
            )


def _without_score(kind: Map, low: float, high: float, *, whole: bool) -> float | None:
    listed = {float(key) for key in kind.to if not isinstance(key, str)}
    if whole and high - low <= MOST_LISTED:
        return next((float(value) for value in range(int(low), int(high) + 1) if value not in listed), None)
    if whole:
        return next((value for value in (low, high) if value not in listed), None)
    inside = sorted({value for value in listed if low <= value <= high})
    if len(inside) >= 2:
        return (inside[0] + inside[1]) / 2
    return None
