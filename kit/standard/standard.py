"""A standard with everything that belongs to it, its names resolved: what the other rooms work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from kit.standard.document import Document, Matrix, Scale
from kit.standard.expressions import Symbol, parse_expression
from kit.standard.fields import FieldSpec
from kit.standard.terms import Term, ValueKind, references, walk
from kit.standard.tree import Node, nodes

_FIELD_KINDS: dict[str, ValueKind] = {
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "category": "text",
    "text": "text",
    "date": "text",
}


def field_symbols(fields: Mapping[str, FieldSpec], prefix: str = "field:") -> dict[str, Symbol]:
    """Return the names under which formulas read `fields`."""
    return {
        name: Symbol(
            f"{prefix}{name}",
            _FIELD_KINDS[spec.type],
            tuple(spec.values) if spec.values else None,
            spec.unit,
            spec.label.zh,
        )
        for name, spec in fields.items()
    }


class Names:
    """The names a formula of the standard may use, and the reading of formulas with them."""

    def __init__(self, symbols: Mapping[str, Symbol]) -> None:
        self.symbols = dict(symbols)
        self._parsed: dict[tuple[str, ValueKind | None], Term] = {}

    def parse(self, source: str, expect: ValueKind | None = None) -> Term:
        """Return the formula as a term, read once; ExpressionError when it is none."""
        key = (source, expect)
        if key not in self._parsed:
            self._parsed[key] = parse_expression(source, self.symbols, expect)
        return self._parsed[key]

    def categories(self, source: str) -> tuple[str, ...] | None:
        """Return the categories of a field named alone, else None."""
        symbol = self.symbols.get(source.strip())
        return symbol.values if symbol else None


@dataclass(frozen=True)
class ChecklistItem:
    """A line of the suggestion list of risk sources (安全风险源辨识建议清单).

    Attributes
    ----------
    fields : the fields and derived values that matter for the item; empty means all. Indicators that use none of them
        do not apply.
    engineering, technical, management, emergency : control measures by kind (工程、技术、管理、应急).
    """

    id: str
    name_zh: str
    accident_class: str
    hazard_factor: str
    where_zh: str
    consequence_zh: str
    fields: tuple[str, ...]
    engineering: tuple[str, ...] = ()
    technical: tuple[str, ...] = ()
    management: tuple[str, ...] = ()
    emergency: tuple[str, ...] = ()

    @property
    def controls(self) -> tuple[str, ...]:
        """Return all measures, in the order of their kinds."""
        return (*self.engineering, *self.technical, *self.management, *self.emergency)


@dataclass(frozen=True)
class Standard:
    """A loaded standard.

    Attributes
    ----------
    document : its text.
    path : the file it was read from.
    scale, matrix : the level scale, and the matrix where it uses one, from `standards/common`.
    lookups : lookup tables by name, indexed by their key.
    checklist : risk sources the sector should look for; empty for methods.
    fingerprint : SHA-256 over text, tables, checklist and the common parts used.
    common : folder of the shared scales and matrices it was read with; None for the checkout's own.
    """

    document: Document
    path: Path
    scale: Scale
    matrix: Matrix | None
    lookups: Mapping[str, pd.DataFrame]
    checklist: tuple[ChecklistItem, ...]
    fingerprint: str
    common: Path | None = None

    def __repr__(self) -> str:
        return f"<Standard {self.label} {self.title}>"

    @property
    def id(self) -> str:
        """Return the identifier, for example `taxi`."""
        return self.document.id

    @property
    def version(self) -> str:
        """Return the version, for example `0.1.0`."""
        return self.document.version

    @property
    def label(self) -> str:
        """Return identifier and version as registers and reports name them."""
        return f"{self.id}@{self.version}"

    @property
    def title(self) -> str:
        """Return the Chinese title."""
        return self.document.title.zh

    @property
    def illustrative(self) -> bool:
        """Whether outputs have to say that the figures come from nowhere official."""
        return self.document.provenance == "illustrative"

    @property
    def fields(self) -> dict[str, FieldSpec]:
        """Return the declared fields of the assessed object."""
        return dict(self.document.fields)

    @cached_property
    def derived_terms(self) -> dict[str, Term]:
        """Return the derived formulas in an order in which each needs only earlier ones."""
        names = self.names
        terms = {name: names.parse(derived.formula) for name, derived in self.document.derived.items()}
        ordered: dict[str, Term] = {}
        while len(ordered) < len(terms):
            ready = [
                name
                for name, term in terms.items()
                if name not in ordered
                and all(f"derived:{other}" not in references(term) or other in ordered for other in terms)
            ]
            if not ready:  # the loader refuses circles
                raise AssertionError(f"derived values of {self.id} need each other")
            ordered |= {name: terms[name] for name in ready}
        return ordered

    @cached_property
    def names(self) -> Names:
        """Return the names every formula of the tree and of the overrides may use."""
        return Names(standard_symbols(self.document))

    def child_names(self, child: str) -> Names:
        """Return the names a total over the rows of `child` may use."""
        return Names(child_symbols(self.document, child))

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Return every node by its dotted path, children before parents."""
        return {".".join(path): node for path, _, node in nodes(self.document.scores)}

    def names_of(self, term: Term) -> set[str]:
        """Return the fields and derived values a term reads, through derived values."""
        found = self.fields_of(term)
        for name, derived in self.derived_terms.items():
            if f"derived:{name}" in references(term):
                found |= {name} | self.names_of(derived)
        return found

    def fields_of(self, term: Term) -> set[str]:
        """Return the fields a term reads, through derived values."""
        found: set[str] = set()
        for name in {part.name for part in walk(term) if hasattr(part, "name")}:
            if name.startswith("field:"):
                found.add(name.removeprefix("field:"))
            elif name.startswith("derived:"):
                found |= self.fields_of(self.derived_terms[name.removeprefix("derived:")])
        return found


def standard_symbols(document: Document) -> dict[str, Symbol]:
    """Return all names of a standard: fields, derived values, totals, and the scores at the top of the tree."""
    symbols = field_symbols(document.fields)
    for name, derived in document.derived.items():
        symbols[name] = Symbol(
            f"derived:{name}", "number", None, derived.unit, derived.label.zh if derived.label else None
        )
    for child in document.children.values():
        for name, total in child.totals.items():
            symbols[name] = Symbol(f"total:{name}", "number", None, total.unit, total.label.zh if total.label else None)
    for name, node in document.scores.items():
        symbols[name] = Symbol(f"score:{name}", "number", None, None, node.label.zh if node.label else None)
    return symbols


def child_symbols(document: Document, child: str) -> dict[str, Symbol]:
    """Return the names of a child register: its fields, and `table.column` of the lookup tables."""
    symbols = field_symbols(document.children[child].fields)
    for table, declared in document.tables.items():
        for column, spec in declared.values.items():
            symbols[f"{table}.{column}"] = Symbol(f"lookup:{table}.{column}", _FIELD_KINDS[spec.type], None, spec.unit)
    return symbols
