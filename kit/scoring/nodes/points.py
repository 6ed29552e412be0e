"""`points` as terms."""

from __future__ import annotations

from kit.scoring.nodes.base import Build, applying_sum
from kit.standard.nodes.points import Points
from kit.standard.terms import UNKNOWN, Arithmetic, Compare, Ref, Term, number, when

KINDS = (Points,)


def lower(kind: Points, build: Build) -> Term:
    """Return S1 / S0 * scale_to, or S1 for a group; keeps both sums as `<path>__got` and `<path>__full`."""
    parts = build.parts()
    got_of: dict[str, Term] = {}
    full_of: dict[str, Term] = {}
    for part in parts:
        if isinstance(part.node.kind, Points):
            path = f"{build.path}.{part.name}"
            got_of[part.name] = Ref(f"score:{path}__got")
            full_of[part.name] = Ref(f"score:{path}__full")
        else:
            got_of[part.name] = part.value
            full_of[part.name] = number(part.node.full)
    got = build.output("got", applying_sum(parts, got_of))
    full = build.output("full", applying_sum(parts, full_of))
    if kind.scale_to is None:
        return got
    share = Arithmetic("*", Arithmetic("/", got, full), number(kind.scale_to))
    return when(Compare(">", full, number(0)), share, UNKNOWN)
