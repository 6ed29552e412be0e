"""`geometric_mean`, `harmonic_mean`, `generalised_mean`: means in which a low value is made up for less, or more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import ConfigDict, RootModel

from kit.standard.fields import Model, Number
from kit.standard.nodes.base import Address, Environment, NodeKind

if TYPE_CHECKING:
    from kit.standard.tree import Node

MOST_POWER = 20


def weight_problems(key: str, children: Mapping[str, Node], below: str) -> Iterator[tuple[Address, str]]:
    """Yield what is wrong with the weights: all nodes have one above 0, or none has and all count alike."""
    if not children:
        yield (below,), "has no nodes below it"
    given = [name for name, child in children.items() if child.weight is not None]
    for name, child in children.items():
        if child.weight is None and given:
            yield (
                (below, name),
                f"needs weight: because {given[0]} has one; under {key} give all nodes a weight or none",
            )
        elif child.weight is not None and child.weight <= 0:
            yield (below, name, "weight"), f"the weight {child.weight:g} must be above 0"


class _Mean(RootModel[dict[str, "Node"]], NodeKind):
    """Base of the means whose nodes stand directly below; without weights all count alike."""

    model_config = ConfigDict(strict=True, frozen=True)
    is_branch: ClassVar[bool] = True

    def children(self, node: Node) -> Mapping[str, Node]:
        return self.root

    def problems(self, node: Node, names: Environment) -> Iterator[tuple[Address, str]]:
        yield from weight_problems(self.key, self.root, self.key)


class GeometricMean(_Mean):
    """The product of value ** weight, to the power 1 / sum of weights. 0 where a value is 0; none below 0."""

    key: ClassVar[str] = "geometric_mean"


class HarmonicMean(_Mean):
    """Sum of weights / sum of weight / value. 0 where a value is 0; none below 0."""

    key: ClassVar[str] = "harmonic_mean"


class GeneralisedMean(Model, NodeKind):
    """`generalised_mean: {power: 2}` with the nodes under `children:`.

    (sum of weight * value ** power / sum of weights) ** (1 / power). Power 1 is the arithmetic mean, -1 the harmonic;
    the higher the power, the more the highest value counts. No mean where a value is below 0.
    """

    key: ClassVar[str] = "generalised_mean"
    is_branch: ClassVar[bool] = True
    children_beside: ClassVar[bool] = True

    power: Number

    def children(self, node: Node) -> Mapping[str, Node]:
        return node.children or {}

    def child_address(self, name: str) -> Address:
        return ("children", name)

    def problems(self, node: Node, names: Environment) -> Iterator[tuple[Address, str]]:
        if self.power == 0:
            yield ("generalised_mean", "power"), "the power 0 is the geometric mean; write geometric_mean:"
        elif abs(self.power) > MOST_POWER:
            yield (
                ("generalised_mean", "power"),
                f"the power {self.power:g} is beyond ±{MOST_POWER}; for the highest or lowest value alone write max: "
                "or min:",
            )
        yield from weight_problems(self.key, self.children(node), "children")
