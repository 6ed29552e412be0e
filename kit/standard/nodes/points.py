"""`points`: items with full marks; items that do not apply leave the denominator.

The structure of DB11/T 1581: S = S1 / S0 * 1000, S1 the points got and S0 the full points of the items that apply.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from kit.standard.fields import Model, Number
from kit.standard.nodes.base import Address, Environment, NodeKind

if TYPE_CHECKING:
    from kit.standard.tree import Node


class Points(Model, NodeKind):
    """`points: {scale_to: 1000}` with the items under `children:`; a group of items is a node with `points: {}`.

    Attributes
    ----------
    scale_to : the score is points got / points possible times this; without it, the points got.
    """

    key: ClassVar[str] = "points"
    is_branch: ClassVar[bool] = True
    children_beside: ClassVar[bool] = True

    scale_to: Number | None = Field(default=None, gt=0)

    def children(self, node: Node) -> Mapping[str, Node]:
        return node.children or {}

    def child_address(self, name: str) -> Address:
        return ("children", name)

    def problems(self, node: Node, names: Environment) -> Iterator[tuple[Address, str]]:
        if not node.children:
            yield ("points",), "needs children: with the items"
        for name, child in (node.children or {}).items():
            if isinstance(child.kind, Points):
                if child.kind.scale_to is not None:
                    yield ("children", name, "points", "scale_to"), "only the outermost points node is scaled"
            elif child.full is None:
                yield ("children", name), "needs full: (the full points of the item)"
            if child.weight is not None:
                yield ("children", name, "weight"), "a weight has no effect under points; full: is what counts"
