"""What a term or node can be at most: cheap bounds that never leave a possible value out.

They are good enough to call a band dead or a condition constant; whether something can really happen is a matter for
the proofs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise, product

from kit.standard.nodes.bands import Bands
from kit.standard.nodes.deduct import Deduct
from kit.standard.nodes.folds import Max, Min
from kit.standard.nodes.map import Map
from kit.standard.nodes.means import GeneralisedMean, GeometricMean, HarmonicMean
from kit.standard.nodes.normalise import Normalise
from kit.standard.nodes.points import Points
from kit.standard.nodes.table import Table
from kit.standard.nodes.weighted_mean import WeightedMean
from kit.standard.standard import Standard
from kit.standard.terms import (
    Any,
    Arithmetic,
    Case,
    Compare,
    Constant,
    Every,
    Function,
    Member,
    Not,
    Ref,
    Round,
    Term,
)
from kit.standard.tree import Node

BOTH = frozenset({True, False})


@dataclass(frozen=True)
class Bounds:
    """Lowest and highest possible number, both included; `points` are the only ones where these are few."""

    low: float = -math.inf
    high: float = math.inf
    points: frozenset[float] | None = None

    def may_be(self, value: float) -> bool:
        """Return whether `value` is not ruled out."""
        return value in self.points if self.points is not None else self.low <= value <= self.high


ANYTHING = Bounds()


def _of_points(points: Iterable[float]) -> Bounds:
    found = frozenset(points)
    return Bounds(min(found), max(found), found) if found else ANYTHING


def _hull(parts: Iterable[Bounds]) -> Bounds:
    found = list(parts)
    if not found:
        return ANYTHING
    points = None
    if all(part.points is not None for part in found):
        points = frozenset().union(*(part.points or () for part in found))
    return Bounds(min(part.low for part in found), max(part.high for part in found), points)


class Reach:
    """Bounds over the declared ranges of one standard."""

    def __init__(self, standard: Standard) -> None:
        self.standard = standard
        self._nodes: dict[str, Bounds] = {}

    # -- numbers -------------------------------------------------------------------------------------

    def number(self, term: Term) -> Bounds:
        """Return bounds of a number term, over rows without errors."""
        match term:
            case Constant(value=float() as value):
                return _of_points([value])
            case Ref(name=name):
                return self._reference(name)
            case Arithmetic(op, left, right):
                return _arithmetic(op, self.number(left), self.number(right), right)
            case Function(name, arguments):
                return _function(name, [self.number(argument) for argument in arguments])
            case Round(inner, digits, mode):
                return _rounded(self.number(inner), digits, mode)
            case Case(branches, otherwise):
                values = [value for _, value in branches] + [otherwise]
                known = [value for value in values if not (isinstance(value, Constant) and value.value is None)]
                return _hull(self.number(value) for value in known)
        return ANYTHING

    def _reference(self, name: str) -> Bounds:
        kind, _, rest = name.partition(":")
        standard = self.standard
        if kind == "field":
            spec = standard.fields[rest]
            return Bounds(*spec.range) if spec.range else ANYTHING
        if kind == "derived":
            return self.number(standard.derived_terms[rest])
        if kind == "score" and rest in standard.nodes:
            return self.node(rest)
        return ANYTHING

    def node(self, path: str) -> Bounds:
        """Return bounds of a node's score where it has one."""
        if path not in self._nodes:
            self._nodes[path] = ANYTHING  # should a formula lead back here
            node = self.standard.nodes[path]
            found = self._node(path, node)
            if not isinstance(node.missing, str):
                found = _hull([found, _of_points([node.missing.value])])
            if node.round is not None:
                found = _rounded(found, node.round.digits, node.round.mode)
            self._nodes[path] = found
        return self._nodes[path]

    def _node(self, path: str, node: Node) -> Bounds:
        kind = node.kind
        if isinstance(kind, Bands):
            term = self.standard.names.parse(kind.of, "number")
            dead = {position for position, _ in dead_bands(kind.at, self.number(term), self.whole(term))}
            # A cut between which nothing falls still may give its score where a value is declared to be missing.
            keep = node.missing in ("error", "skip")
            return _of_points(s for position, s in enumerate(kind.scores) if position not in dead or not keep)
        if isinstance(kind, Map):
            return _of_points(kind.to.values())
        if isinstance(kind, Table):
            others = [] if kind.otherwise == "none" else [float(kind.otherwise)]
            return _of_points([*(row.score for row in kind.rows), *others])
        below = [self.node(f"{path}.{name}") for name in node.below()]
        if kind.key == "formula":
            return self.number(self.standard.names.parse(next(iter(kind.formulas()))[1], "number"))
        if isinstance(kind, Max | Min) and below:
            found = _hull(below)
            if all(not self._may_leave(child) for child in node.below().values()) and found.points is not None:
                limit = max(part.low for part in below) if isinstance(kind, Max) else min(part.high for part in below)
                kept = {p for p in found.points if (p >= limit if isinstance(kind, Max) else p <= limit)}
                return _of_points(kept)
            return found
        if isinstance(kind, Deduct) and node.full is not None:
            return Bounds(0.0, node.full)
        if isinstance(kind, Points) and below:
            return self._points(path, node, below)
        if isinstance(kind, WeightedMean) and below:
            found = _hull(below)
            return Bounds(found.low, found.high, found.points if found.low == found.high else None)
        if isinstance(kind, GeometricMean | HarmonicMean | GeneralisedMean) and below:
            # No mean where a value is below 0; rounding to 9 decimals may lie that much beyond the values.
            found = _hull(below)
            return Bounds(max(found.low - 1e-9, 0.0), max(found.high + 1e-9, 0.0))
        if isinstance(kind, Normalise):
            return self._normalised(kind)
        return ANYTHING

    def _normalised(self, kind: Normalise) -> Bounds:
        if kind.limits is not None:
            return Bounds(*kind.limits)
        ends = kind.min_max.goalposts if kind.min_max is not None else None
        if ends is None or kind.log:
            return ANYTHING
        reach = self.number(self.standard.names.parse(kind.of, "number"))
        zero, one = kind.to or (0.0, 1.0)
        low, high = ends[::-1] if kind.direction == "down" else ends
        scores = [zero + (one - zero) * (value - low) / (high - low) for value in (reach.low, reach.high)]
        return Bounds(min(scores) - 1e-9, max(scores) + 1e-9)

    def _points(self, path: str, node: Node, below: list[Bounds]) -> Bounds:
        """Return the points an item group can get: any item may not apply, and none gets more than its full points."""
        scale = node.kind.scale_to if isinstance(node.kind, Points) else None
        if scale is not None and all(
            self._within_full(f"{path}.{name}", child) for name, child in node.below().items()
        ):
            return Bounds(0.0, scale)
        least, most = (sum(min(part.low, 0.0) for part in below), sum(max(part.high, 0.0) for part in below))
        return ANYTHING if scale is not None else Bounds(least, most)

    def _within_full(self, path: str, node: Node) -> bool:
        if isinstance(node.kind, Points):
            return all(self._within_full(f"{path}.{name}", child) for name, child in node.below().items())
        reach = self.node(path)
        return node.full is not None and reach.low >= 0 and reach.high <= node.full

    def _may_leave(self, node: Node) -> bool:
        """Return whether a node may not apply: by its own condition, or because a checklist item does not name it."""
        return bool(self.standard.checklist) or node.applies_when is not None or node.missing == "skip"

    def whole(self, term: Term) -> bool:
        """Return whether the term is a whole number by declaration."""
        if isinstance(term, Ref) and term.name.startswith("field:"):
            return self.standard.fields[term.name.removeprefix("field:")].type == "integer"
        return False

    # -- truths --------------------------------------------------------------------------------------

    def truths(self, term: Term) -> frozenset[bool]:
        """Return what a condition can be on rows where everything it reads is known."""
        match term:
            case Constant(value=bool() as value):
                return frozenset({value})
            case Not(inner):
                return frozenset(not value for value in self.truths(inner))
            case Every(terms):
                return frozenset(all(values) for values in product(*(self.truths(part) for part in terms)))
            case Any(terms):
                return frozenset(any(values) for values in product(*(self.truths(part) for part in terms)))
            case Compare(op, left, right) if left.kind == "number":
                return _compared(op, self.number(left), self.number(right))
            case Member(Ref(name=name), options) if name.startswith("field:"):
                values = self.standard.fields[name.removeprefix("field:")].values
                if values:
                    return frozenset(value in options for value in values)
        return BOTH


