"""`weighted_mean` as terms."""

from __future__ import annotations

from kit.scoring.nodes.base import Build, applying_sum
from kit.standard.nodes.weighted_mean import WeightedMean
from kit.standard.terms import UNKNOWN, Arithmetic, Compare, Term, number, when

KINDS = (WeightedMean,)


def lower(kind: WeightedMean, build: Build) -> Term:
    """Return sum(weight * score) / sum(weight) over the nodes that apply; unknown when none does.

    The sums run in the order of the file, in doubles, on every engine.
    """
    parts = build.parts()
    weights = {part.name: number(part.node.weight) for part in parts}
    top = applying_sum(parts, {part.name: Arithmetic("*", weights[part.name], part.value) for part in parts})
    bottom = applying_sum(parts, dict(weights))
    return when(Compare(">", bottom, number(0)), Arithmetic("/", top, bottom), UNKNOWN)
