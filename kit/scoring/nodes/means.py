"""`geometric_mean`, `harmonic_mean`, `generalised_mean` as terms."""

from __future__ import annotations

from collections.abc import Callable

from kit.scoring.nodes.base import Build, Part, all_known, any_applies, applying_sum
from kit.standard.nodes.means import GeneralisedMean, GeometricMean, HarmonicMean
from kit.standard.terms import (
    UNKNOWN,
    Arithmetic,
    Case,
    Compare,
    Function,
    Not,
    Round,
    Term,
    either,
    every,
    number,
    when,
)

KINDS = (GeometricMean, HarmonicMean, GeneralisedMean)


def lower(kind: GeometricMean | HarmonicMean | GeneralisedMean, build: Build) -> Term:
    """Return the mean of the nodes that apply; unknown when none applies, one is unknown or below 0.

    Logarithms and powers are rounded to 9 decimals, so that a library's last bit does not show.
    """
    parts = build.parts()
    weights: dict[str, Term] = {
        part.name: number(1 if part.node.weight is None else part.node.weight) for part in parts
    }
    bottom = applying_sum(parts, weights)
    mean: Term
    if isinstance(kind, GeometricMean):
        logs = _summed(parts, weights, lambda value: Function("log", (value,)))
        mean, zero = Round(Function("exp", (Arithmetic("/", logs, bottom),)), 9), True
    elif isinstance(kind, HarmonicMean):
        parts_of_one = _summed(parts, weights, lambda value: Arithmetic("/", number(1), value))
        mean, zero = Arithmetic("/", bottom, parts_of_one), True
    else:
        mean, zero = _generalised(kind.power, parts, weights, bottom), kind.power < 0
    at_zero = either(*(every(part.applies, Compare("==", part.value, number(0))) for part in parts))
    below = either(*(every(part.applies, Compare("<", part.value, number(0))) for part in parts))
    valid = every(any_applies(parts), all_known(parts), Not(below))
    return when(valid, Case(((at_zero, number(0)),), mean) if zero else mean, UNKNOWN)


def _generalised(power: float, parts: list[Part], weights: dict[str, Term], bottom: Term) -> Term:
    inside = Arithmetic("/", _summed(parts, weights, lambda value: _power(value, power)), bottom)
    return inside if power == 1 else Round(_power(inside, 1 / power), 9)


def _power(base: Term, exponent: float) -> Term:
    """Return base ** exponent for a base not below 0; 0 stays 0 (negative powers of 0 are sorted out before)."""
    if exponent == 1:
        return base
    return when(Compare("==", base, number(0)), number(0), Arithmetic("**", base, number(exponent)))


def _summed(parts: list[Part], weights: dict[str, Term], change: Callable[[Term], Term]) -> Term:
    return applying_sum(parts, {part.name: Arithmetic("*", weights[part.name], change(part.value)) for part in parts})
