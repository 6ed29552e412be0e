"""`deduct` as terms."""

from __future__ import annotations

from kit.scoring.nodes.base import Build
from kit.standard.nodes.deduct import Deduct
from kit.standard.terms import UNKNOWN, Arithmetic, Case, Function, Not, Term, number

KINDS = (Deduct,)


def lower(kind: Deduct, build: Build) -> Term:
    """Return full points less the deductions, at least 0; unknown when a count or condition is."""
    full = build.full
    left: Term = number(full)
    for deduction in kind.root:
        if deduction.each is not None:
            taken: Term = Arithmetic("*", build.parse(deduction.each, "number"), number(deduction.points))
        else:
            condition = build.parse(deduction.when or "", "boolean")
            # Unknown must stay unknown: it may not fall through to "nothing deducted".
            taken = Case(((condition, number(deduction.points)), (Not(condition), number(0))), UNKNOWN)
        left = Arithmetic("-", left, taken)
    return Function("max", (left, number(0)))


def extremes(kind: Deduct) -> tuple[float, float]:
    """Return the lowest points; the highest are the full points of the item."""
    return 0.0, float("inf")
