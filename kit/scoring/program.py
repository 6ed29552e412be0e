"""A standard as a straight programme: a list of columns, each a term over earlier ones.

The order of what happens to a row:

1. each field is read; a value outside its range, no whole number, or no category is an error of that field;
2. derived values and totals of child rows;
3. the tree, from the leaves up, with what applies and what is missing;
4. matrix or cuts, then the overrides in their order;
5. a row with an error, or whose level cannot be known, gets no level but the reasons.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import kit.scoring.nodes as node_modules
from kit.scoring.levels import after_overrides, base_level, level_notes
from kit.scoring.nodes.base import Part, applying_sum
from kit.standard.fields import FieldSpec
from kit.standard.standard import Standard
from kit.standard.terms import (
    FALSE,
    TRUE,
    UNKNOWN,
    Arithmetic,
    Case,
    Compare,
    Constant,
    Function,
    Known,
    Member,
    Not,
    Notes,
    Ref,
    Round,
    Term,
    ValueKind,
    either,
    every,
    negate,
    number,
    references,
    text,
    when,
)
from kit.standard.tree import MissingValue, Node

# A billion times this is still a double: comparisons count in units of the ninth decimal.
LARGEST = 1e290
ITEM = "raw:item"


def _lowerings() -> dict[str, ModuleType]:
    found = {}
    for info in pkgutil.iter_modules(node_modules.__path__):
        module = importlib.import_module(f"{node_modules.__name__}.{info.name}")
        for kind in getattr(module, "KINDS", ()):
            found[kind.key] = module
    return found


LOWERINGS = _lowerings()


@dataclass
class Program:
    """The columns to compute, in order, and which of them are results.

    Attributes
    ----------
    steps : column name and term; a term reads only earlier columns and the raw ones.
    outputs : result column to step column.
    applies : node path to the step that says whether it applies to the row.
    fields : the fields read, by raw column.
    items : whether rows are lines of a checklist (`checklist_item`).
    """

    steps: dict[str, Term] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    applies: dict[str, str] = field(default_factory=dict)
    fields: dict[str, FieldSpec] = field(default_factory=dict)
    items: bool = False

    def copy(self) -> Program:
        """Return a programme to which steps can be added without changing this one."""
        return Program(dict(self.steps), dict(self.outputs), dict(self.applies), dict(self.fields), self.items)

    def assign(self, column: str, term: Term) -> Ref:
        """Add a step and return a reference to it."""
        if column in self.steps:
            raise AssertionError(f"column {column} is computed twice")
        self.steps[column] = term
        return Ref(column, term.kind)


@dataclass(frozen=True)
class _NodeInfo:
    """What is known of a node once it is computed.

    Attributes
    ----------
    applies : whether the node concerns the row at all.
    counts : whether it takes part in its parent: it applies and is not skipped for want of data.
    needs : the fields it reads.
    blocking : whether it has no value when one of them is unknown.
    too_few : where `enough:` is not met.
    """

    applies: Term
    counts: Term
    needs: set[str]
    blocking: bool
    leaf: bool
    too_few: Term = FALSE


class _NodeBuild:
    """The view a kind has while its node is turned into terms."""

    def __init__(self, builder: _Builder, path: str, node: Node) -> None:
        self.builder = builder
        self.path = path
        self.node = node
        self.full = node.full
        # On a scale whose worst level is the last, high scores are bad; where it is the first, low ones are.
        self.high_is_worse = builder.standard.scale.worst == "last"

    def parse(self, source: str, expect: ValueKind | None = None) -> Term:
        return self.builder.standard.names.parse(source, expect)

    def categories(self, source: str) -> tuple[str, ...] | None:
        return self.builder.standard.names.categories(source)

    def parts(self) -> list[Part]:
        return [
            Part(name, child, Ref(f"score:{self.path}.{name}"), self.builder.info[f"{self.path}.{name}"].counts)
            for name, child in self.node.below().items()
        ]

    def output(self, suffix: str, term: Term) -> Ref:
        ref = self.builder.program.assign(f"score:{self.path}__{suffix}", term)
        self.builder.program.outputs[f"{self.path}__{suffix}"] = ref.name
        return ref


class _Builder:
    def __init__(self, standard: Standard, items: bool) -> None:
        self.standard = standard
        self.program = Program(items=items)
        self.info: dict[str, _NodeInfo] = {}
        self.errors: dict[str, dict[str, Term]] = {}

    def build(self) -> Program:
        self.read_fields()
        for name, term in self.standard.derived_terms.items():
            self.program.assign(f"derived:{name}", term)
        for path in self.build_order():
            self.build_node(path, self.standard.nodes[path])
        level = after_overrides(self.standard, self.program, base_level(self.standard, self.program))
        self.finish(level)
        return self.program

    # -- fields --------------------------------------------------------------------------------------

    def read_fields(self) -> None:
        for name, spec in self.standard.fields.items():
            raw = Ref(f"raw:{name}", self.standard.names.symbols[name].kind)
            faults = field_faults(raw, spec)
            self.errors[name] = {
                kind: self.program.assign(f"fault:{kind}:{name}", term) for kind, term in faults.items()
            }
            bad = either(*self.errors[name].values())
            self.program.assign(f"field:{name}", when(bad, Constant(None, raw.kind), raw))
            self.program.fields[name] = spec

    # -- the tree ------------------------------------------------------------------------------------

    def build_order(self) -> list[str]:
        """Return the nodes, children before parents, and a score before the formulas that name it."""
        document, names = self.standard.document, self.standard.names
        paths = list(self.standard.nodes)
        roots = list(document.scores)
        needs: dict[str, set[str]] = {root: set() for root in roots}
        for path in paths:
            node = self.standard.nodes[path]
            for source in [source for _, source, _ in node.kind.formulas()] + [node.applies_when or "True"]:
                needs[path.split(".")[0]] |= {
                    ref.removeprefix("score:") for ref in references(names.parse(source)) if ref.startswith("score:")
                }
        ordered: list[str] = []
        while len(ordered) < len(roots):
            ordered.append(next(root for root in roots if root not in ordered and needs[root] <= set(ordered)))
        return [path for root in ordered for path in paths if path.split(".")[0] == root]

    def item_applies(self, used: set[str]) -> Term:
        """Return whether the row's checklist item names one of `used`; without an item everything applies."""
        if not self.program.items:
            return TRUE
        items = self.standard.checklist
        matching = tuple(item.id for item in items if not item.fields or used & set(item.fields))
        if len(matching) == len(items):
            return TRUE
        item = Ref(ITEM, "text")
        inside: Term = Member(item, matching) if matching else FALSE
        return when(Known(item), inside, TRUE) if matching else negate(Known(item))

    def build_node(self, path: str, node: Node) -> None:
        names = self.standard.names
        build = _NodeBuild(self, path, node)
        module = LOWERINGS[node.kind.key]
        lower: Callable[[Any, Any], Term] = module.lower
        terms = [names.parse(source) for _, source, _ in node.kind.formulas()]
        needs = set().union(*(self.standard.fields_of(term) for term in terms)) if terms else set()
        leaf = not node.kind.is_branch
        applies: Term
        if leaf:
            reads_scores = any(ref.startswith("score:") for term in terms for ref in references(term))
            used = set().union(*(self.standard.names_of(term) for term in terms))
            applies = TRUE if reads_scores else self.item_applies(used)
        else:
            # A branch whose indicators all apply but are unknown and skipped has no value; it does not leave its parent
            # by itself (write missing: skip on the branch for that), or missing data would go unnoticed.
            applies = either(*(self.info[f"{path}.{name}"].applies for name in node.below()))
        value = lower(node.kind, build)
        too_few: Term = FALSE
        if node.enough is not None:
            plenty = self.enough(path, node)
            value, too_few = when(plenty, value, UNKNOWN), Not(plenty)
        elif any(child.missing == "skip" for child in node.below().values()):
            too_few = negate(either(*(part.applies for part in build.parts())))
        if node.applies_when is not None:
            condition = names.parse(node.applies_when, "boolean")
            needs |= self.standard.fields_of(condition)
            # Unknown whether it applies: it stays, without a value, so that the row is not scored by accident.
            applies = every(applies, Not(every(Known(condition), Not(condition))))
            value = when(condition, value, UNKNOWN)
        if node.missing not in ("error", "skip"):
            value = when(Known(value), value, number(self.substitute(node, module)))
        if node.round is not None:
            value = Round(value, node.round.digits, node.round.mode)
        always = applies == TRUE
        applies_step = self.program.assign(f"applies:{path}", applies)
        self.program.applies[path] = applies_step.name
        if not always:
            applies = applies_step
            value = when(applies, value, UNKNOWN)
        score = self.program.assign(f"score:{path}", value)
        self.program.outputs[path] = score.name
        counts = every(applies, Known(score)) if node.missing == "skip" else applies
        if too_few != FALSE:
            too_few = self.program.assign(f"few:{path}", every(applies, too_few))
        self.info[path] = _NodeInfo(applies, counts, needs, node.missing == "error", leaf, too_few)

    def enough(self, path: str, node: Node) -> Term:
        """Return whether as many nodes below are known as `enough:` asks for; never unknown."""
        assert node.enough is not None
        below = [(f"{path}.{name}", child) for name, child in node.below().items()]
        ones: dict[str, Term] = {name: number(1) for name, _ in below}

        def count(condition: Callable[[str], Term]) -> Term:
            return applying_sum([Part(name, child, ones[name], condition(name)) for name, child in below], ones)

        known = count(lambda name: every(self.info[name].applies, Known(Ref(f"score:{name}"))))
        if node.enough.count is not None:
            return Compare(">=", known, number(node.enough.count))
        applying = count(lambda name: self.info[name].applies)
        return Compare(">=", known, Arithmetic("*", number(node.enough.share), applying))

    def substitute(self, node: Node, module: ModuleType) -> float:
        """Return what an unknown value counts as under `worst`, `best` or `{value: x}`."""
        policy = node.missing
        if isinstance(policy, MissingValue):
            return policy.value
        low, high = module.extremes(node.kind)
        if node.full is not None:
            high = min(high, node.full)
        # On a scale whose worst level is the last, high scores are bad; where it is the first, low ones are.
        return high if (policy == "worst") == (self.standard.scale.worst == "last") else low

    # -- reasons -------------------------------------------------------------------------------------

    def relevant(self, name: str, *, blocking: bool) -> Term:
        """Return where the field `name` matters for the row; with `blocking`, where its absence is what hinders."""
        standard = self.standard
        level = standard.document.level
        rules: list[tuple[str, Term]] = [
            (override.when, Ref(f"fires:{override.id}", "boolean")) for override in standard.document.overrides
        ]
        if level.only_when is not None:
            rules.append((level.only_when.formula, Ref("level:base")))
        if level.cuts is not None:
            rules.append((level.cuts.of, Ref("level:base")))
        if level.table is not None:
            rules += [(source, Ref("level:base")) for source in level.table.inputs]
        found: list[Term] = []
        for source, outcome in rules:
            if name in standard.fields_of(standard.names.parse(source)):
                found.append(Not(Known(outcome)) if blocking else TRUE)
        for info in self.info.values():
            if name in info.needs and (info.blocking or not blocking):
                found.append(info.applies)
        return either(*found)

    def finish(self, level: Term) -> None:
        program, standard = self.program, self.standard
        notes: list[tuple[Term, str]] = []
        for name, faults in self.errors.items():
            relevant = self.relevant(name, blocking=False)
            notes += [(every(fault, relevant), f"{kind}:{name}") for kind, fault in faults.items()]
        if program.items and standard.checklist:
            item = Ref(ITEM, "text")
            listed = Member(item, tuple(entry.id for entry in standard.checklist))
            notes.append((every(Known(item), Not(listed)), "unknown_item:checklist_item"))
        for child in standard.document.children:
            notes.append((Ref(f"child_fault:{child}", "boolean"), f"child_fault:{child}"))
            notes.append((Ref(f"child_none:{child}", "boolean"), f"child_none:{child}"))
        fault = program.assign("row:fault", either(*(condition for condition, _ in notes)) if notes else FALSE)
        final = program.assign("level:final", when(fault, UNKNOWN, level))
        for name, faults in self.errors.items():
            absent = Not(Known(Ref(f"field:{name}", standard.names.symbols[name].kind)))
            clean = negate(either(*faults.values()))
            notes.append((every(absent, clean, self.relevant(name, blocking=True)), f"missing:{name}"))
        for child, declared in standard.document.children.items():
            faulty = either(Ref(f"child_fault:{child}", "boolean"), Ref(f"child_none:{child}", "boolean"))
            for total in declared.totals:
                notes.append((every(Not(Known(Ref(f"total:{total}"))), negate(faulty)), f"not_computable:{total}"))
        for path, info in self.info.items():
            notes += self.computing_notes(path, info)
        notes += level_notes(self.standard)
        order = standard.scale.names
        named = Case(
            tuple((Compare("==", final, number(rank)), text(name)) for rank, name in enumerate(order)), text(None)
        )
        known = Known(final)
        program.assign("out:level", named)
        base = Ref("level:base")
        program.assign(
            "out:level_before_overrides",
            Case(
                tuple(
                    (every(Compare("==", base, number(rank)), Not(fault)), text(name))
                    for rank, name in enumerate(order)
                ),
                text(None),
            ),
        )
        program.assign("out:override", when(known, Ref("override:deciding", "text"), text(None)))
        program.assign("out:overrides_fired", Ref("override:fired", "text"))
        program.assign("row:reason", Notes(tuple(notes)) if notes else text(None))
        program.assign(
            "out:reason",
            Case(
                ((known, text(None)), (Known(Ref("row:reason", "text")), Ref("row:reason", "text"))),
                # Without levels a row has a reason only where a score is missing.
                text(None if standard.document.level.scores_only else "undecided:level"),
            ),
        )
        for name in ("level_before_overrides", "override", "overrides_fired", "level", "reason"):
            program.outputs[name] = f"out:{name}"

    def computing_notes(self, path: str, info: _NodeInfo) -> list[tuple[Term, str]]:
        """Return why a node has no value although its inputs are there."""
        value = Ref(f"score:{path}")
        if not info.leaf:
            few = [(info.too_few, f"too_few:{path}")] if info.too_few != FALSE else []
            if "." in path or info.applies == TRUE:
                return few
            return [*few, (negate(info.applies), f"no_indicator:{path}")]
        if not info.blocking:
            return []
        inputs = [Known(Ref(f"field:{name}", self.standard.names.symbols[name].kind)) for name in sorted(info.needs)]
        return [(every(info.applies, Not(Known(value)), *inputs), f"not_computable:{path}")] if inputs else []


