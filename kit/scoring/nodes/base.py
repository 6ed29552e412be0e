"""What a kind gets when it is turned into terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kit.standard.terms import TRUE, Ref, Term, ValueKind, either, every, negate, number, when
from kit.standard.tree import Node


@dataclass(frozen=True)
class Part:
    """A node below, already computed: its value (unknown where it does not apply) and whether it applies."""

    name: str
    node: Node
    value: Term
    applies: Term = TRUE


class Build(Protocol):
    """The programme under construction, as a kind sees it."""

    path: str
    full: float | None
    high_is_worse: bool

    def parse(self, source: str, expect: ValueKind | None = None) -> Term:
        """Return a formula of the node as a term."""
        ...

    def categories(self, source: str) -> tuple[str, ...] | None:
        """Return the categories of a field named alone, else None."""
        ...

    def parts(self) -> list[Part]:
        """Return the nodes below, in the order of the file."""
        ...

    def output(self, suffix: str, term: Term) -> Ref:
        """Keep a value of the node beside its score, as column `<path>__<suffix>`, and return it."""
        ...


def applying_sum(parts: list[Part], value: dict[str, Term]) -> Term:
    """Return the sum of `value[name]` over the parts that apply; unknown when one of them is unknown."""
    total: Term | None = None
    for part in parts:
        share = when(part.applies, value[part.name], number(0))
        total = share if total is None else plus(total, share)
    return total if total is not None else number(0)


def plus(left: Term, right: Term) -> Term:
    """Return left + right, adding constants at once as the engines would."""
    from kit.standard.terms import Arithmetic, Constant

    if isinstance(left, Constant) and isinstance(right, Constant) and None not in (left.value, right.value):
        return number(float(left.value or 0) + float(right.value or 0))
    return Arithmetic("+", left, right)


def any_applies(parts: list[Part]) -> Term:
    """Return whether at least one part applies."""
    return either(*(part.applies for part in parts))


def all_known(parts: list[Part]) -> Term:
    """Return whether every part that applies has a value."""
    from kit.standard.terms import Known

    return every(*(either(negate(part.applies), Known(part.value)) for part in parts))
