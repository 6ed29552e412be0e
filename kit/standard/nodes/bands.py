"""`bands`: a number falls into one of several bands, each with its score."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from kit.standard.fields import Model, Number
from kit.standard.nodes.base import Address, Environment, NodeKind
from kit.standard.terms import ValueKind


class Bands(Model, NodeKind):
    """Scores s0 below the first cut, s1 from the first up to (not including) the second, and so on.

    `{of: age, at: [2, 4], scores: [1, 2, 3]}` gives 1 below 2, 2 on [2, 4) and 3 from 4 on.
    """

    key: ClassVar[str] = "bands"

    of: str
    at: list[Number]
    scores: list[Number]

    def formulas(self) -> Iterator[tuple[Address, str, ValueKind | None]]:
        yield ("bands", "of"), self.of, "number"

    def problems(self, node: object, names: Environment) -> Iterator[tuple[Address, str]]:
        if not self.at:
            yield ("bands", "at"), "at least one cut is needed"
        if len(self.scores) != len(self.at) + 1:
            yield (
                ("bands", "scores"),
                f"{len(self.at)} cuts make {len(self.at) + 1} bands, but {len(self.scores)} scores are given",
            )
        for position, (low, high) in enumerate(zip(self.at, self.at[1:], strict=False), start=1):
            if high <= low:
                yield (
                    ("bands", "at", position),
                    f"cuts must rise, but {high:g} comes after {low:g}; put them in ascending order, each once",
                )
