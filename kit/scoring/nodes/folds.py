"""`max`, `min`, `sum`, `product` as terms."""

from __future__ import annotations

from functools import reduce

from kit.scoring.nodes.base import Build, Part, all_known, any_applies, applying_sum
from kit.standard.nodes.folds import Fold, Max, Min, Product, Sum
from kit.standard.terms import UNKNOWN, Arithmetic, Function, Term, every, number, when

KINDS = (Max, Min, Sum, Product)

# Where a node does not apply it must not win; scores are far inside these bounds.
_NEVER = {"max": -1e15, "min": 1e15}


def lower(kind: Fold, build: Build) -> Term:
    """Return the nodes that apply, folded; unknown when none applies or one of them is unknown."""
    parts = build.parts()
    if kind.key == "sum":
        folded: Term = applying_sum(parts, {part.name: part.value for part in parts})
    elif kind.key == "product":
        folded = reduce(lambda left, right: Arithmetic("*", left, right), _filled(parts, 1.0))
    else:
        values = _filled(parts, _NEVER[kind.key])
        folded = values[0] if len(values) == 1 else Function(kind.key, tuple(values))
    return when(every(any_applies(parts), all_known(parts)), folded, UNKNOWN)


def _filled(parts: list[Part], otherwise: float) -> list[Term]:
    return [when(part.applies, part.value, number(otherwise)) for part in parts]
