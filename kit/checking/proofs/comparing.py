"""Two standards, or two versions of one: where they differ, and the proof that one is never milder."""

from __future__ import annotations

import math
import time
from typing import Any

import z3

from kit.checking.proofs.algebra import NotEncodable, Truth, any_of, as_z3, both
from kit.checking.proofs.encoding import Encoding
from kit.checking.proofs.outcomes import (
    Comparison,
    CounterExample,
    Outcome,
    Proof,
    Property,
    Proved,
    Row,
    Undecided,
    shown,
)
from kit.checking.proofs.proving import NOT_CONFIRMED, assumptions, levels_of
from kit.checking.proofs.solving import Asker
from kit.checking.proofs.witness import records, scored, split
from kit.errors import KitError
from kit.standard import terms as t
from kit.standard.standard import Standard


def compare(standard: Standard, other: Standard, *, timeout_s: float = 10.0) -> Comparison:
    """Return where two standards give different levels.

    Parameters
    ----------
    standard, other : two standards with the same scale of levels. Fields of the same name are the same field; a row is
        taken to be in the ranges of both.
    timeout_s : time limit of each question, in seconds.

    Returns
    -------
    A report with three proofs: `differ` (same level everywhere), `never_milder` (the first never gives a better level
    than the second), `never_stricter`. A counter-example carries a row that both confirm by scoring, and the region
    around it, in words, in which every row is like it.

    Raises
    ------
    KitError
        When the scales or the types of a common field differ, or one of them gives no levels.
    """
    for one in (standard, other):
        if one.document.level.scores_only:
            raise KitError(f"{one.label} gives scores and no levels (scores_only), so there are no levels to compare")
    names = standard.scale.names
    if names != other.scale.names or standard.scale.worst != other.scale.worst:
        raise KitError(
            f"{standard.label} and {other.label} have different scales ({', '.join(names)}; "
            f"{', '.join(other.scale.names)}); only levels of one scale can be compared"
        )
    for name in standard.fields.keys() & other.fields.keys():
        if standard.fields[name].type != other.fields[name].type:
            raise KitError(
                f"the field '{name}' is {standard.fields[name].type} in {standard.label} and "
                f"{other.fields[name].type} in {other.label}; give it one type before comparing"
            )
    return _Comparer(standard, other, timeout_s).report()


