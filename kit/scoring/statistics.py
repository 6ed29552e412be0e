"""Mean and standard deviation over all rows of a table, in terms: the same doubles on every engine.

Engines add up in different orders, and doubles added in another order give another last bit. So every value is split
into two whole numbers of a unit, a power of two chosen by the table's largest value: whole numbers below 2**53 add up
exactly in any order.
"""

from __future__ import annotations

from kit.standard.terms import UNKNOWN, Aggregate, Arithmetic, Case, Compare, Function, Round, Term, number

# Largest value times count -> units to one; beyond, the figure is unknown. Each sum stays below 2**53.
_UNITS = ((22, 30), (32, 20), (42, 10), (52, 0), (72, -20))
# The rest of a value is at most half a unit; in these finer units 2**32 rests stay below 2**53.
_FINER = 2.0**22


def total(of: Term) -> Term:
    """Return the sum of `of` over all rows that have it; unknown beyond 4.7e21."""
    reach = Arithmetic("*", Aggregate("max", Function("abs", (of,))), Aggregate("count", of))
    units = Case(
        tuple((Compare("<", reach, number(2.0**below)), number(2.0**power)) for below, power in _UNITS), UNKNOWN
    )
    coarse = Round(Arithmetic("*", of, units))
    rest = Round(
        Arithmetic("*", Arithmetic("*", Arithmetic("-", of, Arithmetic("/", coarse, units)), units), number(_FINER))
    )
    fine = Arithmetic("/", Aggregate("sum", rest), number(_FINER))
    return Arithmetic("/", Arithmetic("+", Aggregate("sum", coarse), fine), units)


def mean(of: Term) -> Term:
    """Return the arithmetic mean of `of` over all rows that have it; unknown where none has."""
    return Arithmetic("/", total(of), Aggregate("count", of))


def deviation(of: Term, *, sample: bool) -> Term:
    """Return the standard deviation: squares over n - 1 for a sample, over n for the whole population."""
    apart = Arithmetic("-", of, mean(of))
    count: Term = Aggregate("count", of)
    if sample:
        count = Arithmetic("-", count, number(1))
    return Function("sqrt", (Arithmetic("/", total(Arithmetic("*", apart, apart)), count),))
