"""`formula` as terms."""

from __future__ import annotations

from kit.scoring.nodes.base import Build
from kit.standard.nodes.formula import Formula
from kit.standard.terms import Term

KINDS = (Formula,)


def lower(kind: Formula, build: Build) -> Term:
    """Return the formula itself."""
    return build.parse(kind.root, "number")
