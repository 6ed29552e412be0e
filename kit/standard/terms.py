"""The small language to which every rule of a standard comes down.

Formulas, bands, maps, trees, matrices and overrides are all written in these terms, so that each engine (data frames,
proofs, documents) interprets a dozen forms and not the whole catalogue of rule kinds.

Values are numbers (doubles), truths and texts; each may be unknown (null):

- arithmetic and comparison with an unknown value are unknown; so are division by zero and other results that are no
  finite number;
- `and`, `or`, `not` follow Kleene: false and unknown is false, true or unknown is true;
- `Case` takes the first branch whose condition is true; an unknown condition counts as not true;
- both sides of a comparison of numbers are first rounded to 9 decimals, half up, so that 0.1 + 0.2 meets 0.3;
- `Aggregate` and `Rank` look at all rows of the table: a term that holds one is relative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

ValueKind = Literal["number", "boolean", "text"]
RoundMode = Literal["half_up", "half_even", "floor", "ceil"]

COMPARE_DIGITS = 9


class Term:
    """Base of all terms; `kind` is the type of its value."""

    __slots__ = ()

    @property
    def kind(self) -> ValueKind:
        """Return the type of the value."""
        return "number"

    def parts(self) -> tuple[Term, ...]:
        """Return the terms directly inside this one."""
        return ()


@dataclass(frozen=True, slots=True)
class Constant(Term):
    """A fixed value; None is the unknown value of the kind `of`."""

    value: float | bool | str | None
    of: ValueKind = "number"

    @property
    def kind(self) -> ValueKind:
        return self.of


def number(value: float | None) -> Constant:
    """Return a number constant."""
    return Constant(None if value is None else float(value), "number")


def truth(value: bool | None) -> Constant:
    """Return a truth constant."""
    return Constant(value, "boolean")


def text(value: str | None) -> Constant:
    """Return a text constant."""
    return Constant(value, "text")


@dataclass(frozen=True, slots=True)
class Ref(Term):
    """The value of a column: `field:x`, `derived:x`, `total:x`, `score:a.b`, …"""

    name: str
    of: ValueKind = "number"

    @property
    def kind(self) -> ValueKind:
        return self.of


@dataclass(frozen=True, slots=True)
class Arithmetic(Term):
    """`left op right` for op in + - * / **, in double precision."""

    op: str
    left: Term
    right: Term

    def parts(self) -> tuple[Term, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Function(Term):
    """`min`, `max` of several numbers; `abs`, `sqrt`, `log`, `exp` of one. Unknown when an argument is."""

    name: str
    arguments: tuple[Term, ...]

    def parts(self) -> tuple[Term, ...]:
        return self.arguments


@dataclass(frozen=True, slots=True)
class Round(Term):
    """`of` rounded to `digits` decimals; first to 9 decimals half up, as everywhere."""

    of: Term
    digits: int = 0
    mode: RoundMode = "half_up"

    def parts(self) -> tuple[Term, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True)
class Compare(Term):
    """`left op right` for op in < <= > >= == !=; numbers are rounded to 9 decimals first."""

    op: str
    left: Term
    right: Term

    @property
    def kind(self) -> ValueKind:
        return "boolean"

    def parts(self) -> tuple[Term, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Member(Term):
    """Whether `of` is one of the texts or numbers `options`; unknown when `of` is."""

    of: Term
    options: tuple[str | float, ...]

    @property
    def kind(self) -> ValueKind:
        return "boolean"

    def parts(self) -> tuple[Term, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True)
class Every(Term):
    """All are true (Kleene `and`)."""

    terms: tuple[Term, ...]

    @property
    def kind(self) -> ValueKind:
        return "boolean"

    def parts(self) -> tuple[Term, ...]:
        return self.terms


@dataclass(frozen=True, slots=True)
class Any(Term):
    """At least one is true (Kleene `or`)."""

    terms: tuple[Term, ...]

    @property
    def kind(self) -> ValueKind:
        return "boolean"

    def parts(self) -> tuple[Term, ...]:
        return self.terms


@dataclass(frozen=True, slots=True)
class Not(Term):
    """The opposite truth."""

    of: Term

    @property
    def kind(self) -> ValueKind:
        return "boolean"

    def parts(self) -> tuple[Term, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True)
class Known(Term):
    """Whether `of` has a value; itself never unknown."""

    of: Term

    @property
    def kind(self) -> ValueKind:
        return "boolean"

    def parts(self) -> tuple[Term, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True)
class Case(Term):
    """The value of the first branch whose condition is true, else `otherwise`."""

    branches: tuple[tuple[Term, Term], ...]
    otherwise: Term

    @property
    def kind(self) -> ValueKind:
        return self.otherwise.kind

    def parts(self) -> tuple[Term, ...]:
        return (*(part for branch in self.branches for part in branch), self.otherwise)


@dataclass(frozen=True, slots=True)
class Notes(Term):
    """The texts whose condition is true, joined by `;`; unknown when none is."""

    notes: tuple[tuple[Term, str], ...]

    @property
    def kind(self) -> ValueKind:
        return "text"

    def parts(self) -> tuple[Term, ...]:
        return tuple(condition for condition, _ in self.notes)


@dataclass(frozen=True, slots=True)
class Aggregate(Term):
    """`min`, `max`, `sum` or `count` of a number over all rows of the table that have it.

    The same for every row. Where no row has a value `count` and `sum` are 0, the others unknown. The sum runs in any
    order, so what is summed must be whole numbers, less than 2**53 together (see `kit.scoring.statistics`).
    """

    name: Literal["min", "max", "sum", "count"]
    of: Term
    relative: ClassVar[bool] = True

    def parts(self) -> tuple[Term, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True)
class Rank(Term):
    """The place of the row's value among all rows that have one, from 1; values alike at 9 decimals share a place.

    `min` gives all of them the first of their places, `dense` leaves no place out after them. The lowest value comes
    first, the highest where `descending`. Unknown where the value is.
    """

    of: Term
    ties: Literal["min", "dense"] = "min"
    descending: bool = False
    relative: ClassVar[bool] = True

    def parts(self) -> tuple[Term, ...]:
        return (self.of,)


TRUE = truth(True)
FALSE = truth(False)
UNKNOWN = number(None)


def every(*terms: Term) -> Term:
    """Return the conjunction, without the constants that do not matter."""
    left = [term for term in terms if term != TRUE]
    if any(term == FALSE for term in left):
        return FALSE
    return TRUE if not left else left[0] if len(left) == 1 else Every(tuple(left))


def either(*terms: Term) -> Term:
    """Return the disjunction, without the constants that do not matter."""
    left = [term for term in terms if term != FALSE]
    if any(term == TRUE for term in left):
        return TRUE
    return FALSE if not left else left[0] if len(left) == 1 else Any(tuple(left))


def negate(term: Term) -> Term:
    """Return the opposite of `term`."""
    if isinstance(term, Constant) and isinstance(term.value, bool):
        return truth(not term.value)
    return term.of if isinstance(term, Not) else Not(term)


def when(condition: Term, value: Term, otherwise: Term) -> Term:
    """Return `value` where `condition` is true, else `otherwise`."""
    if condition == TRUE:
        return value
    if condition == FALSE:
        return otherwise
    return Case(((condition, value),), otherwise)


def walk(term: Term) -> Iterator[Term]:
    """Yield the term and everything inside it."""
    stack = [term]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(current.parts())


def references(term: Term) -> set[str]:
    """Return the names of all columns the term reads."""
    return {part.name for part in walk(term) if isinstance(part, Ref)}


def is_relative(term: Term) -> bool:
    """Return whether the value depends on other rows of the table."""
    return any(isinstance(part, Aggregate | Rank) for part in walk(term))


def rewrite(term: Term, change: Callable[[Term], Term]) -> Term:
    """Return the term with `change` applied to each of its parts and then to itself."""
    match term:
        case Arithmetic(op, left, right):
            term = Arithmetic(op, rewrite(left, change), rewrite(right, change))
        case Compare(op, left, right):
            term = Compare(op, rewrite(left, change), rewrite(right, change))
        case Function(name, arguments):
            term = Function(name, tuple(rewrite(part, change) for part in arguments))
        case Round(inner, digits, mode):
            term = Round(rewrite(inner, change), digits, mode)
        case Member(inner, options):
            term = Member(rewrite(inner, change), options)
        case Every(terms):
            term = Every(tuple(rewrite(part, change) for part in terms))
        case Any(terms):
            term = Any(tuple(rewrite(part, change) for part in terms))
        case Not(inner):
            term = Not(rewrite(inner, change))
        case Known(inner):
            term = Known(rewrite(inner, change))
        case Case(branches, otherwise):
            changed = tuple((rewrite(condition, change), rewrite(value, change)) for condition, value in branches)
            term = Case(changed, rewrite(otherwise, change))
        case Notes(notes):
            term = Notes(tuple((rewrite(condition, change), note) for condition, note in notes))
        case Aggregate(name, inner):
            term = Aggregate(name, rewrite(inner, change))
        case Rank(inner, ties, descending):
            term = Rank(rewrite(inner, change), ties, descending)
    return change(term)
