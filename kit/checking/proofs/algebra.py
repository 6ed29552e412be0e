"""Exact arithmetic over z3 terms, kept linear as long as it can be.

A number is a list of alternatives, each a guard and an atom: a linear expression, a quotient with a positive
denominator, a rounded value, or the largest or smallest of several. Quotients are compared by multiplying with the
denominator and rounded values by moving the threshold, so that a standard of bands, weights and matrices becomes linear
and needs no rounding at all. Truths that are decided already stay Python booleans.

The engines round both sides of a comparison to 9 decimals, half up. Against a constant this is exact here:
round9(x) < t holds just where x < ceil(t·1e9)/1e9 - 0.5e-9. Between two values that both vary it is left out (they
would have to be nearer than 1e-9 without being equal). A field compared with constants only is taken to have at most 9
decimals, for which rounding changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import z3

from kit.standard.terms import COMPARE_DIGITS

# z3 brings no types of its own that help here.
Truth = Any  # bool or z3.BoolRef
Expression = Any  # Fraction or z3.ArithRef

UNIT = 10**COMPARE_DIGITS
HALF = Fraction(1, 2 * UNIT)
ROUNDS_BELOW = 4_000_000
MOST_ALTERNATIVES = 64


class NotEncodable(Exception):
    """Something that has no exact counterpart here; the text says what."""


# -- truths ---------------------------------------------------------------------------------------------


def negation(truth: Truth) -> Truth:
    """Return the opposite."""
    if isinstance(truth, bool):
        return not truth
    return truth.arg(0) if z3.is_not(truth) else z3.Not(truth)


def _gathered(truths: Iterable[Truth], neutral: bool) -> list[Any] | None:
    """Return the truths that matter, each once; None when one of them, or two opposite ones, decide."""
    found: dict[int, Any] = {}
    for truth in truths:
        if isinstance(truth, bool):
            if truth is not neutral:
                return None
            continue
        found[truth.get_id()] = truth
    for truth in found.values():
        if z3.is_not(truth) and truth.arg(0).get_id() in found:
            return None
    return list(found.values())


def both(*truths: Truth) -> Truth:
    """Return the conjunction."""
    left = _gathered(truths, True)
    if left is None:
        return False
    return True if not left else left[0] if len(left) == 1 else z3.And(left)


def any_of(*truths: Truth) -> Truth:
    """Return the disjunction."""
    left = _gathered(truths, False)
    if left is None:
        return True
    return False if not left else left[0] if len(left) == 1 else z3.Or(left)


def as_z3(truth: Truth) -> Any:
    """Return a truth as z3 wants it."""
    return z3.BoolVal(truth) if isinstance(truth, bool) else truth


# -- atoms ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Linear:
    """An expression; `plain` when it is a field itself, `whole` that field as z3 integer."""

    of: Expression
    low: Fraction | None = None
    high: Fraction | None = None
    plain: bool = False
    whole: Any = None

    @property
    def constant(self) -> bool:
        return isinstance(self.of, Fraction)


@dataclass(frozen=True)
class Quotient:
    """`top / bottom`, bottom positive wherever the number is known."""

    top: Expression
    bottom: Expression
    low: Fraction | None = None
    high: Fraction | None = None


@dataclass(frozen=True)
class Rounded:
    """A number rounded to `digits` decimals."""

    of: Number
    digits: int
    mode: str
    low: Fraction | None = None
    high: Fraction | None = None


@dataclass(frozen=True)
class Extreme:
    """The largest or smallest of several numbers."""

    largest: bool
    of: tuple[Number, ...]
    low: Fraction | None = None
    high: Fraction | None = None


@dataclass(frozen=True)
class Through:
    """sqrt, log or exp of a number: rising, so that a comparison with a constant goes through."""

    name: str
    of: Number
    low: Fraction | None = None
    high: Fraction | None = None


Atom = Linear | Quotient | Rounded | Extreme | Through


@dataclass(frozen=True)
class Number:
    """Guarded alternatives; the guards exclude each other and cover every row where the number is known."""

    known: Truth
    cases: tuple[tuple[Truth, Any], ...]
    summands: tuple[Number, ...] | None = field(default=None, compare=False)

    @property
    def single(self) -> Fraction | None:
        """Return the value of a constant."""
        if len(self.cases) == 1 and isinstance(self.cases[0][1], Linear) and self.cases[0][1].constant:
            return self.cases[0][1].of
        return None

    @property
    def low(self) -> Fraction | None:
        lows = [atom.low for _, atom in self.cases]
        return None if None in lows or not lows else min(lows)

    @property
    def high(self) -> Fraction | None:
        highs = [atom.high for _, atom in self.cases]
        return None if None in highs or not highs else max(highs)


def constant(value: Fraction | float | int) -> Number:
    """Return a constant; doubles stand for the decimal number they are written as."""
    exact = value if isinstance(value, Fraction) else Fraction(repr(float(value)))
    return Number(True, ((True, Linear(exact, exact, exact)),))


NOTHING = Number(False, ((True, Linear(Fraction(0), Fraction(0), Fraction(0))),))


def lifted(value: Expression) -> Any:
    """Return an expression as z3 wants it."""
    return z3.RealVal(str(value)) if isinstance(value, Fraction) else value


def merged(cases: Iterable[tuple[Truth, Any]]) -> tuple[tuple[Truth, Any], ...]:
    """Return the cases with equal constants under one guard."""
    constants: dict[Fraction, list[Truth]] = {}
    others: list[tuple[Truth, Any]] = []
    for guard, atom in cases:
        if guard is False:
            continue
        if isinstance(atom, Linear) and atom.constant:
            constants.setdefault(atom.of, []).append(guard)
        else:
            others.append((guard, atom))
    return (*((any_of(*guards), Linear(value, value, value)) for value, guards in constants.items()), *others)


def chosen(guarded: Iterable[tuple[Truth, Number]]) -> Number:
    """Return the number whose guard holds; unknown where none does or that number is unknown."""
    possible = [(guard, value) for guard, value in guarded if guard is not False and value.known is not False]
    known = any_of(*(both(guard, value.known) for guard, value in possible))
    if not possible:
        return NOTHING
    if len(possible) == 1:  # elsewhere it is unknown, so that the guard need not be said again
        return Number(known, possible[0][1].cases, possible[0][1].summands)
    return Number(known, merged((both(guard, inner), atom) for guard, value in possible for inner, atom in value.cases))


def constants_of(value: Number, most: int = MOST_ALTERNATIVES) -> list[tuple[Truth, Fraction]] | None:
    """Return all values the number can have, with their guards; None when they are too many or no constants."""
    if all(isinstance(atom, Linear) and atom.constant for _, atom in value.cases):
        return [(guard, atom.of) for guard, atom in value.cases] if len(value.cases) <= most else None
    if value.summands is None:
        return None
    left, right = (constants_of(part, most) for part in value.summands)
    if left is None or right is None or len(left) * len(right) > 8 * most:
        return None
    sums: dict[Fraction, list[Truth]] = {}
    for guard, one in left:
        for other_guard, other in right:
            joint = both(guard, other_guard)
            if joint is not False:
                sums.setdefault(one + other, []).append(joint)
    return [(any_of(*guards), total) for total, guards in sums.items()] if len(sums) <= most else None
