"""`bands` as terms."""

from __future__ import annotations

from kit.scoring.nodes.base import Build
from kit.standard.nodes.bands import Bands
from kit.standard.terms import UNKNOWN, Case, Compare, Known, Not, Term, number

KINDS = (Bands,)


def lower(kind: Bands, build: Build) -> Term:
    """Return the score of the band the value falls into."""
    value = build.parse(kind.of, "number")
    below = [
        (Compare("<", value, number(cut)), number(score)) for cut, score in zip(kind.at, kind.scores, strict=False)
    ]
    return Case(((Not(Known(value)), UNKNOWN), *below), number(kind.scores[-1]))


def extremes(kind: Bands) -> tuple[float, float]:
    """Return the lowest and the highest score."""
    return min(kind.scores), max(kind.scores)
