"""`weighted_mean`: the mean of the nodes below, by weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, RootModel

from kit.standard.nodes.base import Address, Environment, NodeKind

if TYPE_CHECKING:
    from kit.standard.tree import Node


class WeightedMean(RootModel[dict[str, "Node"]], NodeKind):
    """Sum of weight times score over the nodes that apply, divided by the sum of their weights."""

    model_config = ConfigDict(strict=True, frozen=True)
    key: ClassVar[str] = "weighted_mean"
    is_branch: ClassVar[bool] = True

    def children(self, node: Node) -> Mapping[str, Node]:
        return self.root

    def problems(self, node: Node, names: Environment) -> Iterator[tuple[Address, str]]:
        if not self.root:
            yield ("weighted_mean",), "has no nodes below it"
        for name, child in self.root.items():
            if child.weight is None:
                yield ("weighted_mean", name), "needs weight: because it stands in a weighted_mean"
            elif child.weight <= 0:
                yield ("weighted_mean", name, "weight"), f"the weight {child.weight:g} must be above 0"
