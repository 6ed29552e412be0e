"""`map`: each category, truth or listed number has its score."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from kit.errors import did_you_mean
from kit.standard.expressions import ExpressionError
from kit.standard.fields import Model, Number
from kit.standard.nodes.base import Address, Environment, NodeKind
from kit.standard.terms import ValueKind


class Map(Model, NodeKind):
    """`{of: energy, to: {petrol: 2, cng: 3, ev: 3}}`; every category of the field must be named."""

    key: ClassVar[str] = "map"

    of: str
    to: dict[bool | int | float | str, Number]

    def formulas(self) -> Iterator[tuple[Address, str, ValueKind | None]]:
        yield ("map", "of"), self.of, None

    def problems(self, node: object, names: Environment) -> Iterator[tuple[Address, str]]:
        try:
            kind = names.parse(self.of).kind
        except ExpressionError:
            return
        allowed: tuple[object, ...] | None = names.categories(self.of) if kind == "text" else None
        if kind == "boolean":
            allowed = (True, False)
        for key in self.to:
            is_kind = "boolean" if isinstance(key, bool) else "text" if isinstance(key, str) else "number"
            if is_kind != kind:
                yield ("map", "to", key), f"'{key}' is no value of {self.of}, which is {kind}"
            elif allowed is not None and key not in allowed:
                yield (
                    ("map", "to", key),
                    f"'{key}' is no value of {self.of}; {did_you_mean(str(key), map(str, allowed))}",
                )
        for value in allowed or ():
            if value not in self.to:
                shown = str(value).lower() if isinstance(value, bool) else value
                yield ("map", "to"), f"'{shown}' of {self.of} has no score; every value needs one"
