"""The text of a standard as typed values: what `standard.yaml` may say, and nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from kit.standard.cells import Cell, Hit
from kit.standard.fields import FieldSpec, FieldType, Label, Model, Number
from kit.standard.prose import CLAUSE_ID, ClauseText, Prose
from kit.standard.response import Impact, Resource, Scenario
from kit.standard.tree import Node
from kit.standard.yaml_io import PATTERNS

# Latin letters of either case: formulas use the field's own symbols (L, E, C, R).
NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
VERSION = r"^\d+\.\d+\.\d+$"
CLAUSE = f"^{CLAUSE_ID}$"
TOTALS: tuple[Literal["sum", "max", "min"], ...] = ("sum", "max", "min")
PATTERNS.update(
    {
        NAME: "a name of Latin letters, digits and _, beginning with a letter",
        VERSION: "three numbers with points, for example 1.0.0",
        CLAUSE: 'the number of a clause, for example "5.2.1" or "A.3"',
    }
)
Name = Annotated[str, Field(pattern=NAME)]


def _clause(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f'{value} is read as a number; put the clause in quotes: "{value}"')
    return value


Clause = Annotated[str, BeforeValidator(_clause)]


class Reference(Model):
    """A document the standard rests on; `checked` means its text was seen, at least in a public copy."""

    id: str
    title: str
    checked: bool
    note: str | None = None


class AppliesTo(Model):
    """To whom the standard applies: GB/T 4754 classes and kinds of object."""

    industries: list[str] = []
    kinds: list[str] = []


class Effective(Model):
    """From and to when the standard holds; open when null."""

    start: dt.date | None = Field(default=None, alias="from")
    end: dt.date | None = Field(default=None, alias="to")


class LookupColumn(Model):
    """A value column of a lookup table."""

    type: FieldType
    unit: str | None = None


class LookupTable(Model):
    """A table kept as CSV beside the standard: `table.column` in formulas."""

    file: str
    key: str
    values: dict[str, LookupColumn]
    label: Label | None = None


class Total(Model):
    """A figure over the child rows of an object: `{sum: q / critical_quantity.Q}`, `{max: q}` or `{min: q}`.

    `{sum: "1"}` counts the rows.
    """

    sum: str | None = None
    max: str | None = None
    min: str | None = None
    label: Label | None = None
    unit: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Total:
        if len([how for how in TOTALS if getattr(self, how) is not None]) != 1:
            raise ValueError("a total over child rows is exactly one of sum:, max:, min:")
        return self

    @property
    def how(self) -> Literal["sum", "max", "min"]:
        """Return which figure it is."""
        return next(how for how in TOTALS if getattr(self, how) is not None)

    @property
    def formula(self) -> str:
        """Return what is taken of each row."""
        return str(getattr(self, self.how))


class ChildRows(Model):
    """A register of its own with many rows to one assessed object, joined by `key`."""

    key: str
    fields: dict[Name, FieldSpec]
    totals: dict[Name, Total]
    label: Label | None = None


class Derived(Model):
    """A named formula over fields and other derived values."""

    formula: str
    label: Label | None = None
    unit: str | None = None


class MatrixLevel(Model):
    """`matrix: {use: ls_5x5, likelihood: likelihood, severity: severity}`; the last two name scores."""

    use: str
    likelihood: str
    severity: str


class CutsLevel(Model):
    """`cuts: {of: R, at: [10, 50], levels: [low, general, major]}`; the lower end belongs to the band."""

    of: str
    at: list[Number]
    levels: list[str]


class LevelRow(Model):
    """One row of a level table: a cell for each input, in their order, and the level."""

    when: list[Cell]
    level: str
    note: Label | None = None


class TableLevel(Model):
    """A decision table whose rows give levels.

    `{inputs: [likelihood, indoors], hit: worst, rows: [{when: [">=4", true], level: major}], otherwise: low}`.

    Attributes
    ----------
    hit : `unique` (rows may not overlap: no level where two hold), `first` or `worst`.
    otherwise : the level where no row holds, or `none` for no level.
    """

    inputs: list[str] = Field(min_length=1)
    hit: Hit
    rows: list[LevelRow] = Field(min_length=1)
    otherwise: str


class OnlyWhen(Model):
    """Where the condition is false the level is `otherwise`."""

    formula: str
    otherwise: str


class Level(Model):
    """How scores become a level.

    Attributes
    ----------
    scores_only : there is no level, the scores are the result (an index with ranks and no classes).
    clause : number of the clause that says how the level is found.
    """

    matrix: MatrixLevel | None = None
    cuts: CutsLevel | None = None
    table: TableLevel | None = None
    scale: str = "risk"
    only_when: OnlyWhen | None = None
    scores_only: bool = False
    clause: Clause | None = None

    @model_validator(mode="after")
    def _one(self) -> Level:
        given = sum(kind is not None for kind in (self.matrix, self.cuts, self.table))
        if self.scores_only:
            if given or self.only_when is not None:
                raise ValueError("scores_only: true says that there is no level; remove the other keys of level:")
        elif given != 1:
            raise ValueError(
                "a level comes from either matrix:, cuts: or table:, exactly one of them; write scores_only: true "
                "where the scores are the result"
            )
        return self


class Override(Model):
    """直接判定: a rule applied in order after the matrix, cuts or table."""

    id: Name
    clause: Clause
    when: str
    at_least: str | None = None
    at_most: str | None = None
    set: str | None = None
    reason: Label
    basis: str | None = None
    provenance: Literal["illustrative", "found", "memory", "official"] | None = None
    later: bool = False

    @model_validator(mode="after")
    def _one(self) -> Override:
        if sum(target is not None for target in (self.at_least, self.at_most, self.set)) != 1:
            raise ValueError("an override has exactly one of at_least:, at_most:, set:")
        return self

    @property
    def target(self) -> str:
        """Return the level named."""
        return self.at_least or self.at_most or self.set or ""


class Rollup(Model):
    """How the levels of a unit's risk sources become the level of the unit.

    Attributes
    ----------
    how : `highest` (the worst of its sources) or `share_weighted` (their mean place on the scale, rounded half up).
    weight : a number field by which the sources count under `share_weighted`; without it all count alike.
    clause : number of the clause that says so.
    """

    how: Literal["highest", "share_weighted"] = "highest"
    weight: str | None = None
    clause: Clause | None = None


class Control(Model):
    """分级管控: who answers for a level, how often it is reviewed, and measures by kind."""

    owner: list[str]
    review_days: int = Field(gt=0)
    engineering: list[str] = []
    technical: list[str] = []
    management: list[str] = []
    emergency: list[str] = []


class Document(Model):
    """A standard as its drafters write it.

    Attributes
    ----------
    provenance : `illustrative` shows on every output; `official` only for a department's own text.
    object : what one row of data is.
    annex : 1 already published, 2 newly drafted, of the work plan; null for methods.
    resources, impact, scenarios : what the response needs by level, how far an accident reaches, typical courses.
    text, clauses : the words of the published text that no rule gives, and the list of its clauses by number.
    """

    format: Literal[1]
    id: Name
    version: str = Field(pattern=VERSION)
    status: Literal["draft", "trial", "published", "superseded", "withdrawn"]
    provenance: Literal["illustrative", "official"]
    title: Label
    department: str
    annex: Literal[1, 2] | None = None
    object: Literal["risk_source", "unit", "installation", "area"]
    applies_to: AppliesTo | None = None
    effective: Effective | None = None
    method: Label | None = None
    text: Prose = Prose()
    clauses: dict[Annotated[str, Field(pattern=CLAUSE)], ClauseText] = {}
    references: list[Reference] = []
    tables: dict[Name, LookupTable] = {}
    fields: dict[Name, FieldSpec]
    children: dict[Name, ChildRows] = {}
    derived: dict[Name, Derived] = {}
    scores: dict[Name, Node]
    level: Level
    overrides: list[Override] = []
    rollup: Rollup = Rollup()
    controls: dict[str, Control] = {}
    resources: list[Resource] = []
    impact: Impact | None = None
    scenarios: list[Scenario] = []


class ScaleLevel(Model):
    """One level of a scale."""

    label: Label
    colour: str | None = None
    colour_zh: str | None = None
    note: str | None = None


class Scale(Model):
    """An ordered list of levels; `worst` says which end is the worst."""

    label: Label
    worst: Literal["first", "last"]
    levels: dict[Name, ScaleLevel]
    source: str | None = None
    provenance: Literal["illustrative", "found", "memory", "official"] | None = None

    @property
    def names(self) -> list[str]:
        """Return the levels from the first to the last."""
        return list(self.levels)

    @property
    def worst_level(self) -> str:
        """Return the worst level."""
        return self.names[-1 if self.worst == "last" else 0]


class Matrix(Model):
    """A risk matrix: one row of levels for each likelihood, one column for each severity."""

    label: Label
    scale: str
    likelihood: list[Number]
    severity: list[Number]
    levels: list[list[str]]
    source: str | None = None
    provenance: Literal["illustrative", "found", "memory", "official"] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Matrix:
        if len(self.levels) != len(self.likelihood):
            raise ValueError(f"{len(self.likelihood)} likelihoods need as many rows, but {len(self.levels)} are given")
        for position, row in enumerate(self.levels, start=1):
            if len(row) != len(self.severity):
                raise ValueError(f"row {position} has {len(row)} levels, but there are {len(self.severity)} severities")
        return self
