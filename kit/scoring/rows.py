"""The rows of a node: the bands of a number, the lines of a map or table; and which of them a value falls into."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kit.scoring.program import LOWERINGS
from kit.scoring.rounding import rounded_9
from kit.scoring.wording import label_of, plain_number, printed_unit, value_words
from kit.standard.expressions import ExpressionError
from kit.standard.nodes.bands import Bands
from kit.standard.nodes.map import Map
from kit.standard.standard import Standard
from kit.standard.terms import Ref
from kit.standard.tree import Node


@dataclass(frozen=True)
class Row:
    """One band, one line of a map or of a decision table.

    Attributes
    ----------
    position : place in the file, from 0.
    text_zh : the row in words with units, for example `[2, 4)年`.
    score : what the row gives.
    lower, upper : limits of a band; the lower one belongs to it, None is open.
    key : category, truth or number of a map.
    """

    position: int
    text_zh: str
    score: float | None
    lower: float | None = None
    upper: float | None = None
    key: Any = None


def rows_of(standard: Standard, node: Node) -> list[Row]:
    """Return the rows of a node; none for nodes that have no rows (formulas, branches).

    A kind may say so itself: `explain_rows(kind, standard) -> list[Row]` in its module of `kit/scoring/nodes`.

    Examples
    --------
    >>> rows_of(taxi, taxi.nodes["likelihood.hazard.vehicle_age"])[1].text_zh      # doctest: +SKIP
    '[2, 4)年'
    """
    kind = node.kind
    if isinstance(kind, Bands):
        return band_rows(kind.at, kind.scores, unit_of(standard, kind.of))
    if isinstance(kind, Map):
        name = _name(standard, kind.of)
        return [
            Row(place, value_words(standard, name, key if isinstance(key, bool | str) else float(key)), score, key=key)
            for place, (key, score) in enumerate(kind.to.items())
        ]
    describe = getattr(LOWERINGS.get(kind.key), "explain_rows", None)
    return list(describe(kind, standard)) if describe else []


def matched_row(standard: Standard, node: Node, values: Sequence[Any]) -> Row | None:
    """Return the row that the values of the node's formulas (in their order) fall into; None for none or unknown."""
    kind = node.kind
    rows = rows_of(standard, node)
    if not rows or (len(values) == 1 and values[0] is None):
        return None
    if isinstance(kind, Bands):
        return rows[band_of(kind.at, float(values[0]))]
    if isinstance(kind, Map):
        wanted = values[0] if isinstance(values[0], bool | str) else rounded_9(float(values[0]))
        # True == 1 in Python, but not in a standard.
        return next(
            (row for row in rows if row.key == wanted and isinstance(row.key, bool) == isinstance(wanted, bool)), None
        )
    match = getattr(LOWERINGS.get(kind.key), "explain_match", None)
    place = match(kind, list(values), standard) if match else None
    return None if place is None else rows[place]


def band_rows(at: Sequence[float], scores: Sequence[float | None], unit: str = "") -> list[Row]:
    """Return the bands that the cuts make, lower end included."""
    rows = []
    for place, score in enumerate(scores):
        lower = at[place - 1] if place else None
        upper = at[place] if place < len(at) else None
        if lower is None and upper is not None:
            text = f"＜{plain_number(upper)}{unit}"
        elif lower is not None and upper is None:
            text = f"≥{plain_number(lower)}{unit}"
        else:
            text = f"[{plain_number(lower or 0)}, {plain_number(upper or 0)}){unit}"
        rows.append(Row(place, text, score, lower, upper))
    return rows


def band_of(at: Sequence[float], value: float) -> int:
    """Return the position of the band; values within half a unit of the ninth decimal of a cut meet it.

    Examples
    --------
    >>> band_of([2.0, 4.0], 2.0), band_of([0.3], 0.1 + 0.2), band_of([2.0, 4.0], 1.9)
    (1, 1, 0)
    """
    return bisect_right([rounded_9(cut) for cut in at], rounded_9(value))


def unit_of(standard: Standard, source: str) -> str:
    """Return the unit of a formula that is one name alone, else nothing."""
    symbol = standard.names.symbols.get(source.strip())
    return printed_unit(symbol.unit) if symbol else ""


def reads(standard: Standard, source: str) -> str:
    """Return the label of a formula that is one name alone, else the formula."""
    return label_of(standard, source.strip()) if source.strip() in standard.names.symbols else source


def _name(standard: Standard, source: str) -> str:
    try:
        term = standard.names.parse(source)
    except ExpressionError:
        return ""
    return term.name.partition(":")[2] if isinstance(term, Ref) else ""
