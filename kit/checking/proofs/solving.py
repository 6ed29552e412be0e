"""Asking z3, with a time limit, and reading its answer as a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import z3

from kit.checking.proofs.algebra import as_z3
from kit.checking.proofs.encoding import Encoding, Input
from kit.checking.proofs.witness import default, holds, plain, polished, read


@dataclass(frozen=True)
class Answer:
    """`sat` with a row (and a second value for a changed field), `unsat`, or `unknown` with the reason."""

    word: str
    values: Mapping[str, Any] | None = None
    second: Any = None
    reason: str = ""


@dataclass(frozen=True)
class Copy:
    """A second value of one field: `variable` instead of `item.variable`."""

    item: Input
    variable: Any


class Asker:
    """A solver that knows the ranges of the fields."""

    def __init__(self, encoding: Encoding, timeout_s: float, other: Encoding | None = None) -> None:
        self.encoding = encoding
        self.inputs = (dict(other.inputs) if other else {}) | dict(encoding.inputs)
        self.timeout_s = timeout_s
        self.solver = z3.SimpleSolver()
        self.solver.set("timeout", max(1, int(timeout_s * 1000)))
        self.domain = encoding.domain + (other.domain if other else [])
        self.solver.add(*self.domain)

    def ask(self, goals: list[Any], copy: Copy | None = None) -> Answer:
        """Return whether a row in range meets all the goals."""
        if any(one is False for one in goals):
            return Answer("unsat")
        goal = z3.And([as_z3(one) for one in goals])
        self.solver.push()
        try:
            self.solver.add(goal)
            found = self.solver.check()
            if found == z3.unsat:
                return Answer("unsat")
            if found == z3.sat:
                return self._row(self.solver.model(), goal, copy)
            reason = self.solver.reason_unknown()
        finally:
            self.solver.pop()
        return Answer("unknown", reason=self._reason(reason))

    def _reason(self, reason: str) -> str:
        if "timeout" in reason or "canceled" in reason:
            return f"{self.timeout_s:g} s 内没有结果"
        return f"含非线性运算（字段相乘或相除），求解器不能判定（{reason}）"

    def _row(self, model: Any, goal: Any, copy: Copy | None) -> Answer:
        assignment: list[tuple[Any, Any]] = []
        empty: set[str] = set()
        for name, item in self.inputs.items():
            assignment.append((item.variable, read(model, item, item.variable)))
            if item.known is not True:
                known = z3.is_true(model.eval(item.known, model_completion=True))
                assignment.append((item.known, known))
                if not known:
                    empty.add(name)
        if copy is not None:
            assignment.append((copy.variable, read(model, copy.item, copy.variable)))
        within = z3.And([goal, *self.domain])
        assignment = polished(within, assignment)
        return self._answer(assignment, empty, copy)

    def _answer(self, assignment: list[tuple[Any, Any]], empty: set[str], copy: Copy | None) -> Answer:
        found = {variable.get_id(): value for variable, value in assignment}
        values = {
            name: None if name in empty else plain(item, found[item.variable.get_id()])
            for name, item in self.inputs.items()
        }
        second = plain(copy.item, found[copy.variable.get_id()]) if copy is not None else None
        return Answer("sat", values, second)

    def tried(self, values: Mapping[str, Any], goals: list[Any]) -> Answer | None:
        """Return the row with these plain values where it meets the goals; None where it does not."""
        assignment: list[tuple[Any, Any]] = []
        for name, item in self.inputs.items():
            value = values.get(name)
            if value is None or item.known is not True:
                return None
            if not item.spec.numeric and not isinstance(value, bool):
                codes = [code for code, text in item.options.items() if text == value]
                if not codes:
                    return None
                value = codes[0]
            elif isinstance(value, float):
                value = Fraction(repr(value))
            assignment.append((item.variable, value))
        goal = z3.And([as_z3(one) for one in goals])
        return self._answer(assignment, set(), None) if holds(goal, assignment) else None

    def corner(self, goals: list[Any]) -> Answer | None:
        """Return the row with every field at its best, or at its worst, where it meets the goals."""
        goal = z3.And([as_z3(one) for one in goals])
        for worst in (False, True):
            assignment: list[tuple[Any, Any]] = []
            for item in self.inputs.values():
                value = default(item)
                if worst and item.spec.type == "boolean":
                    value = not value
                elif worst and item.spec.range is not None:
                    low, high = item.spec.range
                    value = type(value)(low if item.spec.worse == "lower" else high)
                assignment.append((item.variable, value))
                if item.known is not True:
                    assignment.append((item.known, True))
            if holds(z3.And([goal, *self.domain]), assignment):
                return self._answer(assignment, set(), None)
        return None
