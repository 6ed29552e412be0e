"""The questions about one standard: total, unambiguous, monotone, everything reachable."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import z3

from kit.checking.proofs.abstraction import Reading
from kit.checking.proofs.algebra import NotEncodable, Number, Truth, any_of, as_z3, both, constant, negation
from kit.checking.proofs.comparison import compared
from kit.checking.proofs.encoding import Encoding
from kit.checking.proofs.fallback import ByBuild, fall_back
from kit.checking.proofs.moving import contradicting, fired, moved_domain, second_of, worse_than
from kit.checking.proofs.outcomes import (
    CounterExample,
    Impossible,
    Outcome,
    Proof,
    ProofReport,
    Property,
    Proved,
    Row,
    Undecided,
)
from kit.checking.proofs.parts import ByParts
from kit.checking.proofs.solving import Answer, Asker, Copy
from kit.checking.proofs.witness import records, scored, split
from kit.standard.standard import Standard
from kit.standard.terms import references

Check = Callable[[list[dict[str, Any]]], bool]
NOT_CONFIRMED = "求解器给出的行经实际评分不能证实（多半差在小数第9位以内），故不作结论"


@dataclass
class _Open:
    """A proof whose rows still have to be confirmed by scoring."""

    place: int
    rows: list[dict[str, Any]]
    check: Check
    good: bool
    changed: str | None = None


def levels_of(encoding: Encoding) -> dict[int, Truth]:
    """Return for each level, by its place in the scale, where a row has it."""
    level: Number = encoding.step("level:final")
    found: dict[int, Truth] = {}
    for place in range(len(encoding.standard.scale.names)):
        found[place] = both(level.known, compared("==", level, constant(place)))
    return found


def assumptions(standard: Standard) -> tuple[str, ...]:
    """Return what the proofs take for granted."""
    found = ["各字段在声明的范围和类别之内取值，必填和非必填项都已填写；除注明清单项的以外，指整个单位的行"]
    open_fields = [spec.label.zh for spec in standard.fields.values() if spec.numeric and spec.range is None]
    if open_fields:
        found.append("未声明范围、按任意数处理的字段：" + "、".join(open_fields))
    if standard.document.children:
        found.append("子表行数任意：合计取一行之值与其他行合起来（相加的不为负）；示例行只用一行")
    return tuple(found)


class Prover:
    """The questions about one standard; of one checklist item's rows where `item` names it."""

    def __init__(
        self, standard: Standard, timeout_s: float, *, more_rows: bool = False, item: str | None = None
    ) -> None:
        self.standard = standard
        self.item = item
        self.encoding = Encoding(standard, more_rows=more_rows, item=item)
        self.asker = Asker(self.encoding, timeout_s)
        self.wide: Prover | None = None
        self.timeout_s = timeout_s
        self.proofs: list[Proof] = []
        self.build = ByBuild(standard, item)
        self.open: list[_Open] = []
        self.reading: Reading | None = None
        self.parts: ByParts | None = None
        self.tried_parts = False

    def report(self, optional: bool) -> ProofReport:
        start = time.perf_counter()
        if self.standard.document.level.scores_only:
            self.scores()
            self.confirm()
            self.proofs = fall_back(self.standard, self.proofs)
            return self.made(start)
        if self.standard.document.children:
            self.wide = Prover(self.standard, self.timeout_s, more_rows=True)
            self.wide.total("total", self.wide.encoding)
        self.total("total", self.encoding)
        if self.wide is not None:
            self.proofs[0] = replace(
                self.proofs[0], outcome=self.widened(self.wide.proofs[0].outcome, self.proofs[0].outcome)
            )
        how = "由构造成立：分界的下端属于本级，矩阵每格一个等级，直接判定按次序逐条执行"
        self.add("unambiguous", "level", "level", Proved(how))
        for name, item in list(self.encoding.inputs.items()):  # with the fields of child rows
            if item.spec.worse != "none":
                label = item.spec.label.zh
                self.guarded("monotone", name, label, lambda name=name: self.monotone_in(name))  # type: ignore[misc]
        self.reachable()
        self.overrides()
        self.cells()
        if optional:
            free = frozenset(name for name, spec in self.standard.fields.items() if not spec.required)
            self.total("total_optional", Encoding(self.standard, missing=free))
        self.confirm()
        self.proofs = fall_back(self.standard, self.proofs)
        return self.made(start)

    def made(self, start: float) -> ProofReport:
        spent = time.perf_counter() - start
        label, title = self.standard.label, self.standard.title
        return ProofReport(label, title, tuple(self.proofs), spent, assumptions(self.standard))

    # -- keeping answers --------------------------------------------------------------------------------

    def add(self, question: Property, subject: str, label: str, outcome: Outcome, seconds: float = 0.0) -> int:
        self.proofs.append(Proof(question, subject, label, outcome, seconds))
        return len(self.proofs) - 1

    def guarded(
        self, question: Property, subject: str, label: str, work: Callable[[], tuple[Outcome, _Open | None]]
    ) -> None:
        """Ask one question; what cannot be encoded is undecided, with the node and the reason."""
        start = time.perf_counter()
        try:
            outcome, waiting = work()
        except NotEncodable as problem:
            outcome, waiting = Undecided(str(problem)), None
        place = self.add(question, subject, label, outcome, time.perf_counter() - start)
        if waiting is not None:
            waiting.place = place
            self.open.append(waiting)

    # -- the questions -----------------------------------------------------------------------------------

    def total(self, question: Property, encoding: Encoding) -> None:
        self.encoded, self.why_not = True, ""

        def work() -> tuple[Outcome, _Open | None]:
            try:
                level: Number = encoding.step("level:final")
            except NotEncodable as problem:
                self.encoded, self.why_not = False, str(problem)
                raise
            asker = Asker(encoding, self.timeout_s)  # it must know the inputs that child rows add
            if question == "total":
                self.levels = levels_of(encoding)
                self.asker = asker
            answer = asker.ask([negation(level.known)])
            return self.forbidden(answer, lambda rows: rows[0]["level"] is None)

        self.guarded(question, "level", "level", work)

    def scores(self) -> None:
        """Ask of a text without levels whether every complete row has each of its scores."""
        for name, node in self.standard.document.scores.items():

            def work(name: str = name) -> tuple[Outcome, _Open | None]:
                score: Number = self.encoding.step(f"score:{name}")
                answer = Asker(self.encoding, self.timeout_s).ask([negation(score.known)])
                return self.forbidden(answer, lambda rows: rows[0][name] is None)

            self.guarded("total_scores", name, node.label.zh if node.label else name, work)

    def forbidden(self, answer: Answer, check: Check, changed: str | None = None) -> tuple[Outcome, _Open | None]:
        """Return the outcome of a question whose answer should be that there is no such row."""
        if answer.word == "unsat":
            return Proved(), None
        if answer.word == "unknown":
            return Undecided(answer.reason), None
        assert answer.values is not None
        rows = [dict(answer.values)]
        if changed is not None:
            rows.append(dict(answer.values) | {changed: answer.second})
        return Undecided("待证实"), _Open(0, rows, check, False, changed)

    def wanted(
        self, goals: list[Truth], check: Check, why: str = "", first: Answer | None = None
    ) -> tuple[Outcome, _Open | None]:
        """Return the outcome of a question whose answer should be a row; `first` is one that is known already."""
        answer = first or self.asker.corner(goals) or self.asker.ask(goals)
        if answer.word == "unsat":
            if not self.encoding.totals_exact:
                return Undecided("子表每个对象一行时达不到；多行时未判定"), None
            return Impossible(why), None
        if answer.word == "unknown":
            return Undecided(answer.reason), None
        assert answer.values is not None
        return Undecided("待证实"), _Open(0, [dict(answer.values)], check, True)

    def widened(self, wide: Outcome, single: Outcome) -> Outcome:
        """Return the answer for any number of child rows, from those for wider totals and for one row."""
        if isinstance(wide, Proved) or not isinstance(single, Proved):
            return wide if isinstance(wide, Proved) else single
        return Undecided("子表每个对象一行时成立；多行时未判定")

    def monotone_in(self, name: str) -> tuple[Outcome, _Open | None]:
        """Ask the build first, then for any number of child rows, where there are any."""
        if name in self.standard.fields and (built := self.build.monotone(name)) is not None:
            return built, None
        if self.wide is None:
            return self.monotone(name)
        wide, _ = self.wide.monotone(name)
        if isinstance(wide, Proved):
            return wide, None
        single, waiting = self.monotone(name)
        return (single, waiting) if waiting else (self.widened(wide, single), None)

    def monotone(self, name: str) -> tuple[Outcome, _Open | None]:
        self.need_level()
        item = self.encoding.inputs[name]
        variable = second_of(item)
        places = list(self.levels)
        truths = [as_z3(self.levels[place]) for place in places]
        if self.reading is None:
            self.reading = Reading(truths)
        last = self.standard.scale.worst == "last"

        def falls(before: list[Any]) -> Truth | None:
            after = [z3.substitute(truth, (item.variable, variable)) for truth in before]
            if all(truth.eq(moved) for truth, moved in zip(before, after, strict=True)):
                return None
            pairs = [(one, other) for one in places for other in places if (other < one if last else other > one)]
            return any_of(*(both(before[one], after[other]) for one, other in pairs))

        asked = [worse_than(item, variable), moved_domain(item, variable)]
        if not self.tried_parts:
            self.tried_parts = True
            with suppress(
                NotEncodable
            ):  # scores that are any number may have no counterpart where the few real ones do
                self.parts = ByParts(self.encoding, self.timeout_s)
        if self.parts is not None and self.parts.proved(item, variable, *asked):
            return self.forbidden(Answer("unsat"), lambda _: False)
        exact = falls(truths)
        if exact is None:
            return Proved("等级不读此项"), None
        wider = falls(self.reading.without(truths, item.variable))
        answer = self.asker.ask([*asked, wider])
        if answer.word != "unsat":
            answer = self.asker.ask([*asked, exact], Copy(item, variable))
        order = self.standard.scale.names

        def check(rows: list[dict[str, Any]]) -> bool:
            if rows[0]["level"] is None or rows[1]["level"] is None:
                return False
            before, later = (order.index(row["level"]) for row in rows)
            return later < before if last else later > before

        return self.forbidden(answer, check, name)

    def need_level(self) -> None:
        if not self.encoded:
            raise NotEncodable(self.why_not)

    def reachable(self) -> None:
        for place, name in enumerate(self.standard.scale.names):
            label = self.standard.scale.levels[name].label.zh

            def work(place: int = place, name: str = name) -> tuple[Outcome, _Open | None]:
                self.need_level()
                return self.wanted([self.levels[place]], lambda rows: rows[0]["level"] == name)

            self.guarded("level", name, label, work)

    def overrides(self) -> None:
        declared = self.standard.document.overrides
        for override in declared:
            label = f"{override.id}（{override.clause}，{override.reason.zh}）"

            def fires(key: str = override.id) -> tuple[Outcome, _Open | None]:
                condition = self.encoding.step(f"fires:{key}").holds
                return self.wanted([condition], lambda rows: key in fired(rows[0]))

            def decides(key: str = override.id) -> tuple[Outcome, _Open | None]:
                self.need_level()
                deciding = self.encoding.step("override:deciding")
                goals = [
                    deciding.known,
                    as_z3(deciding.value == self.encoding.code(key)),
                    any_of(*self.levels.values()),
                ]
                return self.wanted(goals, lambda rows: rows[0]["override"] == key, "成立时等级已由其他条款决定")

            self.guarded("override_fires", override.id, label, fires)
            self.guarded("override_decides", override.id, label, decides)
        self.order()

    def order(self) -> None:
        """Ask of each pair of overrides that demand contradicting levels whether both can hold."""
        names = self.standard.scale.names
        declared = self.standard.document.overrides
        for number, one in enumerate(declared):
            for other in declared[number + 1 :]:
                if not contradicting(one, other, names):
                    continue
                keys = (one.id, other.id)

                def work(keys: tuple[str, str] = keys) -> tuple[Outcome, _Open | None]:
                    goals = [self.encoding.step(f"fires:{key}").holds for key in keys]
                    answer = self.asker.ask(goals)
                    return self.forbidden(answer, lambda rows: set(keys) <= fired(rows[0]))

                self.guarded("override_order", ",".join(keys), "、".join(keys), work)

    def cells(self) -> None:
        matrix, level = self.standard.matrix, self.standard.document.level.matrix
        if matrix is None or level is None:
            return
        axes = (level.likelihood, level.severity)
        reads = [self.fields_below(axis) for axis in axes]
        seen: list[dict[float, Answer | None]] = [{}, {}]

        def goal_of(axis: int, at: float) -> Truth:
            score = self.encoding.step(f"score:{axes[axis]}")
            return both(score.known, compared("==", score, constant(at)))

        def joined(cell: tuple[float, float], goals: list[Truth]) -> Answer | None:
            """Return a row of which each axis is as on a row found for it alone; None where that makes no such row."""
            for axis, at in enumerate(cell):
                if at not in seen[axis]:
                    seen[axis][at] = self.asker.ask([goals[axis]])
            one, other = (seen[axis][at] for axis, at in enumerate(cell))
            if one is None or other is None or one.values is None or other.values is None:
                return None
            own = {name: value for name, value in other.values.items() if name in reads[1] - reads[0]}
            return self.asker.tried(dict(one.values) | own, goals)

        for likelihood in matrix.likelihood:
            for severity in matrix.severity:

                def work(cell: tuple[float, float] = (likelihood, severity)) -> tuple[Outcome, _Open | None]:
                    assert level is not None
                    goals = [goal_of(axis, at) for axis, at in enumerate(cell)]

                    def check(rows: list[dict[str, Any]]) -> bool:
                        assert level is not None
                        got = (rows[0][level.likelihood], rows[0][level.severity])
                        return all(abs(value - at) < 1e-8 for value, at in zip(got, cell, strict=True))

                    return self.wanted(goals, check, first=joined(cell, goals))

                cell_name = f"{likelihood:g}×{severity:g}"
                self.guarded("matrix_cell", cell_name, f"可能性 {likelihood:g}、后果 {severity:g}", work)

    def fields_below(self, root: str) -> set[str]:
        """Return the fields that a score reads, through other scores too."""
        found: set[str] = set()
        for path, node in self.standard.nodes.items():
            if path != root and not path.startswith(f"{root}."):
                continue
            sources = [source for _, source, _ in node.kind.formulas()]
            for source in [*sources, *([node.applies_when] if node.applies_when else [])]:
                term = self.standard.names.parse(source)
                found |= self.standard.fields_of(term)
                for name in references(term):
                    if name.startswith("score:"):
                        found |= self.fields_below(name.removeprefix("score:"))
        return found

    # -- confirmation ------------------------------------------------------------------------------------

    def confirm(self) -> None:
        """Score all rows at once; an answer counts only when scoring says the same."""
        if not self.open:
            return
        rows = [split(self.encoding, row) for waiting in self.open for row in waiting.rows]
        results = records(scored(self.standard, rows, self.item))
        at = 0
        for waiting in self.open:
            count = len(waiting.rows)
            found = results[at : at + count]
            made = tuple(
                Row(values, result["level"], result["reason"], children=children, item=self.item)
                for (values, children), result in zip(rows[at : at + count], found, strict=True)
            )
            at += count
            outcome: Outcome
            if not waiting.check(found):
                outcome = Undecided(NOT_CONFIRMED)
            elif waiting.good:
                outcome = Proved(example=made[0])
            else:
                outcome = CounterExample(made, waiting.changed)
            self.proofs[waiting.place] = replace(self.proofs[waiting.place], outcome=outcome)
