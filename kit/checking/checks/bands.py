"""Bands no value falls into, neighbouring bands with the same score, and scores that turn or run against `worse`."""

from __future__ import annotations

import math
from collections.abc import Iterator

from kit.checking.bounds import dead_bands
from kit.checking.findings import Finding, shown
from kit.checking.registry import Context
from kit.standard.nodes.bands import Bands
from kit.standard.nodes.base import Address
from kit.standard.terms import Ref, Term
from kit.standard.tree import Node

EXAMINES = ("bands",)


def check(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with each `bands` node."""
    for path, address, node in context.leaves():
        kind = node.kind
        if not isinstance(kind, Bands):
            continue
        name, place = context.name_of(path), (*address, "bands")
        term = context.standard.names.parse(kind.of, "number")
        reach = context.reach.number(term)
        for position, (low, high) in dead_bands(kind.at, reach, context.reach.whole(term)):
            yield context.find(
                # A cut on the lower end of the range is often meant; beyond it, or between whole numbers, never.
                "warning" if high == reach.low else "error",
                f"“{name}”的一档永远取不到：{kind.of}取值{_range(reach.low, reach.high)}，"
                f"没有值落入{_band(low, high)}，{shown(kind.scores[position])}分不会出现",
                f"no value of {kind.of} ({_range(reach.low, reach.high)}) falls into {_band(low, high)}; "
                f"the score {shown(kind.scores[position])} never occurs",
                (*place, "at"),
                clause=node.clause,
                remedy_zh="把分界移到取值范围之内，或改正字段的range，或去掉这一档",
            )
        for position, (one, other) in enumerate(zip(kind.scores, kind.scores[1:], strict=False)):
            if one == other:
                yield context.find(
                    "warning",
                    f"“{name}”分界{shown(kind.at[position])}两侧都是{shown(one)}分，这个分界不起作用",
                    f"both sides of the cut {shown(kind.at[position])} score {shown(one)}; the cut has no effect",
                    (*place, "scores", position + 1),
                    clause=node.clause,
                    counter_example={kind.of: kind.at[position]},
                    remedy_zh="合并两档，或改其中一档的分值",
                )
        yield from _direction(context, path, node, kind, term, place)


def _direction(context: Context, path: str, node: Node, kind: Bands, term: Term, place: Address) -> Iterator[Finding]:
    steps = [other - one for one, other in zip(kind.scores, kind.scores[1:], strict=False) if other != one]
    if not steps:
        return
    name = context.name_of(path)
    rising, falling = min(steps) > 0, max(steps) < 0
    if not rising and not falling:
        turn = next(
            position
            for position in range(1, len(kind.scores) - 1)
            if (kind.scores[position] - kind.scores[position - 1]) * (kind.scores[position + 1] - kind.scores[position])
            < 0
            or kind.scores[position] == kind.scores[position - 1]
        )
        yield context.find(
            "warning",
            f"“{name}”的分值先升后降或先降后升（{'、'.join(shown(score) for score in kind.scores)}）",
            f"the scores turn: {', '.join(shown(score) for score in kind.scores)}",
            (*place, "scores"),
            clause=node.clause,
            counter_example={kind.of: kind.at[turn]},
            remedy_zh="各档分值应一直升或一直降；确需如此的在note中说明理由",
        )
        return
    if not isinstance(term, Ref) or not term.name.startswith("field:") or context.document.level.matrix is None:
        return
    # Under a matrix high scores are bad; elsewhere it is the formula that decides, which the proofs follow.
    worse = context.standard.fields[term.name.removeprefix("field:")].worse
    if (worse == "higher" and falling) or (worse == "lower" and rising):
        more = "越高" if worse == "higher" else "越低"
        yield context.find(
            "warning",
            f"“{name}”：{kind.of}声明为{more}越不利，分值却相反",
            f"{kind.of} is declared worse: {worse}, but the scores run the other way",
            (*place, "scores"),
            clause=node.clause,
            counter_example={kind.of: kind.at[0]},
            remedy_zh="把分值倒过来，或改正字段的worse",
        )


def _band(low: float, high: float) -> str:
    if not math.isfinite(low):
        return f"(-∞, {shown(high)})"
    return f"[{shown(low)}, ∞)" if not math.isfinite(high) else f"[{shown(low)}, {shown(high)})"


def _range(low: float, high: float) -> str:
    left = f"[{shown(low)}" if math.isfinite(low) else "(-∞"
    right = f"{shown(high)}]" if math.isfinite(high) else "∞)"
    return f"{left}, {right}"
