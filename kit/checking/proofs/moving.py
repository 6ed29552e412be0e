"""A field made worse, overrides that contradict each other, and what fired: small things the proofs ask about."""

from __future__ import annotations

from typing import Any

import z3

from kit.checking.proofs.algebra import Truth, as_z3
from kit.checking.proofs.encoding import Input


def second_of(item: Input) -> Any:
    """Return a second variable for the same field."""
    return z3.Const(f"{item.name}'", item.variable.sort())


def moved_domain(item: Input, variable: Any) -> Truth:
    """Return the range of the field, for its second variable."""
    return z3.substitute(as_z3(item.domain), (item.variable, variable))


def worse_than(item: Input, variable: Any) -> Truth:
    """Return where the second value of the field is the worse one."""
    higher = item.spec.worse == "higher"
    if item.spec.type == "boolean":
        return z3.And(item.variable == (not higher), variable == higher)
    return variable > item.variable if higher else variable < item.variable


def contradicting(one: Any, other: Any, names: list[str]) -> bool:
    """Return whether two overrides cannot both be met."""
    if one.set and other.set:
        return bool(one.set != other.set)
    for left, right in ((one, other), (other, one)):
        place, against = names.index(left.target), names.index(right.target)
        if left.at_least and (right.at_most or right.set) and place > against:
            return True
        if left.at_most and right.set and place < against:
            return True
    return False


def fired(row: dict[str, Any]) -> set[str]:
    """Return the overrides that fired for a scored row."""
    return set((row["overrides_fired"] or "").split(";"))
