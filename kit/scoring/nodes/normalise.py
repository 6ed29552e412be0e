"""`normalise` as terms."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate

from kit.scoring.nodes.base import Build
from kit.scoring.rounding import rounded_9
from kit.scoring.statistics import deviation, mean
from kit.standard.nodes.base import Environment
from kit.standard.nodes.normalise import DistanceToTarget, MinMax, Normalise, PercentileRank, ZScore
from kit.standard.nodes.normalise import Rank as Places
from kit.standard.terms import (
    UNKNOWN,
    Aggregate,
    Arithmetic,
    Case,
    Compare,
    Function,
    Known,
    Rank,
    Round,
    Term,
    number,
    when,
)

KINDS = (Normalise,)


def lower(kind: Normalise, build: Build) -> Term:
    """Return the score; unknown where the value is, or where all values of the table are alike and nothing tells."""
    value = measured(kind, build)
    score: Term
    if kind.min_max is not None:
        score = _min_max(kind.min_max, value, kind.log, kind.direction == "down")
    elif kind.z_score is not None:
        score = _z_score(kind.z_score, value, kind.direction == "down")
    elif kind.percentile_rank is not None:
        share = kind.percentile_rank
        down = kind.direction == "down"
        fixed = _among(share.among, kind.log, value) if share.among is not None else None
        score = _fixed_share(share, *fixed, down) if fixed else _percentile_rank(share, value, down)
    elif kind.rank is not None:
        down = kind.direction == "down"
        fixed = _among(kind.rank.among, kind.log, value) if kind.rank.among is not None else None
        score = _fixed_place(kind.rank, *fixed, down) if fixed else _place(value, kind.rank, down)
    else:
        assert kind.distance_to_target is not None
        score = _distance(kind.distance_to_target, value, kind.log)
    if kind.to is None:
        return score
    low, high = kind.to
    return Arithmetic("+", number(low), Arithmetic("*", number(high - low), score))


def measured(kind: Normalise, names: Environment) -> Term:
    """Return what the method measures: the value, or its logarithm."""
    value = names.parse(kind.of, "number")
    return _log(value) if kind.log else value


def extremes(kind: Normalise) -> tuple[float, float]:
    """Return the lowest and highest score; the loader refuses `worst` and `best` where there are none."""
    assert kind.limits is not None
    return kind.limits


def _log(value: Term) -> Term:
    # Rounded as every comparison is, so that a library's last bit does not show.
    return Round(Function("log", (value,)), 9)


def _share(value: Term, low: Term, high: Term) -> Term:
    return Arithmetic("/", Arithmetic("-", value, low), Arithmetic("-", high, low))


def _clamped(score: Term) -> Term:
    return Function("max", (Function("min", (score, number(1))), number(0)))


def _fixed(value: float, log: bool) -> Term:
    return _log(number(value)) if log else number(value)


def _min_max(how: MinMax, value: Term, log: bool, down: bool) -> Term:
    low: Term = Aggregate("min", value)
    high: Term = Aggregate("max", value)
    if how.goalposts is not None:
        low, high = (_fixed(post, log) for post in how.goalposts)
    score = _share(value, high, low) if down else _share(value, low, high)
    return _clamped(score) if how.outside == "clamp" else score


def _z_score(how: ZScore, value: Term, down: bool) -> Term:
    about: Term = mean(value)
    spread: Term = deviation(value, sample=how.deviation == "sample")
    if how.about is not None:
        about, spread = (number(figure) for figure in how.about)
    apart = Arithmetic("-", about, value) if down else Arithmetic("-", value, about)
    return Arithmetic("/", apart, spread)


def _below(value: Term, down: bool) -> Term:
    return Arithmetic("-", Rank(value, "min", down), number(1))


def _above(value: Term, down: bool) -> Term:
    return _below(value, not down)


def _percentile_rank(how: PercentileRank, value: Term, down: bool) -> Term:
    count = Aggregate("count", value)
    if how.definition == "below":
        return Arithmetic("/", _below(value, down), Arithmetic("-", count, number(1)))
    at_most = Arithmetic("-", count, _above(value, down))
    if how.definition == "at_most":
        return Arithmetic("/", at_most, count)
    middle = Arithmetic("/", Arithmetic("+", _below(value, down), at_most), number(2))
    return Arithmetic("/", middle, count)


def _place(value: Term, how: Places, down: bool) -> Term:
    if how.ties in ("min", "dense"):
        return Rank(value, "dense" if how.ties == "dense" else "min", down)
    last = Arithmetic("-", Aggregate("count", value), _above(value, down))
    if how.ties == "max":
        return last
    return Arithmetic("/", Arithmetic("+", Rank(value, "min", down), last), number(2))


def _among(among: list[float], log: bool, value: Term) -> tuple[list[float], Term]:
    """Return the fixed values, sorted and rounded as comparisons round, and the value to place among them."""
    rounded = [rounded_9(math.log(one)) if log else rounded_9(one) for one in among]
    return sorted(rounded), value


def _steps(value: Term, fixed: list[float], figure: Callable[[int, int, int], float]) -> Term:
    """Return `figure(below, alike, places below)` as a tree of comparisons, as deep as the binary log of the values.

    `below` and `alike` count the fixed values under and at the value, `places` the different ones under it.
    """
    places = sorted(set(fixed))
    counts = [fixed.count(place) for place in places] if len(places) < len(fixed) else [1] * len(places)
    under = [0, *accumulate(counts)]

    def between(low: int, high: int) -> Term:
        """Return the figure for a value known to be at least place `low - 1` and below place `high`."""
        if low == high:
            return number(figure(under[low], 0, low))
        middle = (low + high) // 2
        at = when(
            Compare("==", value, number(places[middle])),
            number(figure(under[middle], counts[middle], middle)),
            between(middle + 1, high),
        )
        return Case(((Compare("<", value, number(places[middle])), between(low, middle)),), at)

    return when(Known(value), between(0, len(places)), UNKNOWN)


def _fixed_share(how: PercentileRank, fixed: list[float], value: Term, down: bool) -> Term:
    count = len(fixed)

    def figure(below: int, alike: int, _: int) -> float:
        under = count - below - alike if down else below
        at_most = under + alike
        match how.definition:
            case "below":
                return min(under / (count - 1), 1.0)
            case "at_most":
                return at_most / count
        return (under + at_most) / 2 / count

    return _steps(value, fixed, figure)


def _fixed_place(how: Places, fixed: list[float], value: Term, down: bool) -> Term:
    count, different = len(fixed), len(set(fixed))

    def figure(below: int, alike: int, places: int) -> float:
        under = count - below - alike if down else below
        if how.ties == "dense":
            return float(different - places - bool(alike) + 1 if down else places + 1)
        first, last = under + 1, max(under + alike, under + 1)
        return {"min": float(first), "max": float(last), "average": (first + last) / 2}[how.ties]

    return _steps(value, fixed, figure)


def _distance(how: DistanceToTarget, value: Term, log: bool) -> Term:
    score = _share(value, _fixed(how.start, log), _fixed(how.target, log))
    return _clamped(score) if how.outside == "clamp" else score
