"""`deduct`: full points less deductions, never below nought."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, Field, RootModel, model_validator

from kit.standard.fields import Model, Number
from kit.standard.nodes.base import Address, Environment, NodeKind
from kit.standard.terms import ValueKind

if TYPE_CHECKING:
    from kit.standard.tree import Node


class Deduction(Model):
    """Points taken off for each one counted (`each`), or once when a condition holds (`when`)."""

    points: Number = Field(gt=0)
    each: str | None = None
    when: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Deduction:
        if (self.each is None) == (self.when is None):
            raise ValueError("a deduction has either each: (a count) or when: (a condition)")
        return self


class Deduct(RootModel[list[Deduction]], NodeKind):
    """`deduct: [{each: gaps, points: 5}, {when: not plan_exists, points: 20}]` of an item with `full:`."""

    model_config = ConfigDict(strict=True, frozen=True)
    key: ClassVar[str] = "deduct"

    def formulas(self) -> Iterator[tuple[Address, str, ValueKind | None]]:
        for position, deduction in enumerate(self.root):
            if deduction.each is not None:
                yield ("deduct", position, "each"), deduction.each, "number"
            if deduction.when is not None:
                yield ("deduct", position, "when"), deduction.when, "boolean"

    def problems(self, node: Node, names: Environment) -> Iterator[tuple[Address, str]]:
        if not self.root:
            yield ("deduct",), "the list of deductions is empty"
        if node.full is None:
            yield ("deduct",), "needs full: (from what the deductions are taken)"
