"""Monotonicity by parts: each indicator in its field, then the level in each indicator.

A level that never improves when an indicator rises, and an indicator that never falls when the field gets worse, make a
level that never improves when the field gets worse. Both questions are far smaller than the whole chain, which must
be asked only where the parts do not settle it.
"""

from __future__ import annotations

from typing import Any

import z3

from kit.checking.proofs.abstraction import Reading
from kit.checking.proofs.algebra import Linear, NotEncodable, Truth, any_of, as_z3, both, constant, lifted
from kit.checking.proofs.arithmetic import flat
from kit.checking.proofs.comparison import compared
from kit.checking.proofs.encoding import Encoding, Input
from kit.checking.proofs.solving import Asker

MOST_SECONDS = 2.0


class Skeleton(Encoding):
    """The encoding with the score of every indicator as a variable of its own, within the bounds of its scores."""

    def __init__(self, exact: Encoding) -> None:
        super().__init__(exact.standard, codes=exact.codes, more_rows=exact.more_rows, item=exact.item)
        self.exact = exact
        self.scores: dict[str, Any] = {}
        self.leaves = {f"score:{path}" for path, node in exact.standard.nodes.items() if not node.kind.is_branch}

    def _reference(self, name: str) -> Any:
        if name not in self.leaves:
            return super()._reference(name)
        score = self.exact.step(name)
        if score.single is not None:
            return score
        variable = z3.Real(name)
        self.scores[name] = variable
        return type(score)(score.known, ((True, Linear(variable, score.low, score.high)),))

    def bounds(self, name: str, variable: Any) -> Truth:
        """Return the bounds of an indicator's score, for its variable or a second one."""
        score = self.exact.step(name)
        lower = variable >= lifted(score.low) if score.low is not None else True
        upper = variable <= lifted(score.high) if score.high is not None else True
        return both(lower, upper)

    @property
    def domain(self) -> list[Any]:
        return super().domain + [as_z3(self.bounds(name, variable)) for name, variable in self.scores.items()]


class ByParts:
    """Monotone proofs of one standard by parts."""

    def __init__(self, exact: Encoding, timeout_s: float) -> None:
        self.exact = exact
        self.skeleton = Skeleton(exact)
        level = self.skeleton.step("level:final")
        places = range(len(exact.standard.scale.names))
        self.truths = [as_z3(both(level.known, compared("==", level, constant(place)))) for place in places]
        self.reading = Reading(self.truths)
        self.asker = Asker(self.skeleton, min(timeout_s, MOST_SECONDS))
        self.fields = Asker(exact, min(timeout_s, MOST_SECONDS))
        self.leaf_reading: dict[str, tuple[Any, Reading]] = {}
        for name in self.skeleton.scores:
            try:
                score = flat(exact.step(name))
            except NotEncodable:
                continue
            if isinstance(score, Linear):
                expression = lifted(score.of)
                self.leaf_reading[name] = (expression, Reading([expression]))
        self._kept: dict[tuple[str, bool], bool] = {}

    def proved(self, item: Input, variable: Any, worse: Any, moved: Any) -> bool:
        """Return whether the parts prove that the level never improves when the field gets worse.

        `variable` is the second value of the field, `worse` says that it is the worse one and `moved` that it is in
        range.
        """
        if set(self.leaf_reading) != set(self.skeleton.scores):
            return False
        steps: list[tuple[str, bool]] = []
        for name, (expression, reading) in self.leaf_reading.items():
            if not reading.knows(item.variable):
                continue
            after = z3.substitute(expression, (item.variable, variable))
            if self.fields.ask([worse, moved, after < expression]).word == "unsat":
                steps.append((name, True))
            elif self.fields.ask([worse, moved, after > expression]).word == "unsat":
                steps.append((name, False))
            else:
                return False
        if self.reading.knows(item.variable):
            goal = self.improves(item.variable, variable)
            if self.asker.ask([worse, moved, goal]).word != "unsat":
                return False
        return all(self.level_follows(*step) for step in steps)

    def improves(self, variable: Any, second: Any) -> Truth:
        """Return where the level gets better when `variable` becomes `second`."""
        after = [z3.substitute(truth, (variable, second)) for truth in self.truths]
        last = self.exact.standard.scale.worst == "last"
        places = range(len(after))
        return any_of(
            *(
                both(self.truths[one], after[other])
                for one in places
                for other in places
                if (other < one if last else other > one)
            )
        )

    def level_follows(self, name: str, rising: bool) -> bool:
        """Return whether the level never improves when the indicator rises (or falls)."""
        key = (name, rising)
        if key not in self._kept:
            variable = self.skeleton.scores[name]
            second = z3.Real(f"{name}'")
            moves = second > variable if rising else second < variable
            goal = self.improves(variable, second)
            found = self.asker.ask([moves, self.skeleton.bounds(name, second), goal])
            self._kept[key] = found.word == "unsat"
        return self._kept[key]
