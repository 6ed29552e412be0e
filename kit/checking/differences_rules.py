"""Whether an altered rule is stricter, from the two texts alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from kit.scoring.rows import band_of
from kit.standard.document import CutsLevel
from kit.standard.expressions import ExpressionError
from kit.standard.nodes.bands import Bands
from kit.standard.nodes.map import Map
from kit.standard.standard import Standard
from kit.standard.terms import Any as AnyOf
from kit.standard.terms import Compare, Constant, Every, Member, Not, Term

Effect = Literal["tightened", "loosened", "mixed", "unknown", "none"]
Breadth = Literal["wider", "narrower", "same", "unknown"]


def score_effect(old: Any, new: Any, *, worst_high: bool) -> Effect:
    """Return whether the scores of a leaf become worse or milder, over everything it may look at.

    Parameters
    ----------
    worst_high : whether high scores are the bad ones.

    Examples
    --------
    >>> a = Bands(of="age", at=[2, 4], scores=[1, 2, 3])
    >>> score_effect(a, Bands(of="age", at=[2, 3], scores=[1, 2, 3]), worst_high=True)
    'tightened'
    """
    if isinstance(old, Bands) and isinstance(new, Bands) and old.of == new.of:
        points = _points([*old.at, *new.at])
        pairs = [(old.scores[band_of(old.at, x)], new.scores[band_of(new.at, x)]) for x in points]
    elif isinstance(old, Map) and isinstance(new, Map) and old.of == new.of:
        pairs = [(score, new.to[key]) for key, score in old.to.items() if key in new.to]
    else:
        return "unknown"
    return _judged([(after - before) * (1 if worst_high else -1) for before, after in pairs])


def level_effect(old: CutsLevel, new: CutsLevel, ranks: Mapping[str, int]) -> Effect:
    """Return whether levels from cuts become worse or milder; `ranks` counts towards the worst."""
    if old.of != new.of:
        return "unknown"
    points = _points([*old.at, *new.at])
    changes = []
    for x in points:
        before, after = old.levels[band_of(old.at, x)], new.levels[band_of(new.at, x)]
        if before not in ranks or after not in ranks:
            return "unknown"
        changes.append(float(ranks[after] - ranks[before]))
    return _judged(changes)


def _points(cuts: list[float]) -> list[float]:
    """Return one value in every stretch between the cuts."""
    ordered = sorted(set(cuts))
    return [ordered[0] - 1.0, *ordered]  # a band holds from its lower end on, so the cuts stand for all the others


def _judged(changes: list[float]) -> Effect:
    up, down = any(change > 0 for change in changes), any(change < 0 for change in changes)
    if up and down:
        return "mixed"
    return "tightened" if up else "loosened" if down else "none"


def condition_effect(before: Standard, old: str, after: Standard, new: str) -> Breadth:
    """Return whether a condition holds for more rows than before; `unknown` where the texts are too different.

    Two conditions are compared when they differ in the numbers of comparisons, in the options of lists, or in parts
    joined by `and` or `or` that one has and the other has not.
    """
    try:
        return _breadth(before.names.parse(old, "boolean"), after.names.parse(new, "boolean"))
    except ExpressionError:
        return "unknown"


def _breadth(old: Term, new: Term) -> Breadth:
    if old == new:
        return "same"
    match old, new:
        case (Compare(op=op, left=left, right=Constant(value=float() as a)),
              Compare(op=other, left=right, right=Constant(value=float() as b))) if left == right:  # fmt: skip
            return _moved(op, a, other, b)
        case Member(of=left, options=a), Member(of=right, options=b) if left == right:
            if set(a) == set(b):
                return "same"
            return "wider" if set(a) < set(b) else "narrower" if set(b) < set(a) else "unknown"
        case Not(of=a), Not(of=b):
            return _turned(_breadth(a, b))
        case Every(terms=a), Every(terms=b):
            return _joined(a, b, more="narrower")
        case AnyOf(terms=a), AnyOf(terms=b):
            return _joined(a, b, more="wider")
        case Every(terms=a), b if b in a:
            return "wider"
        case a, Every(terms=b) if a in b:
            return "narrower"
        case AnyOf(terms=a), b if b in a:
            return "narrower"
        case a, AnyOf(terms=b) if a in b:
            return "wider"
    return "unknown"


def _moved(op: str, a: float, other: str, b: float) -> Breadth:
    upward, downward = (">", ">="), ("<", "<=")
    if op in upward and other in upward:
        key_a, key_b = (a, op == ">"), (b, other == ">")
        return "wider" if key_b < key_a else "narrower"
    if op in downward and other in downward:
        below_a, below_b = (a, op == "<="), (b, other == "<=")
        return "wider" if below_b > below_a else "narrower"
    return "unknown"


def _turned(breadth: Breadth) -> Breadth:
    return {"wider": "narrower", "narrower": "wider"}.get(breadth, breadth)  # type: ignore[return-value]


def _joined(old: tuple[Term, ...], new: tuple[Term, ...], *, more: Breadth) -> Breadth:
    if set(old) < set(new):
        return more
    if set(new) < set(old):
        return _turned(more)
    if len(old) != len(new):
        return "unknown"
    found = {_breadth(a, b) for a, b in zip(old, new, strict=True)} - {"same"}
    return "same" if not found else found.pop() if len(found) == 1 else "unknown"
