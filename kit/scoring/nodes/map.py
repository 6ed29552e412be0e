"""`map` as terms."""

from __future__ import annotations

from kit.scoring.nodes.base import Build
from kit.standard.nodes.map import Map
from kit.standard.terms import UNKNOWN, Case, Compare, Constant, Term, number, text

KINDS = (Map,)


def lower(kind: Map, build: Build) -> Term:
    """Return the score of the value; unknown for a value that is not named."""
    value = build.parse(kind.of)
    branches = []
    for key, score in kind.to.items():
        if isinstance(key, bool):
            wanted: Term = Constant(key, "boolean")
        else:
            wanted = text(key) if isinstance(key, str) else number(key)
        branches.append((Compare("==", value, wanted), number(score)))
    return Case(tuple(branches), UNKNOWN)


def extremes(kind: Map) -> tuple[float, float]:
    """Return the lowest and the highest score."""
    return min(kind.to.values()), max(kind.to.values())
