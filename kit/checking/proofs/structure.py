"""What follows from the build of a standard alone: that a level is known, and which way it moves with a field.

A sum of what rises rises, a geometric mean of nonnegative values rises with each, a band of rising scores rises with
its value. Nothing is computed, so logarithms, powers and means of any kind are no obstacle; where the build alone does
not tell, nothing is said. It answers what z3 cannot encode.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from kit.checking.bounds import Reach
from kit.standard import terms as t
from kit.standard.nodes.bands import Bands
from kit.standard.nodes.deduct import Deduct
from kit.standard.nodes.folds import Fold, Product
from kit.standard.nodes.map import Map
from kit.standard.nodes.means import GeneralisedMean, GeometricMean, HarmonicMean
from kit.standard.nodes.normalise import Normalise
from kit.standard.nodes.points import Points
from kit.standard.nodes.table import Table
from kit.standard.nodes.weighted_mean import WeightedMean
from kit.standard.standard import Standard
from kit.standard.tree import Node

Way = int | None  # 1 rises with the field, -1 falls, 0 does not read it, None: cannot be told
MOST_EXP = 700.0


def together(ways: Iterable[Way]) -> Way:
    """Return the way of what rises with each of its parts."""
    found = set(ways)
    if None in found:
        return None
    moved = found - {0}
    return moved.pop() if len(moved) == 1 else None if moved else 0


def turned(way: Way, sign: Way) -> Way:
    """Return the way of what has the sign `sign` in a part that goes `way`."""
    return None if way is None or (sign is None and way != 0) else way * (sign or 0)


def sign_of(values: Sequence[float]) -> Way:
    """Return whether values rise (1), fall (-1), stay (0) or turn (None)."""
    steps = {(later > earlier) - (later < earlier) for earlier, later in pairwise(values)}
    return together(steps)


class Structure:
    """The build of one standard, for whole-unit rows or for the rows of one checklist item."""

    def __init__(self, standard: Standard, item: str | None = None) -> None:
        self.standard = standard
        self.reach = Reach(standard)
        self.names = standard.names
        found = next((one for one in standard.checklist if one.id == item), None)
        self.item_fields = set(found.fields) if found is not None and found.fields else None
        self._ways: dict[tuple[str, str], Way] = {}
        self._applies: dict[str, bool | None] = {}
        self._values: dict[str, bool] = {}

    # -- whether a node concerns the row, and whether it has a value -----------------------------------------

    def applies(self, path: str) -> bool | None:
        """Return whether a node applies to every row (True), to none (False), or to some (None)."""
        if path not in self._applies:
            self._applies[path] = self._found_applies(path)
        return self._applies[path]

    def _found_applies(self, path: str) -> bool | None:
        node = self.standard.nodes[path]
        found: bool | None
        if node.kind.is_branch:
            below = {self.applies(f"{path}.{name}") for name in node.below()}
            found = True if True in below else None if None in below else False
        else:
            terms = [self.names.parse(source) for _, source, _ in node.kind.formulas()]
            reads_scores = any(name.startswith("score:") for term in terms for name in t.references(term))
            used = set().union(*(self.standard.names_of(term) for term in terms)) if terms else set()
            found = self.item_fields is None or reads_scores or bool(used & self.item_fields)
        if node.applies_when is not None and found is not False:
            truths = self.reach.truths(self.names.parse(node.applies_when, "boolean"))
            found = found if truths == {True} else False if truths == {False} else None
        return found

    def node_known(self, path: str) -> bool:
        """Return whether a node has a value on every complete row to which it applies."""
        node = self.standard.nodes[path]
        if node.applies_when is not None and not self.known(self.names.parse(node.applies_when, "boolean")):
            return False
        if self._has_value(path, node):
            return True
        return node.missing not in ("error", "skip")

    def _has_value(self, path: str, node: Node) -> bool:
        if path not in self._values:
            self._values[path] = self._found_value(path, node)
        return self._values[path]

    def _found_value(self, path: str, node: Node) -> bool:
        kind = node.kind
        if not kind.is_branch:
            return self._leaf_known(node)
        below = {name: self.applies(f"{path}.{name}") for name in node.below()}
        kept = [name for name, applies in below.items() if applies is not False]
        # Where the branch applies at least one of its nodes does, and each that does has a value.
        if not kept or not all(self.node_known(f"{path}.{name}") for name in kept):
            return False
        lowest = min(self.reach.node(f"{path}.{name}").low for name in kept)
        if isinstance(kind, GeometricMean | HarmonicMean | GeneralisedMean) and lowest < 0:
            return False
        sure = sum(applies is True for applies in below.values())
        return node.enough is None or node.enough.count is None or sure >= node.enough.count

    def _leaf_known(self, node: Node) -> bool:
        kind = node.kind
        if not all(self.known(self.names.parse(source)) for _, source, _ in kind.formulas()):
            return False
        if isinstance(kind, Map):
            return self.names.parse(kind.of).kind != "number"
        if isinstance(kind, Table):
            return kind.hit != "unique" and kind.otherwise != "none"
        if isinstance(kind, Normalise):
            reach = self.reach.number(self.names.parse(kind.of, "number"))
            return not kind.relative and (not kind.log or reach.low > 0)
        return isinstance(kind, Bands | Deduct) or kind.key == "formula"

    def known(self, term: t.Term) -> bool:
        """Return whether a term has a value on every complete row."""
        match term:
            case t.Constant(value=value):
                return value is not None
            case t.Ref(name=name):
                kind, _, rest = name.partition(":")
                if kind == "field":
                    return True
                if kind == "derived":
                    return self.known(self.standard.derived_terms[rest])
                return kind == "score" and self.applies(rest) is True and self.node_known(rest)
            case t.Arithmetic(op=op, left=left, right=right):
                return self.known(left) and self.known(right) and self._defined(op, left, right)
            case t.Function(name=name, arguments=arguments):
                if not all(self.known(part) for part in arguments):
                    return False
                inner = self.reach.number(arguments[0])
                limits = {"log": inner.low > 0, "sqrt": inner.low >= 0, "exp": inner.high <= MOST_EXP}
                return limits.get(name, True)
            case t.Notes() | t.Aggregate() | t.Rank():
                return False
        return all(self.known(part) for part in term.parts() if not _unknown(part))

    def _defined(self, op: str, left: t.Term, right: t.Term) -> bool:
        base, other = self.reach.number(left), self.reach.number(right)
        if op == "/":
            return other.low > 0 or other.high < 0
        if op != "**":
            return True
        power = right.value if isinstance(right, t.Constant) else None
        if not isinstance(power, float):
            return False
        if power == int(power):
            return power >= 0 or base.low > 0 or base.high < 0
        return base.low > 0 or (base.low >= 0 and power > 0)

    def level_known(self) -> bool:
        """Return whether every complete row has a level."""
        standard, level = self.standard, self.standard.document.level
        rules = [self.names.parse(override.when, "boolean") for override in standard.document.overrides]
        if level.only_when is not None:
            rules.append(self.names.parse(level.only_when.formula, "boolean"))
        if not all(self.known(rule) for rule in rules):
            return False
        if level.cuts is not None:
            return self.known(self.names.parse(level.cuts.of, "number"))
        if level.matrix is None or standard.matrix is None:
            return False
        for axis, values in ((level.matrix.likelihood, standard.matrix.likelihood),
                             (level.matrix.severity, standard.matrix.severity)):  # fmt: skip
            points = self.reach.node(axis).points
            if self.applies(axis) is not True or not self.node_known(axis):
                return False
            if points is None or not {round(point, 9) for point in points} <= {round(value, 9) for value in values}:
                return False
        return True

    # -- which way it moves ------------------------------------------------------------------------------------

    def way(self, term: t.Term, field: str) -> Way:
        """Return which way a number, or the truth of a condition, moves when the field rises."""
        match term:
            case t.Constant():
                return 0
            case t.Ref(name=name):
                kind, _, rest = name.partition(":")
                if kind == "field":
                    if rest != field:
                        return 0
                    return 1 if term.kind in ("number", "boolean") else None
                if kind == "derived":
                    return self.way(self.standard.derived_terms[rest], field)
                return self.node_way(rest, field) if kind == "score" else None
            case t.Arithmetic(op=op, left=left, right=right):
                return self._arithmetic(op, left, right, field)
            case t.Function(name=name, arguments=arguments):
                ways = [self.way(part, field) for part in arguments]
                if name == "abs":
                    inner = self.reach.number(arguments[0])
                    return turned(ways[0], 1 if inner.low >= 0 else -1 if inner.high <= 0 else None)
                return together(ways)
            case t.Round(of=inner):
                return self.way(inner, field)
            case t.Not(of=inner):
                return turned(self.way(inner, field), -1)
            case t.Every(terms=parts) | t.Any(terms=parts):
                return together(self.way(part, field) for part in parts)
            case t.Compare(op=op, left=left, right=right) if left.kind == "number" and op not in ("==", "!="):
                apart = together([self.way(left, field), turned(self.way(right, field), -1)])
                return apart if op in (">", ">=") else turned(apart, -1)
            case t.Case(branches=branches, otherwise=otherwise):
                if any(self.way(condition, field) != 0 for condition, _ in branches):
                    return None
                return together(self.way(value, field) for value in [*(value for _, value in branches), otherwise])
        return 0 if {self.way(part, field) for part in term.parts()} <= {0} else None

    def _arithmetic(self, op: str, left: t.Term, right: t.Term, field: str) -> Way:
        first, second = self.way(left, field), self.way(right, field)
        if op in "+-":
            return together([first, second if op == "+" else turned(second, -1)])
        a, b = self.reach.number(left), self.reach.number(right)
        if op == "**":
            power = right.value if isinstance(right, t.Constant) else None
            if not isinstance(power, float):
                return 0 if {first, second} <= {0} else None
            odd = power == int(power) and int(power) % 2 == 1 and power > 0
            return turned(first, (power > 0) - (power < 0) if a.low >= 0 or odd else None)
        signs = [1 if one.low >= 0 else -1 if one.high <= 0 else None for one in (a, b)]
        if op == "*":
            return together([turned(first, signs[1]), turned(second, signs[0])])
        # Across nought the quotient jumps; where 0 is only an end of the range the row has no value there.
        if second != 0 and b.low < 0 < b.high:
            return None
        return together([turned(first, signs[1]), turned(turned(second, -1), signs[0])])

    def node_way(self, path: str, field: str) -> Way:
        """Return which way the score of a node moves when the field rises."""
        key = (path, field)
        if key not in self._ways:
            self._ways[key] = None
            self._ways[key] = self._node_way(path, self.standard.nodes[path], field)
        return self._ways[key]

    def _node_way(self, path: str, node: Node, field: str) -> Way:
        if self.applies(path) is False:
            return 0
        kind = node.kind
        if node.applies_when is not None and self.way(self.names.parse(node.applies_when), field) != 0:
            return None  # also through other scores
        if node.missing != "error" and not self._has_value(path, node):
            return None  # what stands for an unknown value need not fit between its neighbours
        if not kind.is_branch:
            return self._leaf_way(node, field)
        ways = [self.node_way(f"{path}.{name}", field) for name in node.below()]
        if isinstance(kind, Product) and any(self.reach.node(f"{path}.{name}").low < 0 for name in node.below()):
            return 0 if set(ways) <= {0} else None
        means = Fold | WeightedMean | GeometricMean | HarmonicMean | GeneralisedMean | Points
        return together(ways) if isinstance(kind, means) or set(ways) <= {0} else None

    def _leaf_way(self, node: Node, field: str) -> Way:
        kind = node.kind
        ways = [self.way(self.names.parse(source), field) for _, source, _ in kind.formulas()]
        if set(ways) <= {0}:
            return 0
        if isinstance(kind, Bands):
            return turned(ways[0], sign_of(kind.scores))
        if isinstance(kind, Map):
            keys = sorted(key for key in kind.to if isinstance(key, bool | int | float))
            return turned(ways[0], sign_of([kind.to[key] for key in keys])) if len(keys) == len(kind.to) else None
        if isinstance(kind, Deduct):
            return turned(together(ways), -1)
        if isinstance(kind, Normalise):
            return turned(ways[0], _rises(kind))
        return ways[0] if kind.key == "formula" else None

    def level_way(self, field: str) -> Way:
        """Return which way the place of the level on its scale moves when the field rises."""
        standard, level = self.standard, self.standard.document.level
        place = {name: float(number) for number, name in enumerate(standard.scale.names)}
        found: Way
        if level.cuts is not None:
            way = self.way(self.names.parse(level.cuts.of, "number"), field)
            found = turned(way, sign_of([place[name] for name in level.cuts.levels]))
        elif level.matrix is not None and standard.matrix is not None:
            rows = [[place[name] for name in row] for row in standard.matrix.levels]
            down = together(sign_of(column) for column in zip(*rows, strict=True))
            across = together(sign_of(row) for row in rows)
            found = together(
                [
                    turned(self.node_way(level.matrix.likelihood, field), down),
                    turned(self.node_way(level.matrix.severity, field), across),
                ]
            )
        else:
            sources = level.table.inputs if level.table is not None else []
            found = 0 if {self.way(self.names.parse(source), field) for source in sources} <= {0} else None
        if level.only_when is not None and self.way(self.names.parse(level.only_when.formula), field) != 0:
            return None
        for override in standard.document.overrides:
            condition = self.way(self.names.parse(override.when, "boolean"), field)
            if override.set is not None:
                found = found if condition == 0 else None
            else:
                found = together([found, turned(condition, 1 if override.at_least else -1)])
        return found


def _rises(kind: Normalise) -> Way:
    if kind.relative:
        return None
    sign = 1 if kind.direction == "up" else -1
    if kind.distance_to_target is not None:
        sign = 1 if kind.distance_to_target.target > kind.distance_to_target.start else -1
    return -sign if kind.to is not None and kind.to[0] > kind.to[1] else sign


def _unknown(term: t.Term) -> bool:
    """Whether the term is the unknown value itself, which stands at the end of every `if … else`."""
    return isinstance(term, t.Constant) and term.value is None
