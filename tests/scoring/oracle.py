"""A slow, plain-Python reading of a standard, row by row, written apart from the kit's own terms.

It follows architecture.md ("Declared arithmetic") and the docstring of `kit.scoring.score`: nothing here imports the
programme or the engine, so that a mistake there shows as a difference.
"""

from __future__ import annotations

import ast
import math
from typing import Any


class Unscored(Exception):
    """The row has no level."""


def r9(value: float) -> float:
    """Nine decimals, half up."""
    return math.floor(value * 1e9 + 0.5) / 1e9 if abs(value) < 4e6 else value


def rounded(value: float, digits: int, mode: str) -> float:
    scaled = r9(value) if digits == 0 else r9(r9(value) * 10.0**digits)
    if mode == "half_up":
        whole = math.floor(scaled + 0.5)
    elif mode == "floor":
        whole = math.floor(scaled)
    elif mode == "ceil":
        whole = math.ceil(scaled)
    else:
        low = math.floor(scaled)
        rest = scaled - low
        whole = low + 1 if rest > 0.5 or (rest == 0.5 and low % 2 == 1) else low
    return whole / 10.0**digits


def finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


class Oracle:
    """Evaluates one row of a standard."""

    def __init__(self, standard: Any, row: dict[str, Any]) -> None:
        self.standard = standard
        self.document = standard.document
        self.values: dict[str, Any] = {}
        self.faults: dict[str, list[str]] = {}
        self.scores: dict[str, float | None] = {}
        self.applied: dict[str, bool] = {}
        self.item = row.get("checklist_item")
        for name, spec in self.document.fields.items():
            self.read(name, spec, row.get(name))

    # -- values --------------------------------------------------------------------------------------

    def read(self, name: str, spec: Any, value: Any) -> None:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            self.values[name] = None
            self.faults[name] = []
            return
        faults = []
        if spec.type in ("number", "integer"):
            if abs(value) > 1e290:
                faults.append("not_finite")
            if spec.type == "integer" and not math.isinf(value) and r9(value) != r9(rounded(value, 0, "floor")):
                faults.append("not_integer")
            if spec.range is not None and not (r9_inf(spec.range[0]) <= r9_inf(value) <= r9_inf(spec.range[1])):
                faults.append("out_of_range")
        elif spec.values is not None and value not in spec.values:
            faults.append("not_allowed")
        self.faults[name] = faults
        self.values[name] = None if faults else value

    def lookup(self, name: str) -> Any:
        if name in self.document.fields:
            return self.values[name]
        if name in self.document.derived:
            return finite_any(self.formula(self.document.derived[name].formula))
        return self.score(name)

    def formula(self, source: str) -> Any:
        return self.evaluate(ast.parse(source.strip(), mode="eval").body)

    def evaluate(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            return float(node.value) if isinstance(node.value, int) and not isinstance(node.value, bool) else node.value
        if isinstance(node, ast.Name):
            return self.lookup(node.id)
        if isinstance(node, ast.BoolOp):
            parts = [self.evaluate(part) for part in node.values]
            if isinstance(node.op, ast.And):
                return False if False in parts else None if None in parts else True
            return True if True in parts else None if None in parts else False
        if isinstance(node, ast.UnaryOp):
            value = self.evaluate(node.operand)
            if value is None:
                return None
            return (not value) if isinstance(node.op, ast.Not) else -value
        if isinstance(node, ast.Compare):
            left = self.evaluate(node.left)
            answers = []
            for op, right_node in zip(node.ops, node.comparators, strict=True):
                if isinstance(op, ast.In):
                    options = [self.evaluate(item) for item in right_node.elts]  # type: ignore[attr-defined]
                    answers.append(None if left is None else left in options)
                    continue
                right = self.evaluate(right_node)
                answers.append(compare(op, left, right))
                left = right
            return False if False in answers else None if None in answers else True
        if isinstance(node, ast.BinOp):
            left, right = self.evaluate(node.left), self.evaluate(node.right)
            if left is None or right is None:
                return None
            if isinstance(node.op, ast.Div):
                return left / right if right != 0 else None
            return {ast.Add: left + right, ast.Sub: left - right, ast.Mult: left * right}[type(node.op)]
        raise AssertionError(ast.dump(node))

    def reads(self, source: str) -> tuple[set[str], set[str]]:
        """Return the fields read through derived values, and those plus the derived names."""
        fields: set[str] = set()
        names: set[str] = set()
        for part in ast.walk(ast.parse(source.strip(), mode="eval")):
            if isinstance(part, ast.Name):
                if part.id in self.document.fields:
                    fields.add(part.id)
                elif part.id in self.document.derived:
                    names.add(part.id)
                    more, deeper = self.reads(self.document.derived[part.id].formula)
                    fields |= more
                    names |= deeper
        return fields, names | fields

    # -- the tree ------------------------------------------------------------------------------------

    def score(self, path: str) -> float | None:
        if path not in self.scores:
            self.scores[path] = self.compute(path, self.standard.nodes[path])
        return self.scores[path]

    def sources(self, node: Any) -> list[str]:
        return [source for _, source, _ in node.kind.formulas()]

    def applies(self, path: str) -> bool:
        """Whether the node concerns the row, whatever is known of it."""
        if path in self.applied:
            return self.applied[path]
        node = self.standard.nodes[path]
        if node.kind.is_branch:
            answer = any(self.applies(f"{path}.{name}") for name in node.below())
        else:
            answer = True
            items = {item.id: item for item in self.standard.checklist}
            used = set().union(*(self.reads(source)[1] for source in self.sources(node)))
            if self.item is not None and items:
                # An indicator that concerns every item concerns an unknown one too (the row gets no level anyway).
                named = [items[self.item]] if self.item in items else list(items.values())
                answer = all(not item.fields or used & set(item.fields) for item in named)
        if answer and node.applies_when is not None and self.formula(node.applies_when) is False:
            answer = False
        self.applied[path] = answer
        return answer

    def counts(self, path: str) -> bool:
        return self.applies(path) and not (self.standard.nodes[path].missing == "skip" and self.score(path) is None)

    def compute(self, path: str, node: Any) -> float | None:
        if not self.applies(path):
            return None
        unknown = node.applies_when is not None and self.formula(node.applies_when) is None
        if unknown or (node.enough is not None and not self.enough(path, node)):
            value = None
        else:
            value = finite(self.kind_value(path, node))
        if value is None and node.missing not in ("error", "skip"):
            value = self.substitute(node)
        if value is not None and node.round is not None:
            value = rounded(value, node.round.digits, node.round.mode)
        return value

    def enough(self, path: str, node: Any) -> bool:
        below = [f"{path}.{name}" for name in node.below()]
        known = sum(self.applies(child) and self.score(child) is not None for child in below)
        if node.enough.count is not None:
            return known >= node.enough.count
        return r9(known) >= r9(node.enough.share * sum(self.applies(child) for child in below))

    def substitute(self, node: Any) -> float:
        if not isinstance(node.missing, str):
            return node.missing.value
        scores = node.kind.scores if node.kind.key == "bands" else list(node.kind.to.values())
        bad = max if self.standard.scale.worst == "last" else min
        good = min if self.standard.scale.worst == "last" else max
        return bad(scores) if node.missing == "worst" else good(scores)

    def kind_value(self, path: str, node: Any) -> float | None:
        kind = node.kind
        if kind.key == "bands":
            value = finite_any(self.formula(kind.of))
            if value is None:
                return None
            return kind.scores[sum(r9(value) >= r9(cut) for cut in kind.at)]
        if kind.key == "map":
            value = self.formula(kind.of)
            return None if value is None else kind.to.get(value)
        if kind.key == "formula":
            return self.formula(kind.root)
        names = [name for name in node.below() if self.counts(f"{path}.{name}")]
        values = [self.score(f"{path}.{name}") for name in names]
        if not names or None in values:
            return None
        known = [value for value in values if value is not None]
        if kind.key == "weighted_mean":
            top = bottom = 0.0
            for name, value in zip(names, known, strict=True):
                weight = node.below()[name].weight
                top += weight * value
                bottom += weight
            return top / bottom
        if kind.key == "product":
            return math.prod(known)
        return {"max": max, "min": min, "sum": sum}[kind.key](known)

    # -- the level -----------------------------------------------------------------------------------

    def relevant(self, name: str) -> bool:
        level = self.document.level
        always = [override.when for override in self.document.overrides]
        always += [level.only_when.formula] if level.only_when else []
        always += [level.cuts.of] if level.cuts else []
        if any(name in self.reads(source)[0] for source in always):
            return True
        for path, node in self.standard.nodes.items():
            sources = self.sources(node) + ([node.applies_when] if node.applies_when else [])
            if any(name in self.reads(source)[0] for source in sources) and self.applies(path):
                return True
        return False

    def level(self) -> tuple[str | None, str | None, set[str]]:
        """Return the level, the override that decided, and the data errors."""
        order = self.standard.scale.names
        errors = {f"{kind}:{name}" for name, kinds in self.faults.items() if self.relevant(name) for kind in kinds}
        listed = {item.id for item in self.standard.checklist}
        if self.item is not None and listed and self.item not in listed:
            errors.add("unknown_item:checklist_item")
        level = self.base(order)
        decided = None
        for override in self.document.overrides:
            before = level
            target = order.index(override.target)
            fires = self.formula(override.when)
            worst_last = self.standard.scale.worst == "last"
            raises = override.set is not None or (override.at_least is not None) == worst_last
            conclusive = raises and override.target == self.standard.scale.worst_level
            if fires is True:
                if conclusive:
                    level = target
                elif level is not None:
                    level = (
                        max(level, target) if override.at_least else min(level, target) if override.at_most else target
                    )
            elif fires is None and level is not None:
                reached = (
                    level >= target if override.at_least else level <= target if override.at_most else level == target
                )
                level = level if reached else None
            if fires is True and level is not None and level != before:
                decided = override.id
        if errors or level is None:
            return None, None, errors
        return order[level], decided, errors

    def base(self, order: list[str]) -> int | None:
        wanted = self.document.level
        if wanted.only_when:
            condition = self.formula(wanted.only_when.formula)
            if condition is not True:
                return order.index(wanted.only_when.otherwise) if condition is False else None
        if wanted.matrix:
            matrix = self.standard.matrix
            likelihood, severity = self.score(wanted.matrix.likelihood), self.score(wanted.matrix.severity)
            if likelihood is None or severity is None:
                return None
            rows = [r9(entry) == r9(likelihood) for entry in matrix.likelihood]
            columns = [r9(entry) == r9(severity) for entry in matrix.severity]
            if not any(rows) or not any(columns):
                return None
            return order.index(matrix.levels[rows.index(True)][columns.index(True)])
        value = finite_any(self.formula(wanted.cuts.of))
        if value is None:
            return None
        return order.index(wanted.cuts.levels[sum(r9(value) >= r9(cut) for cut in wanted.cuts.at)])


def r9_inf(value: float) -> float:
    return value if math.isinf(value) else r9(value)


def finite_any(value: Any) -> Any:
    return finite(value) if isinstance(value, float) else value


def compare(op: ast.cmpop, left: Any, right: Any) -> bool | None:
    left, right = finite_any(left), finite_any(right)
    if left is None or right is None:
        return None
    if isinstance(left, float) and isinstance(right, float):
        left, right = r9(left), r9(right)
    return {
        ast.Lt: lambda: left < right,
        ast.LtE: lambda: left <= right,
        ast.Gt: lambda: left > right,
        ast.GtE: lambda: left >= right,
        ast.Eq: lambda: left == right,
        ast.NotEq: lambda: left != right,
    }[type(op)]()
