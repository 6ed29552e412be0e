"""Where a field meets a cut: the values at which a comparison of the standard changes its truth for one row.

A field enters most rules directly or through a formula that is a quotient of two straight lines in it (crashes per
vehicle, quantity over critical quantity); for these the point is found exactly, with fractions. Where a rule is no such
quotient the caller is told, so that it can search.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kit.scoring.program import Program
from kit.standard.terms import Arithmetic, Case, Compare, Constant, Function, Ref, Round, Term, references, walk

# Fractions of doubles are long; nine decimals are all that comparisons see.
_DENOMINATOR = 10**12


@dataclass(frozen=True)
class _Quotient:
    """(top[0] + top[1] x) / (bottom[0] + bottom[1] x)."""

    top: tuple[Fraction, Fraction]
    bottom: tuple[Fraction, Fraction] = (Fraction(1), Fraction(0))


@dataclass(frozen=True)
class CutPoints:
    """Values of a field at which something changes; `complete` is false where a rule could not be solved."""

    points: tuple[Fraction, ...]
    complete: bool


def cut_points(program: Program, field: str, values: Mapping[str, Any], *, only: str | None = None) -> CutPoints:
    """Return the values of `field` at which a comparison turns, the other values of the row being `values`.

    Parameters
    ----------
    values : step column to value of the row, None where unknown.
    only : a step to which to keep; all steps otherwise.

    Examples
    --------
    >>> cut_points(program, "crashes_3y", {"field:fleet_size": 200.0}).points[0]     # doctest: +SKIP
    Fraction(3, 1)
    """
    found: set[Fraction] = set()
    complete = True
    solver = _Solver(program, f"field:{field}", values)
    for left, right in solver.comparisons(only):
        difference = solver.difference(left, right)
        if difference is None:
            complete = False
            continue
        base, slope = difference
        if slope != 0:
            found.add(-base / slope)
    return CutPoints(tuple(sorted(found)), complete)


def meeting_point(program: Program, field: str, term: Term, cut: float, values: Mapping[str, Any]) -> Fraction | None:
    """Return the value of `field` at which `term` is `cut`, the rest being `values`; None where it cannot be solved.

    Examples
    --------
    >>> meeting_point(program, "crashes_3y", crash_rate, 0.5, {"field:fleet_size": 200.0})   # doctest: +SKIP
    Fraction(3, 1)
    """
    solver = _Solver(program, f"field:{field}", values)
    difference = solver.difference(term, Constant(float(cut))) if solver.depends(term) else None
    return None if difference is None or difference[1] == 0 else -difference[0] / difference[1]


class _Solver:
    def __init__(self, program: Program, column: str, values: Mapping[str, Any]) -> None:
        self.steps = program.steps
        self.column = column
        self.values = values
        self.dependent: dict[str, bool] = {}

    def depends(self, term: Term) -> bool:
        return any(self._column_depends(name) for name in references(term))

    def _column_depends(self, name: str) -> bool:
        if name == self.column:
            return True
        if name.startswith(("raw:", "fault:", "field:")) or name not in self.steps:
            return False
        if name not in self.dependent:
            self.dependent[name] = False
            self.dependent[name] = self.depends(self.steps[name])
        return self.dependent[name]

    def comparisons(self, only: str | None = None) -> Iterator[tuple[Term, Term]]:
        seen = set()
        for name, term in self.steps.items() if only is None else [(only, self.steps[only])]:
            if name.startswith(("fault:", "field:", "out:", "row:")):
                continue
            for part in walk(term):
                if not isinstance(part, Compare) or part.left.kind != "number":
                    continue
                pair = (part.left, part.right)
                if pair in seen or not (self.depends(pair[0]) or self.depends(pair[1])):
                    continue
                seen.add(pair)
                if not all(self._chosen(side) for side in pair):
                    yield pair

    def _chosen(self, term: Term) -> bool:
        """Whether a value only steps between values where other comparisons, listed themselves, turn."""
        if not self.depends(term):
            return True
        match term:
            case Ref(name=name):
                return name != self.column and self._chosen(self.steps[name])
            case Case(branches=branches, otherwise=otherwise):
                return all(self._chosen(value) for _, value in branches) and self._chosen(otherwise)
            case Arithmetic(left=left, right=right):
                return self._chosen(left) and self._chosen(right)
            case Function(arguments=arguments):
                return all(self._chosen(argument) for argument in arguments)
            case Round(of=inner):
                return self._chosen(inner)
        return False

    def difference(self, left: Term, right: Term) -> tuple[Fraction, Fraction] | None:
        """Return left − right as a straight line in the field, up to a factor; None when it is none."""
        one, other = self.quotient(left), self.quotient(right)
        if one is None or other is None:
            return None
        a, b = _times(one.top, other.bottom), _times(other.top, one.bottom)
        if a is None or b is None:
            return None
        return a[0] - b[0], a[1] - b[1]

    def quotient(self, term: Term) -> _Quotient | None:
        match term:
            case Constant(value=float() as value):
                return _Quotient((_fraction(value), Fraction(0)))
            case Ref(name=name) if name == self.column:
                return _Quotient((Fraction(0), Fraction(1)))
            case Ref(name=name) if not self._column_depends(name):
                given = self.values.get(name)
                if isinstance(given, bool) or not isinstance(given, int | float) or given != given:
                    return None
                return _Quotient((_fraction(float(given)), Fraction(0)))
            case Ref(name=name):
                return self.quotient(self.steps[name])
            case Arithmetic(op=op, left=left, right=right):
                one, other = self.quotient(left), self.quotient(right)
                return None if one is None or other is None else _combine(op, one, other)
        return None


def _combine(op: str, one: _Quotient, other: _Quotient) -> _Quotient | None:
    if op in "+-":
        sign = 1 if op == "+" else -1
        bottom = _times(one.bottom, other.bottom)
        a, b = _times(one.top, other.bottom), _times(other.top, one.bottom)
        if one.bottom == other.bottom:
            bottom, a, b = one.bottom, one.top, other.top
        if bottom is None or a is None or b is None:
            return None
        return _Quotient((a[0] + sign * b[0], a[1] + sign * b[1]), bottom)
    if op == "*":
        top, bottom = _times(one.top, other.top), _times(one.bottom, other.bottom)
    elif op == "/":
        top, bottom = _times(one.top, other.bottom), _times(one.bottom, other.top)
    else:
        return None
    return None if top is None or bottom is None else _Quotient(top, bottom)


def _times(a: tuple[Fraction, Fraction], b: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction] | None:
    """Return the product of two straight lines when it is one."""
    if a[1] and b[1]:
        return None
    return a[0] * b[0], a[0] * b[1] + a[1] * b[0]


def _fraction(value: float) -> Fraction:
    return Fraction(value).limit_denominator(_DENOMINATOR)