def dead_bands(cuts: list[float], of: Bounds, whole: bool) -> list[tuple[int, tuple[float, float]]]:
    """Return the bands no value falls into: position and the band's ends.

    Examples
    --------
    >>> dead_bands([0, 5, 20], Bounds(0, 10), False)
    [(0, (-inf, 0)), (3, (20, inf))]
    """
    ends = [-math.inf, *cuts, math.inf]
    dead = []
    for position, (low, high) in enumerate(pairwise(ends)):
        least = max(low, of.low)
        if whole and math.isfinite(least):
            least = math.ceil(least)
        if least >= high or least > of.high:
            dead.append((position, (low, high)))
    return dead


def _times(left: float, right: float) -> float:
    return 0.0 if 0 in (left, right) else left * right


def _arithmetic(op: str, left: Bounds, right: Bounds, exponent: Term) -> Bounds:
    if op == "+":
        return Bounds(left.low + right.low, left.high + right.high)
    if op == "-":
        return Bounds(left.low - right.high, left.high - right.low)
    if op == "*":
        return _ends(_times(a, b) for a in (left.low, left.high) for b in (right.low, right.high))
    if op == "/":
        if right.low <= 0 <= right.high:
            if right.low == 0 and left.low >= 0 and right.high > 0:
                return Bounds(left.low / right.high, math.inf)
            return ANYTHING
        return _ends(a / b if math.isfinite(b) else 0.0 for a in (left.low, left.high) for b in (right.low, right.high))
    power = exponent.value if isinstance(exponent, Constant) else None
    if isinstance(power, float) and power > 0 and left.low >= 0:
        try:
            return Bounds(left.low**power, left.high**power)
        except OverflowError:
            return Bounds(0.0, math.inf)
    return ANYTHING


