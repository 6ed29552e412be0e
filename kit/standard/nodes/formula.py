"""`formula`: a number computed from fields, derived values, totals and other scores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import ConfigDict, RootModel

from kit.standard.nodes.base import Address, NodeKind
from kit.standard.terms import ValueKind


class Formula(RootModel[str], NodeKind):
    """`formula: alpha * beta_sum`."""

    model_config = ConfigDict(strict=True, frozen=True)
    key: ClassVar[str] = "formula"

    def formulas(self) -> Iterator[tuple[Address, str, ValueKind | None]]:
        yield ("formula",), self.root, "number"
