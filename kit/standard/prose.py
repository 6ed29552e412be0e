"""The words of the published text that no rule can give: foreword, scope, terms, and the list of clauses."""

from __future__ import annotations

import re

from pydantic import Field, model_validator

from kit.standard.fields import Label, Model

# 4, 5.2.1, A.3; list items of a clause (6.3a) are not clauses of their own.
CLAUSE_ID = r"(?:\d+|[A-Z])(?:\.\d+)*"


class DefinedTerm(Model):
    """A term with its definition; `source` names the document it was taken from, with the clause."""

    term: Label
    definition: Label
    source: str | None = None


class Prose(Model):
    """Parts of the published text: 前言, 范围, 术语和定义.

    Attributes
    ----------
    foreword : paragraphs after the fixed ones (who proposed and drafted the text).
    scope : what the text lays down and to whom it applies; a sentence made from the title when not given.
    terms : terms beside those that all standards share.
    """

    foreword: list[Label] = []
    scope: Label | None = None
    terms: list[DefinedTerm] = []


class ClauseText(Model):
    """One clause of the published text.

    Attributes
    ----------
    title : its heading; where absent, that of the rule that cites it.
    text : its sentences; what a rule says (bands, weights) is added from the rule and need not be repeated.
    rule : whether a rule of the file (an indicator, a score, an override, the level) has to stand behind it. False for
        clauses that only people can follow.
    """

    title: Label | None = None
    text: list[Label] = Field(default=[])
    rule: bool = True

    @model_validator(mode="after")
    def _says_something(self) -> ClauseText:
        if self.title is None and not self.text:
            raise ValueError("a clause needs a title: or a text:")
        return self


def clause_key(clause: str) -> tuple[tuple[int, int | str], ...]:
    """Return what sorts clauses as a text has them: 5.2 before 5.10, annex A after the last chapter.

    Examples
    --------
    >>> sorted(["5.10", "A.1", "5.2", "6.3b", "6.3a"], key=clause_key)
    ['5.2', '5.10', '6.3a', '6.3b', 'A.1']
    """
    parts = re.findall(r"\d+|[A-Za-z]+|[^.\w]+", clause)
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


def owner_clause(clause: str) -> str:
    """Return the clause to which a list item belongs: 6.3 of 6.3a; a clause is its own.

    Examples
    --------
    >>> owner_clause("6.3a"), owner_clause("5.2.1")
    ('6.3', '5.2.1')
    """
    found = re.match(CLAUSE_ID, clause)
    return found.group(0) if found else clause


def parent_clauses(clause: str) -> list[str]:
    """Return the clauses above one, the nearest first: 5.2 and 5 of 5.2.1; 6.3 and 6 of 6.3a."""
    owner = owner_clause(clause)
    above = [] if owner == clause else [owner]
    parts = owner.split(".")
    return above + [".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1)]
