"""Sums, products, quotients and extremes of guarded numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import z3

from kit.checking.proofs.algebra import (
    HALF,
    Atom,
    Expression,
    Extreme,
    Linear,
    NotEncodable,
    Number,
    Quotient,
    Rounded,
    Truth,
    any_of,
    as_z3,
    both,
    chosen,
    constant,
    constants_of,
    lifted,
    merged,
    negation,
)


def flat(value: Number) -> Linear | Quotient:
    """Return the number as one expression, valid where it is known."""
    atoms = [(guard, _plain_atom(atom)) for guard, atom in value.cases]
    if len(atoms) == 1:
        return atoms[0][1]
    low, high = value.low, value.high
    if all(isinstance(atom, Linear) for _, atom in atoms):
        return Linear(_ifs([(guard, atom.of) for guard, atom in atoms if isinstance(atom, Linear)]), low, high)
    tops = [(guard, atom.top if isinstance(atom, Quotient) else atom.of) for guard, atom in atoms]
    bottoms = [(guard, atom.bottom if isinstance(atom, Quotient) else Fraction(1)) for guard, atom in atoms]
    return Quotient(_ifs(tops), _ifs(bottoms), low, high)


def _ifs(cases: list[tuple[Truth, Expression]]) -> Expression:
    result = lifted(cases[-1][1])
    for guard, expression in reversed(cases[:-1]):
        result = z3.If(as_z3(guard), lifted(expression), result)
    return result


def _plain_atom(atom: Atom) -> Linear | Quotient:
    match atom:
        case Linear() | Quotient():
            return atom
        case Rounded():
            return _rounded_value(atom)
        case Extreme(largest=largest, of=parts):
            result = flat(parts[0])
            for part in parts[1:]:
                other = flat(part)
                if not (isinstance(result, Linear) and isinstance(other, Linear)):
                    raise NotEncodable("几个商的最大或最小值又参与计算（非线性）")
                left, right = lifted(result.of), lifted(other.of)
                wins = left >= right if largest else left <= right
                result = Linear(z3.If(wins, left, right), atom.low, atom.high)
            return result
    raise NotEncodable(f"{atom.name} 的结果又参与计算（超越函数）")


def _rounded_value(atom: Rounded) -> Linear:
    inner = flat(atom.of)
    if not isinstance(inner, Linear):
        raise NotEncodable("商的修约结果又参与计算（非线性）")
    power, shift = 10**atom.digits, HALF * 10**atom.digits
    scaled = lifted(inner.of) * lifted(Fraction(power))
    match atom.mode:
        case "half_up":
            whole = z3.ToInt(scaled + lifted(Fraction(1, 2) + shift))
        case "floor":
            whole = z3.ToInt(scaled + lifted(shift))
        case "ceil":
            whole = z3.ToInt(scaled - lifted(shift)) + 1
        case _:
            up = z3.ToInt(scaled + lifted(Fraction(1, 2) + shift))
            tie = scaled + lifted(Fraction(1, 2) - shift) <= z3.ToReal(up)
            whole = z3.If(z3.And(tie, up % 2 == 1), up - 1, up)
    return Linear(z3.ToReal(whole) / lifted(Fraction(power)), atom.low, atom.high)


def _sum_bound(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return None if left is None or right is None else left + right


def add(left: Number, right: Number) -> Number:
    """Return left + right."""
    known = both(left.known, right.known)
    if left.single == 0:
        return Number(known, right.cases, right.summands)
    if right.single == 0:
        return Number(known, left.cases, left.summands)
    low, high = _sum_bound(left.low, right.low), _sum_bound(left.high, right.high)
    one, other = flat(left), flat(right)
    if isinstance(one, Linear) and isinstance(other, Linear):
        if isinstance(one.of, Fraction) and isinstance(other.of, Fraction):
            return Number(known, constant(one.of + other.of).cases)
        return Number(known, ((True, Linear(lifted(one.of) + lifted(other.of), low, high)),), (left, right))
    top1, bottom1 = _as_quotient(one)
    top2, bottom2 = _as_quotient(other)
    if not isinstance(bottom1, Fraction) and not isinstance(bottom2, Fraction) and bottom1.eq(bottom2):
        return Number(known, ((True, Quotient(lifted(top1) + lifted(top2), bottom1, low, high)),))
    top = lifted(top1) * lifted(bottom2) + lifted(top2) * lifted(bottom1)
    return Number(known, ((True, Quotient(top, lifted(bottom1) * lifted(bottom2), low, high)),))


def _as_quotient(atom: Linear | Quotient) -> tuple[Expression, Expression]:
    return (atom.top, atom.bottom) if isinstance(atom, Quotient) else (atom.of, Fraction(1))


def scale(value: Number, factor: Fraction) -> Number:
    """Return the number times a constant."""
    if factor == 0:
        return Number(value.known, constant(factor).cases)

    def scaled(atom: Any) -> Any:
        atom = _plain_atom(atom)
        bounds = [None if bound is None else bound * factor for bound in (atom.low, atom.high)]
        low, high = bounds if factor > 0 else reversed(bounds)
        if isinstance(atom, Quotient):
            return Quotient(lifted(atom.top) * lifted(factor), atom.bottom, low, high)
        if isinstance(atom.of, Fraction):
            return Linear(atom.of * factor, low, high)
        return Linear(atom.of * lifted(factor), low, high)

    summands = tuple(scale(part, factor) for part in value.summands) if value.summands else None
    return Number(value.known, tuple((guard, scaled(atom)) for guard, atom in value.cases), summands)


def subtract(left: Number, right: Number) -> Number:
    """Return left - right."""
    return add(left, scale(right, Fraction(-1)))


def product_bounds(left: Any, right: Any) -> tuple[Fraction | None, Fraction | None]:
    """Return the bounds of a product; half-open ranges only where both are not negative."""
    if None not in (left.low, left.high, right.low, right.high):
        corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
        return min(corners), max(corners)
    if left.low is not None and right.low is not None and left.low >= 0 and right.low >= 0:
        return left.low * right.low, None
    return None, None


def multiply(left: Number, right: Number) -> Number:
    """Return left * right; stays linear where one side has but a few values."""
    known = both(left.known, right.known)
    for one, other in ((left, right), (right, left)):
        if one.single is not None:
            return Number(known, scale(other, one.single).cases)
        values = constants_of(one)
        if values is not None:
            scaled = [(guard, scale(other, value)) for guard, value in values]
            return Number(known, chosen((guard, Number(True, part.cases)) for guard, part in scaled).cases)
    low, high = product_bounds(left, right)
    (top1, bottom1), (top2, bottom2) = _as_quotient(flat(left)), _as_quotient(flat(right))
    top = lifted(top1) * lifted(top2)
    if isinstance(bottom1, Fraction) and isinstance(bottom2, Fraction):
        return Number(known, ((True, Linear(top / lifted(bottom1 * bottom2), low, high)),))
    return Number(known, ((True, Quotient(top, lifted(bottom1) * lifted(bottom2), low, high)),))


def divide(left: Number, right: Number) -> Number:
    """Return left / right; unknown where right is 0."""
    known = both(left.known, right.known)
    values = constants_of(right)
    if values is not None:
        usable = [(guard, scale(left, 1 / value)) for guard, value in values if value != 0]
        some = any_of(*(guard for guard, value in values if value != 0))
        if len(usable) == len(values) == 1:
            return Number(known, usable[0][1].cases, usable[0][1].summands)
        return Number(both(known, some), chosen((guard, Number(True, part.cases)) for guard, part in usable).cases)
    below = flat(right)
    if isinstance(below, Quotient):  # a / (b / c) = a * c / b
        inner = Number(True, ((True, Linear(below.bottom)),))
        return divide(multiply(left, inner), Number(right.known, ((True, Linear(below.top)),)))
    over, expression = flat(left), lifted(below.of)
    top, bottom = _as_quotient(over)
    low = Fraction(0) if over.low is not None and over.low >= 0 else None
    high = over.high / below.low if low is not None and over.high is not None and (below.low or 0) > 0 else None  # type: ignore[operator]
    positive = Quotient(top, expression * lifted(bottom), low, high)
    if below.low is not None and below.low > 0:
        return Number(known, ((True, positive),))
    if below.low == 0:
        return Number(both(known, expression > 0), ((True, positive),))
    negative = Quotient(-lifted(top), -expression * lifted(bottom))
    above = expression > 0
    return Number(
        both(known, expression != 0), ((above, Quotient(top, expression * lifted(bottom))), (z3.Not(above), negative))
    )


def extreme(largest: bool, values: list[Number]) -> Number:
    """Return the largest or smallest; of values that are all constants the few it can be."""
    known = both(*(value.known for value in values))
    tables = [constants_of(value, 32) for value in values]
    pick: Callable[..., Any] = max if largest else min
    lows, highs = [value.low for value in values], [value.high for value in values]
    bound_low = pick((low for low in lows if low is not None), default=None) if largest or None not in lows else None
    bound_high = (
        pick((high for high in highs if high is not None), default=None) if not largest or None not in highs else None
    )
    if any(table is None for table in tables):
        return Number(known, ((True, Extreme(largest, tuple(values), bound_low, bound_high)),))
    options = sorted({value for table in tables for _, value in table or []}, reverse=not largest)
    cases: list[tuple[Truth, Any]] = []
    before: Truth = False
    for option in options:
        within = both(
            *(
                any_of(*(guard for guard, value in table or [] if (value <= option if largest else value >= option)))
                for table in tables
            )
        )
        cases.append((both(within, negation(before)), Linear(option, option, option)))
        before = within
        if within is True:
            break
    return Number(known, merged(cases))