def field_faults(raw: Ref, spec: FieldSpec) -> dict[str, Term]:
    """Return what can be wrong with a value that is there, by kind: each a condition over the raw column."""
    faults: dict[str, Term] = {}
    if spec.numeric:
        faults["not_finite"] = Compare(">", Function("abs", (raw,)), number(LARGEST))
        if spec.type == "integer":
            faults["not_integer"] = Compare("!=", raw, Round(raw, 0, "floor"))
        if spec.range is not None:
            low, high = spec.range
            faults["out_of_range"] = either(Compare("<", raw, number(low)), Compare(">", raw, number(high)))
    elif spec.type == "boolean":
        faults["not_allowed"] = Ref(f"odd:{raw.name.removeprefix('raw:')}", "boolean")
    elif spec.values is not None:
        faults["not_allowed"] = Not(Member(raw, tuple(spec.values)))
    # A fault is never unknown: an unknown value is missing, not faulty.
    return {
        kind: every(Known(raw) if kind != "not_allowed" or spec.values else TRUE, term) for kind, term in faults.items()
    }


def build_program(standard: Standard, *, items: bool) -> Program:
    """Return the standard as a programme; `items` when rows carry a checklist item.

    A standard's programmes are built once and kept with it: proofs and worked examples ask for them over and over.
    """
    kept: dict[bool, Program] = vars(standard).setdefault("_programs", {})
    if items not in kept:
        kept[items] = _Builder(standard, items).build()
    return kept[items].copy()
