"""What every kind of node says about itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol

from kit.standard.terms import Term, ValueKind

if TYPE_CHECKING:
    from kit.standard.tree import Node

# Keys of maps may be truths or numbers too.
Address = tuple[str | int | float, ...]


class Environment(Protocol):
    """What a node may look at when it is checked: the names of the standard and the formulas read with them."""

    def parse(self, source: str, expect: ValueKind | None = None) -> Term:
        """Return the formula as a term, or raise ExpressionError."""
        ...

    def categories(self, source: str) -> tuple[str, ...] | None:
        """Return the categories of a field named alone, else None."""
        ...


class NodeKind:
    """Mixin of all kinds.

    Attributes
    ----------
    key : the word that stands in the file.
    is_branch : whether other nodes stand below.
    children_beside : whether they stand under `children:` of the node and not under the word itself.
    """

    key: ClassVar[str]
    is_branch: ClassVar[bool] = False
    children_beside: ClassVar[bool] = False

    @property
    def relative(self) -> bool:
        """Whether the value of a row depends on the other rows of the table."""
        return False

    def children(self, node: Node) -> Mapping[str, Node]:
        """Return the nodes below, by name, in the order of the file."""
        return {}

    def child_address(self, name: str) -> Address:
        """Return where a child stands in the file, seen from the node."""
        return (self.key, name)

    def formulas(self) -> Iterator[tuple[Address, str, ValueKind | None]]:
        """Yield every formula of the node itself: address below the node, text, needed type."""
        return iter(())

    def problems(self, node: Node, names: Environment) -> Iterator[tuple[Address, str]]:
        """Yield what is wrong beyond the shape: address below the node and a message."""
        return iter(())
