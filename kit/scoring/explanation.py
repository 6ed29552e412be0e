"""What an explanation holds: inputs, the tree with the row each node matched, the level, the overrides."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from kit.scoring.least_change import Change
from kit.scoring.rows import Row


@dataclass(frozen=True)
class InputValue:
    """A field, derived value or total as it went in.

    Attributes
    ----------
    kind : field, derived or total.
    value : the value used; None when it is missing, faulty or cannot be computed.
    text_zh : the value with its unit in words.
    formula_zh : how a derived value is computed.
    fault : `out_of_range`, `not_integer`, `not_allowed`, `not_finite` where the value given is wrong, else None.
    """

    name: str
    kind: str
    label_zh: str
    value: float | bool | str | None
    unit: str | None
    text_zh: str
    formula_zh: str | None = None
    fault: str | None = None


@dataclass(frozen=True)
class NodeExplanation:
    """One node of the tree.

    Attributes
    ----------
    path : dotted path, kind : the word of the file (`bands`, `max`, …).
    value : its score; None where it does not apply or is unknown.
    applies : whether it concerns the row; None when that is unknown.
    why_not_zh : why it does not apply, or why it takes no part.
    reads_zh : what it looked at, with the value; formula_zh, latex : the formula of a `formula` node.
    row : the band or line the value fell into.
    weight, share : weight in the file and share (0 to 1) in its parent after nodes that take no part have left.
    contribution : share times value, in a weighted mean.
    decides : in a `max` or `min`, whether the parent's value is this one's.
    substituted : whether `missing:` put a score in the place of an unknown value.
    """

    path: str
    label_zh: str
    kind: str
    clause: str | None
    value: float | None
    applies: bool | None
    why_not_zh: str | None = None
    reads_zh: tuple[str, ...] = ()
    formula_zh: str | None = None
    latex: str | None = None
    row: Row | None = None
    weight: float | None = None
    full: float | None = None
    share: float | None = None
    contribution: float | None = None
    decides: bool | None = None
    substituted: bool = False
    rounding_zh: str | None = None
    children: tuple[NodeExplanation, ...] = ()


@dataclass(frozen=True)
class LevelStep:
    """How scores became a level before the overrides: matrix cell, or band of the cuts.

    Attributes
    ----------
    method : matrix, cuts or another kind of level.
    text_zh : the step in words.
    likelihood, severity : scores on the axes of a matrix.
    row : the band of a level from cuts.
    level : the level before the overrides; None when unknown.
    """

    method: str
    text_zh: str
    level: str | None
    level_zh: str | None
    likelihood: float | None = None
    severity: float | None = None
    row: Row | None = None


@dataclass(frozen=True)
class OverrideExplanation:
    """A direct determination: did it fire, and did it decide.

    Attributes
    ----------
    fired : None when its condition is unknown.
    decided : whether it is the one that set the level.
    effect_zh : what it demands, for example `不低于重大`.
    level_before, level_after : before and after this override.
    """

    id: str
    clause: str
    when: str
    when_zh: str
    fired: bool | None
    decided: bool
    effect_zh: str
    reason_zh: str
    basis: str | None
    level_before: str | None
    level_after: str | None
    later: bool = False


@dataclass(frozen=True)
class Explanation:
    """Why one row has its level.

    Attributes
    ----------
    standard, title_zh, fingerprint : by which text.
    illustrative : whether the figures of the standard come from no official text.
    row : how the row was named; item : its checklist item, where it has one.
    level : None when the row cannot be scored; `reason_zh` then says why.
    inputs : fields, derived values and totals, in the order of the standard.
    scores : the tree.
    changes : the least change of one field to each level that could be reached so, nearest first.
    changes_zh : the same in words, or why there are none.
    """

    standard: str
    title_zh: str
    fingerprint: str
    illustrative: bool
    row: str
    item: str | None
    item_zh: str | None
    level: str | None
    level_zh: str | None
    reason: str | None
    reason_zh: str | None
    inputs: tuple[InputValue, ...]
    scores: tuple[NodeExplanation, ...]
    level_step: LevelStep
    overrides: tuple[OverrideExplanation, ...]
    changes: tuple[Change, ...] = ()
    changes_zh: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data, ready for `json.dumps`."""
        return asdict(self)

    def text(self) -> str:
        """Return the explanation as Chinese text, a line for each step."""
        from kit.scoring.explanation_text import as_text

        return as_text(self)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from kit.scoring.explanation_text import as_html

        return as_html(self)
