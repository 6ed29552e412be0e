"""What an encoded step can be besides a number, and what a field of the row is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kit.checking.proofs.algebra import Number, Truth, both, constant
from kit.standard.fields import FieldSpec


@dataclass(frozen=True)
class Kleene:
    """A truth that may be unknown; `value` counts only where `known`."""

    value: Truth
    known: Truth

    @property
    def holds(self) -> Truth:
        """Return whether it is known to be true."""
        return both(self.value, self.known)


@dataclass(frozen=True)
class Code:
    """A text as a whole number; texts are numbered as they are met."""

    value: Any
    known: Truth


@dataclass(frozen=True)
class Input:
    """A field of the row as z3 variable.

    Attributes
    ----------
    domain : what the declared range or the categories allow.
    options : the texts behind the codes, for categories and texts.
    """

    name: str
    spec: FieldSpec
    variable: Any
    known: Truth
    domain: Truth
    options: Mapping[int, str]


def same(left: Any, right: Any) -> Truth:
    if isinstance(left, bool | int) and isinstance(right, bool | int):
        return left == right
    return left == right if not isinstance(left, bool | int) else right == left


def applied(name: str, argument: Fraction) -> Number:
    """Return a function of a constant, in doubles as the engines compute it."""
    if (name == "sqrt" and argument < 0) or (name == "log" and argument <= 0) or (name == "exp" and argument > 700):
        return Number(False, constant(0).cases)
    result: float = {"sqrt": math.sqrt, "log": math.log, "exp": math.exp}[name](float(argument))
    return constant(Fraction(result))
