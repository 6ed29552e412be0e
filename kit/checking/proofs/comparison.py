"""Comparisons of guarded numbers, with the rounding to 9 decimals that the engines do."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from kit.checking.proofs.algebra import (
    HALF,
    ROUNDS_BELOW,
    UNIT,
    Extreme,
    Linear,
    Number,
    Quotient,
    Rounded,
    Through,
    Truth,
    any_of,
    both,
    constant,
    constants_of,
    lifted,
    negation,
)
from kit.checking.proofs.arithmetic import _as_quotient, _plain_atom, flat


def nine(value: Fraction) -> Fraction:
    """Return a constant rounded to 9 decimals, half up."""
    return Fraction(math.floor(value * UNIT + Fraction(1, 2)), UNIT) if abs(value) < ROUNDS_BELOW else value


def is_less(value: Number, threshold: Fraction, *, or_equal: bool = False) -> Truth:
    """Return whether the number, rounded to 9 decimals, is below the threshold (or equal to it)."""
    return any_of(*(both(guard, _atom_less(atom, threshold, or_equal)) for guard, atom in value.cases))


def _atom_less(atom: Any, threshold: Fraction, or_equal: bool) -> Truth:
    match atom:
        case Extreme(largest=largest, of=parts):
            inside = [is_less(part, threshold, or_equal=or_equal) for part in parts]
            return both(*inside) if largest else any_of(*inside)
        case Rounded(of=inner, digits=digits, mode=mode):
            scaled = threshold * 10**digits
            return _rounded_less(inner, math.floor(scaled) + 1 if or_equal else math.ceil(scaled), digits, mode)
        case Through(name=name, of=inner):
            return _through_less(name, inner, nine(threshold), or_equal)
    if isinstance(atom, Linear) and isinstance(atom.of, Fraction):
        value = nine(atom.of)
        return value <= threshold if or_equal else value < threshold
    if atom.high is not None and (atom.high + HALF <= threshold if or_equal else atom.high + HALF < threshold):
        return True
    if atom.low is not None and atom.low - HALF > threshold:
        return False
    if isinstance(atom, Linear) and atom.plain:
        if atom.whole is not None:
            last = math.floor(threshold) if or_equal else math.ceil(threshold) - 1
            return atom.whole <= last
        return atom.of <= lifted(threshold) if or_equal else atom.of < lifted(threshold)
    if abs(threshold) < ROUNDS_BELOW:
        units = math.floor(threshold * UNIT) + 1 if or_equal else math.ceil(threshold * UNIT)
        bound, strict = Fraction(units, UNIT) - HALF, True
    else:
        bound, strict = threshold, not or_equal
    if isinstance(atom, Quotient):
        left, right = lifted(atom.top), lifted(bound) * lifted(atom.bottom)
    else:
        left, right = lifted(atom.of), lifted(bound)
    return left < right if strict else left <= right


def _rounded_less(inner: Number, whole: int, digits: int, mode: str) -> Truth:
    """Return whether `inner`, rounded, is less than `whole` units of the last digit."""
    power = 10**digits
    middle = (whole - Fraction(1, 2)) / power
    match mode:
        case "half_up":
            return is_less(inner, middle)
        case "floor":
            return is_less(inner, Fraction(whole, power))
        case "ceil":
            return is_less(inner, Fraction(whole - 1, power), or_equal=True)
    return is_less(inner, middle, or_equal=(whole - 1) % 2 == 0)


def _through_less(name: str, inner: Number, threshold: Fraction, or_equal: bool) -> Truth:
    """Compare a rising function with a constant: the threshold moves, by half a unit of the ninth decimal as always."""
    edge = threshold + HALF if or_equal else threshold - HALF
    if name == "sqrt":
        return False if edge <= 0 else _exactly_less(inner, edge * edge)
    if name == "log":
        return True if edge > 700 else _exactly_less(inner, Fraction(math.exp(edge)))
    return False if edge <= 0 else _exactly_less(inner, Fraction(math.log(edge)))


def _exactly_less(value: Number, bound: Fraction) -> Truth:
    found = []
    for guard, atom in value.cases:
        top, bottom = _as_quotient(_plain_atom(atom))
        found.append(both(guard, lifted(top) < lifted(bound) * lifted(bottom)))
    return any_of(*found)


def compared(op: str, left: Number, right: Number) -> Truth:
    """Return `left op right` where both are known."""
    if right.single is None and left.single is not None:
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        return compared(turned.get(op, op), right, left)
    if right.single is None:
        values = constants_of(right)
        if values is None and constants_of(left) is not None:
            turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
            return compared(turned.get(op, op), right, left)
        if values is not None:
            return any_of(*(both(guard, compared(op, left, constant(value))) for guard, value in values))
        return _varying(op, left, right)
    threshold = nine(right.single)
    match op:
        case "<":
            return is_less(left, threshold)
        case "<=":
            return is_less(left, threshold, or_equal=True)
        case ">":
            return negation(is_less(left, threshold, or_equal=True))
        case ">=":
            return negation(is_less(left, threshold))
        case "==":
            return any_of(*(both(guard, _atom_equal(atom, threshold)) for guard, atom in left.cases))
    return negation(compared("==", left, right))


def _atom_equal(atom: Any, threshold: Fraction) -> Truth:
    if isinstance(atom, Linear) and isinstance(atom.of, Fraction):
        return nine(atom.of) == threshold
    return both(_atom_less(atom, threshold, True), negation(_atom_less(atom, threshold, False)))


def _varying(op: str, left: Number, right: Number) -> Truth:
    (top1, bottom1), (top2, bottom2) = _as_quotient(flat(left)), _as_quotient(flat(right))
    one, other = lifted(top1) * lifted(bottom2), lifted(top2) * lifted(bottom1)
    match op:
        case "<":
            return one < other
        case "<=":
            return one <= other
        case ">":
            return one > other
        case ">=":
            return one >= other
        case "==":
            return one == other
    return one != other
