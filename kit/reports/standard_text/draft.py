"""What the parts of a standard's document share: labels, numbers of tables and formulas, references to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kit.reports.blocks import Cell, Inline, Run, Runs, runs
from kit.reports.standard_text.phrases import option, phrase, said
from kit.scoring.wording import label_of, plain_number, printed_unit
from kit.standard.common_parts import common_labels
from kit.standard.prose import owner_clause
from kit.standard.standard import Standard
from kit.standard.tree import Node

# Chapters 1 to 3 (scope, references, terms) are the same in every document; rules begin with chapter 4.
FIRST_CHAPTER = 4


def own_place(clause: str | None) -> str | None:
    """Return the clause of the document where a rule stands; None for clauses that the document uses otherwise.

    Examples
    --------
    >>> own_place("6.3a"), own_place("2.5.4"), own_place(None)
    ('6.3', None, None)
    """
    owner = owner_clause((clause or "").strip())
    head = owner.partition(".")[0]
    return owner if head.isdigit() and int(head) >= FIRST_CHAPTER else None


def clause_anchor(clause: str) -> str:
    """Return the anchor of a clause."""
    return f"c-{clause}"


@dataclass
class Draft:
    """A document in the making.

    Attributes
    ----------
    labels : 表B.1, 式（B.1） by what they show (`fields`, `node:likelihood`, `derived:crash_rate`, …).
    """

    standard: Standard
    labels: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    @cached_property
    def levels_of_control(self) -> dict[str, str]:
        """Return the Chinese names of the levels of control."""
        return common_labels("control_levels")

    @property
    def department(self) -> str:
        """Return the Chinese name of the department."""
        name = self.standard.document.department
        return common_labels("departments").get(name, name)

    # -- numbers of tables and formulas --------------------------------------------------------------

    def table(self, key: str, series: str) -> tuple[str, str]:
        """Give the next number of `series` (A, B, C, or nothing for the body) to a table; return label and anchor."""
        number = self._next(f"table {series}")
        label = f"{phrase('tables.table')}{series}.{number}" if series else f"{phrase('tables.table')}{number}"
        self.labels[key] = label
        return label, self.anchor(label)

    def formula(self, key: str, series: str) -> tuple[str, str]:
        """Give the next number of `series` to a formula; return what stands at its right, and its anchor."""
        number = f"（{series}.{self._next(f'formula {series}')}）"
        self.labels[key] = f"{phrase('tables.formula')}{number}"
        return number, self.anchor(self.labels[key])

    def _next(self, series: str) -> int:
        self.counts[series] = self.counts.get(series, 0) + 1
        return self.counts[series]

    @staticmethod
    def anchor(label: str) -> str:
        """Return the anchor of a table or formula."""
        return "r-" + "".join(letter for letter in label if letter.isascii() and (letter.isalnum() or letter == "."))  \
            + ("f" if label.startswith(phrase("tables.formula")) else "t")

    def to(self, key: str) -> Run:
        """Return a reference to a table or formula that has its number."""
        label = self.labels[key]
        return Run(label, anchor=self.anchor(label))

    def to_clause(self, clause: str) -> Run:
        """Return a reference to a clause."""
        place = own_place(clause)
        return Run(clause, anchor=clause_anchor(place)) if place else Run(clause)

    # -- words of the standard -----------------------------------------------------------------------

    def label(self, path: str) -> str:
        """Return the label of a node, field, derived value or total."""
        return label_of(self.standard, path).rpartition(".")[2]

    def unit(self, name: str) -> str:
        """Return the unit of a name as printed, nothing for a pure number."""
        symbol = self.standard.names.symbols.get(name.strip())
        return printed_unit(symbol.unit) if symbol else ""

    def in_unit(self, name: str) -> str:
        """Return the unit in brackets."""
        unit = self.unit(name)
        return f"（{unit}）" if unit else ""

    def level(self, name: str) -> str:
        """Return the Chinese name of a level."""
        return self.standard.scale.levels[name].label.zh

    def level_cell(self, name: str) -> Cell:
        """Return a level as a cell with its colour and its name."""
        level = self.standard.scale.levels[name]
        return Cell((Run(level.label.zh, mark=level.colour),), align="center")

    @property
    def scale(self) -> str:
        """Return the Chinese name of the scale."""
        return self.standard.scale.label.zh


def share_words(node: Node) -> str:
    """Return weight and full points of a node as the end of a sentence."""
    words = said("scores.weight", weight=plain_number(node.weight)) if node.weight is not None else ""
    return words + (said("scores.full", full=plain_number(node.full)) if node.full is not None else "")


def provenance_words(provenance: str | None) -> str:
    """Return where figures come from, as a sentence; nothing where it is not said."""
    return (option("scores.provenance", provenance) or "") if provenance else ""


def head(*titles: str) -> tuple[Cell, ...]:
    """Return a row of column titles."""
    return tuple(Cell(runs(title), head=True, align="center") for title in titles)


def cell(*pieces: str | Inline, **more: Any) -> Cell:
    """Return a cell of texts and references."""
    return Cell(runs(*pieces), **more)


def joined(parts: list[Runs], between: str) -> Runs:
    """Return runs one after the other with a text between them."""
    made: list[Inline] = []
    for part in parts:
        made += [Run(between), *part] if made else list(part)
    return tuple(made)
