"""Leaving out what a question does not turn on.

To ask how the level moves with one field, every part of a sum that does not read the field may be any number: if no
counter-example exists even then, none exists. That makes short work of a standard with dozens of indicators. Where
the wider question has a counter-example, the exact one must be asked.
"""

from __future__ import annotations

from typing import Any

import z3


class Reading:
    """Which variables each part of some z3 terms reads.

    Examples
    --------
    >>> x, y = z3.Reals("x y")
    >>> one, other = z3.If(x > 1, 1.0, 2.0), z3.If(y > 1, 1.0, 2.0)
    >>> wider = Reading([one + other <= 3]).without([one + other <= 3], x)
    >>> "y" in str(wider[0]), "x" in str(wider[0])
    (False, True)
    """

    def __init__(self, terms: list[Any]) -> None:
        self._bits: dict[int, int] = {}
        self._reads: dict[int, int] = {}
        self._kept: list[Any] = []  # z3 may give the number of a term that is gone to another
        for term in terms:
            self._visit(term)

    def _visit(self, root: Any) -> None:
        stack: list[tuple[Any, bool]] = [(root, False)]
        while stack:
            term, ready = stack.pop()
            key = term.get_id()
            if key in self._reads:
                continue
            children = term.children()
            if not children:
                self._kept.append(term)
                named = term.decl().kind() == z3.Z3_OP_UNINTERPRETED
                self._reads[key] = 1 << self._bits.setdefault(key, len(self._bits)) if named else 0
            elif ready:
                self._kept.append(term)
                reads = 0
                for child in children:
                    reads |= self._reads[child.get_id()]
                self._reads[key] = reads
            else:
                stack.append((term, True))
                stack += [(child, False) for child in children]

    def knows(self, variable: Any) -> bool:
        """Return whether any of the terms reads the variable."""
        return variable.get_id() in self._bits

    def reads(self, term: Any, variable: Any) -> bool:
        """Return whether the term reads the variable."""
        return bool(self._reads[term.get_id()] & (1 << self._bits[variable.get_id()]))

    def without(self, terms: list[Any], variable: Any) -> list[Any]:
        """Return the terms with each choice between numbers that does not read `variable` replaced by any number."""
        if not self.knows(variable):
            return terms
        found: dict[int, Any] = {}
        seen: set[int] = set()
        stack = list(terms)
        while stack:
            term = stack.pop()
            key = term.get_id()
            if key in seen:
                continue
            seen.add(key)
            if z3.is_app_of(term, z3.Z3_OP_ITE) and z3.is_arith(term) and not self.reads(term, variable):
                found[key] = term
            else:
                stack += term.children()
        pairs = [(term, z3.FreshConst(term.sort(), "any")) for term in found.values()]
        return [z3.substitute(term, *pairs) for term in terms] if pairs else terms