class _Comparer:
    def __init__(self, standard: Standard, other: Standard, timeout_s: float) -> None:
        self.standard, self.other, self.timeout_s = standard, other, timeout_s

    def report(self) -> Comparison:
        start = time.perf_counter()
        first = Encoding(self.standard)
        second = Encoding(self.other, codes=first.codes)
        last = self.standard.scale.worst == "last"
        questions: list[Property] = ["differ", "never_milder", "never_stricter"]
        proofs: list[Proof] = []
        try:
            self.levels, self.others = levels_of(first), levels_of(second)
        except NotEncodable as problem:
            proofs = [Proof(one, "level", "level", Undecided(str(problem))) for one in questions]
        else:
            self.asker = Asker(first, self.timeout_s, second)
            self.exact = first.totals_exact and second.totals_exact
            self.prepare_wide()
            for question in questions:
                pairs = [
                    (one, two)
                    for one in self.levels
                    for two in self.others
                    if one != two and (question == "differ" or ((one < two) is last) is (question == "never_milder"))
                ]
                begun = time.perf_counter()
                outcome = self.outcome(pairs)
                proofs.append(Proof(question, "level", "level", outcome, time.perf_counter() - begun))
        label = f"{self.standard.label} 对 {self.other.label}"
        spent = time.perf_counter() - start
        common = tuple(dict.fromkeys([*assumptions(self.standard), *assumptions(self.other)]))
        return Comparison(label, self.standard.title, tuple(proofs), spent, common)

    def outcome(self, pairs: list[tuple[int, int]]) -> Outcome:
        goal = any_of(*(both(self.levels[one], self.others[two]) for one, two in pairs))
        answer = self.asker.ask([goal])
        if answer.word == "unsat":
            return self.for_more_rows(pairs)
        if answer.word == "unknown":
            return Undecided(answer.reason)
        assert answer.values is not None
        values, children = split(self.asker.encoding, answer.values)
        here = records(scored(self.standard, [(values, children)]))[0]
        there = records(scored(self.other, [(values, children)]))[0]
        names = self.standard.scale.names
        if here["level"] is None or there["level"] is None:
            return Undecided(NOT_CONFIRMED)
        pair = (names.index(here["level"]), names.index(there["level"]))
        if pair not in pairs:
            return Undecided(NOT_CONFIRMED)
        own = {name: value for name, value in values.items() if name in {**self.standard.fields, **self.other.fields}}
        inside = both(self.levels[pair[0]], self.others[pair[1]])
        decisive, region = self.region(own, inside) if not children else ((), ())
        row = Row(own, here["level"], here["reason"], decisive, children, there["level"])
        return CounterExample((row,), region=region)

    def prepare_wide(self) -> None:
        """Encode both for any number of child rows, where their totals are the same."""
        self.wide: Asker | None = None
        if self.exact or not same_totals(self.standard, self.other):
            return
        first = Encoding(self.standard, more_rows=True)
        second = Encoding(self.other, codes=first.codes, more_rows=True)
        self.wide_levels, self.wide_others = levels_of(first), levels_of(second)
        self.wide = Asker(first, self.timeout_s, second)

    def for_more_rows(self, pairs: list[tuple[int, int]]) -> Outcome:
        """Return whether what no single child row refutes is proved for any number of them."""
        if self.exact:
            return Proved()
        if self.wide is not None:
            goal = any_of(*(both(self.wide_levels[one], self.wide_others[two]) for one, two in pairs))
            if self.wide.ask([goal]).word == "unsat":
                return Proved()
        return Undecided("子表每个对象一行时成立；多行时未判定")

    def region(self, values: dict[str, Any], inside: Truth) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the fields that matter, and their intervals, so that every row in them is like the witness."""
        box = {name: self.pinned(name, value) for name, value in values.items()}
        if not self.covered([condition for condition, _ in box.values()], inside):
            return (), ()
        for name in list(box):
            if self.covered([condition for other, (condition, _) in box.items() if other != name], inside):
                del box[name]
        for name in list(box):
            wider = box | {name: self.interval(name, values[name])}
            if self.covered([condition for condition, _ in wider.values()], inside):
                box = wider
        return tuple(box), tuple(words for _, words in box.values())

    def covered(self, conditions: list[Any], inside: Truth) -> bool:
        return self.asker.ask([*conditions, z3.Not(as_z3(inside))]).word == "unsat"

    def pinned(self, name: str, value: Any) -> tuple[Any, str]:
        item = self.asker.inputs[name]
        label = f"{item.spec.label.zh} = {shown(value, item.spec)}"
        if item.spec.type == "boolean":
            return item.variable == z3.BoolVal(bool(value)), label
        if item.spec.numeric:
            return item.variable == z3.RealVal(repr(value)), label
        code = next(code for code, text in item.options.items() if text == value)
        return item.variable == code, label

    def interval(self, name: str, value: Any) -> tuple[Any, str]:
        """Return the stretch between the nearest cuts around the value."""
        item = self.asker.inputs[name]
        if not item.spec.numeric:
            return self.pinned(name, value)
        cuts = self.cuts(name)
        low = max((cut for cut in cuts if cut <= value), default=None)
        high = min((cut for cut in cuts if cut > value), default=None)
        conditions: list[Any] = []
        words = []
        unit = f" {item.spec.unit}" if item.spec.unit and item.spec.unit != "无量纲" else ""
        if low is not None:
            conditions.append(item.variable >= _bound(low, item))
            words.append(f"不小于 {low:g}{unit}")
        if high is not None:
            conditions.append(item.variable < _bound(high, item))
            words.append(f"小于 {high:g}{unit}")
        return z3.And([z3.BoolVal(True), *conditions]), f"{item.spec.label.zh}：{'、'.join(words) or '任意'}"

    def cuts(self, name: str) -> list[float]:
        found: set[float] = set()
        field = t.Ref(f"field:{name}")
        for steps in (self.asker.encoding.steps, Encoding(self.other).steps):
            for term in steps.values():
                for part in t.walk(term):
                    if isinstance(part, t.Compare) and field in (part.left, part.right):
                        for side in (part.left, part.right):
                            if isinstance(side, t.Constant) and isinstance(side.value, float):
                                found.add(side.value)
        return sorted(found)


def _bound(cut: float, item: Any) -> Any:
    return z3.IntVal(math.ceil(cut)) if item.spec.type == "integer" else z3.RealVal(repr(cut))


def same_totals(standard: Standard, other: Standard) -> bool:
    """Return whether both sum the same over the same child rows and lookup tables."""
    tables = standard.lookups.keys() == other.lookups.keys() and all(
        table.equals(other.lookups[name]) for name, table in standard.lookups.items()
    )
    return tables and standard.document.children == other.document.children
