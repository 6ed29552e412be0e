"""A node of the scoring tree: exactly one kind, and what any node may carry."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, create_model, model_validator

import kit.standard.nodes as node_modules
from kit.standard.fields import Label, Model, Number
from kit.standard.nodes.base import Address, NodeKind

MISSING_POLICIES = ("error", "worst", "best", "skip")


class MissingValue(Model):
    """`missing: {value: x}`: an unknown value counts as x."""

    value: Number


class Rounding(Model):
    """`round: {digits: 0, mode: half_up}`; the value is first rounded to 9 decimals half up."""

    digits: int = Field(ge=0, le=9)
    mode: Literal["half_up", "half_even", "floor", "ceil"] = "half_up"


class Enough(Model):
    """`enough: {count: 2}` or `{share: 0.6}`: how much below a branch must be known for it to have a value.

    Counted are the nodes directly below that apply to the row; those with `missing: skip` may be unknown.
    """

    count: int | None = Field(default=None, ge=1)
    share: Number | None = Field(default=None, gt=0, le=1)

    @model_validator(mode="after")
    def _one(self) -> Enough:
        if (self.count is None) == (self.share is None):
            raise ValueError("enough needs either count: (so many nodes) or share: (0 to 1), exactly one of them")
        return self


def _kinds() -> dict[str, type[NodeKind]]:
    """Return every kind found in `kit/standard/nodes`, by the word that stands in the file."""
    found: dict[str, type[NodeKind]] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(node_modules.__path__)):
        namespace = vars(importlib.import_module(f"{node_modules.__name__}.{module}"))
        for thing in namespace.values():
            if isinstance(thing, type) and issubclass(thing, NodeKind) and "key" in vars(thing):
                found[thing.key] = thing
    return found


KINDS = _kinds()


class NodeBase(Model):
    """What any node may carry beside its kind.

    Attributes
    ----------
    weight : share in a weighted mean, any positive number.
    full : full points of an item under `points`.
    clause : number of the clause of the published text.
    missing : what an unknown value does: `error` (the default: no score), `worst`, `best`, `skip` (leaves the weights)
        or `{value: x}`.
    applies_when : a condition; where it is false the node leaves its parent.
    enough : branches only; with fewer known nodes below, the branch has no value.
    round : declared rounding of the node's value.
    provenance, note : where the numbers come from and why, for the document.
    """

    label: Label | None = None
    clause: str | None = None
    weight: Number | None = None
    full: Number | None = Field(default=None, gt=0)
    missing: Literal["error", "worst", "best", "skip"] | MissingValue = "error"
    applies_when: str | None = None
    enough: Enough | None = None
    round: Rounding | None = None
    provenance: Literal["illustrative", "found", "memory", "official"] | None = None
    note: Label | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> NodeBase:
        given = [key for key in KINDS if getattr(self, key, None) is not None]
        if not given:
            raise ValueError("the node says nothing to compute; it needs one of " + ", ".join(sorted(KINDS)))
        if len(given) > 1:
            raise ValueError(f"the node has {len(given)} kinds ({', '.join(given)}); keep one, or make two nodes")
        if getattr(self, "children", None) is not None and not KINDS[given[0]].children_beside:
            takers = " and ".join(key for key, kind in KINDS.items() if kind.children_beside)
            raise ValueError(f"children: belongs to {takers}; under {given[0]} the nodes stand directly")
        return self

    @property
    def kind(self) -> NodeKind:
        """Return what the node computes."""
        return next(value for key in KINDS if (value := getattr(self, key, None)) is not None)

    def below(self) -> Mapping[str, Node]:
        """Return the nodes directly below, by name."""
        return self.kind.children(self)  # type: ignore[arg-type]


if TYPE_CHECKING:

    class Node(NodeBase):
        """A node as the reader builds it; its kinds are fields found at run time."""

        children: dict[str, Node] | None = None
        deduct: Any = None
        bands: Any = None
        map: Any = None

else:
    Node = create_model(
        "Node",
        __base__=NodeBase,
        __module__=__name__,
        children=(dict[str, "Node"] | None, None),
        **{key: (kind | None, None) for key, kind in KINDS.items()},
    )
    for _kind in KINDS.values():
        _kind.model_rebuild(_types_namespace={"Node": Node})
    Node.model_rebuild(force=True)


Path = tuple[str, ...]


def nodes(roots: Mapping[str, Node]) -> Iterator[tuple[Path, Address, Node]]:
    """Yield every node below `roots`, children before parents: its path, its address in the file, the node.

    The path joins the names (`likelihood.crash_history`), the address also the kinds.
    """

    def visit(path: Path, address: Address, node: Node) -> Iterator[tuple[Path, Address, Node]]:
        for name, child in node.below().items():
            yield from visit((*path, name), (*address, *node.kind.child_address(name)), child)
        yield path, address, node

    for name, node in roots.items():
        yield from visit((name,), (name,), node)