def _ends(values: Iterable[float]) -> Bounds:
    found = list(values)
    return ANYTHING if any(math.isnan(value) for value in found) else Bounds(min(found), max(found))


def _function(name: str, parts: list[Bounds]) -> Bounds:
    if name == "min":
        return Bounds(min(part.low for part in parts), min(part.high for part in parts))
    if name == "max":
        return Bounds(max(part.low for part in parts), max(part.high for part in parts))
    inner = parts[0]
    if name == "abs":
        least = 0.0 if inner.low <= 0 <= inner.high else min(abs(inner.low), abs(inner.high))
        return Bounds(least, max(abs(inner.low), abs(inner.high)))
    if name == "sqrt" and inner.high >= 0:
        return Bounds(math.sqrt(max(inner.low, 0.0)), math.sqrt(inner.high))
    if name == "exp":
        return Bounds(0.0, math.exp(inner.high) * (1 + 1e-12) if inner.high < 700 else math.inf)
    if name == "log" and inner.low > 0:
        return Bounds(
            math.log(inner.low) - 1e-9, math.log(inner.high) + 1e-9 if math.isfinite(inner.high) else math.inf
        )
    return ANYTHING


def _rounded(of: Bounds, digits: int, mode: str) -> Bounds:
    step = 10.0**-digits
    if not (math.isfinite(of.low) and math.isfinite(of.high)):
        return Bounds(of.low - step, of.high + step)
    unit = 10**digits

    def one(value: float) -> float:
        scaled = round(value * unit, 9)
        if mode == "floor":
            return math.floor(scaled) / unit
        if mode == "ceil":
            return math.ceil(scaled) / unit
        return (round(scaled) if mode == "half_even" else math.floor(scaled + 0.5)) / unit

    if of.points is not None:
        return _of_points(one(point) for point in of.points)
    low, high = one(of.low), one(of.high)
    count = round((high - low) * unit)
    if count > 1000:
        return Bounds(low, high)
    return _of_points(round(low * unit + position) / unit for position in range(count + 1))


def _compared(op: str, left: Bounds, right: Bounds) -> frozenset[bool]:
    if op in ("<", ">="):
        always, never = left.high < right.low, left.low >= right.high
    elif op in (">", "<="):
        always, never = left.low > right.high, left.high <= right.low
    else:
        same = left.low == left.high == right.low == right.high
        apart = left.high < right.low or left.low > right.high
        always, never = same, apart
    if op in (">=", "<=", "!="):
        always, never = never, always
    return frozenset({True}) if always else frozenset({False}) if never else BOTH


__all__ = ["ANYTHING", "Bounds", "Reach", "dead_bands"]
