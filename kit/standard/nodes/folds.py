"""`max`, `min`, `sum`, `product`: the nodes below folded into one number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, RootModel

from kit.standard.nodes.base import Address, Environment, NodeKind

if TYPE_CHECKING:
    from kit.standard.tree import Node


class Fold(RootModel[dict[str, "Node"]], NodeKind):
    """Base of the folds: only nodes that apply take part; a weight has no meaning here."""

    model_config = ConfigDict(strict=True, frozen=True)
    is_branch: ClassVar[bool] = True

    def children(self, node: Node) -> Mapping[str, Node]:
        return self.root

    def problems(self, node: Node, names: Environment) -> Iterator[tuple[Address, str]]:
        if not self.root:
            yield (self.key,), "has no nodes below it"
        for name, child in self.root.items():
            if child.weight is not None:
                yield (
                    (self.key, name, "weight"),
                    f"a weight has no effect under {self.key}; remove it or use weighted_mean",
                )


class Max(Fold):
    """The highest of the nodes below."""

    key: ClassVar[str] = "max"


class Min(Fold):
    """The lowest of the nodes below."""

    key: ClassVar[str] = "min"


class Sum(Fold):
    """The sum of the nodes below."""

    key: ClassVar[str] = "sum"


class Product(Fold):
    """The product of the nodes below."""

    key: ClassVar[str] = "product"
