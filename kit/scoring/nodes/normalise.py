"""`normalise` as terms."""

from __future__ import annotations

from kit.scoring.nodes.base import Build
from kit.scoring.statistics import deviation, mean
from kit.standard.nodes.normalise import DistanceToTarget, MinMax, Normalise, PercentileRank, ZScore
from kit.standard.nodes.normalise import Rank as Places
from kit.standard.terms import Aggregate, Arithmetic, Function, Rank, Round, Term, number

KINDS = (Normalise,)


def lower(kind: Normalise, build: Build) -> Term:
    """Return the score; unknown where the value is, or where all values of the table are alike and nothing tells."""
    value = build.parse(kind.of, "number")
    if kind.log:
        value = _log(value)
    score: Term
    if kind.min_max is not None:
        score = _min_max(kind.min_max, value, kind.log, kind.direction == "down")
    elif kind.z_score is not None:
        score = _z_score(kind.z_score, value, kind.direction == "down")
    elif kind.percentile_rank is not None:
        score = _percentile_rank(kind.percentile_rank, value, kind.direction == "down")
    elif kind.rank is not None:
        score = _place(value, kind.rank, kind.direction == "down")
    else:
        assert kind.distance_to_target is not None
        score = _distance(kind.distance_to_target, value, kind.log)
    if kind.to is None:
        return score
    low, high = kind.to
    return Arithmetic("+", number(low), Arithmetic("*", number(high - low), score))


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


def _distance(how: DistanceToTarget, value: Term, log: bool) -> Term:
    score = _share(value, _fixed(how.start, log), _fixed(how.target, log))
    return _clamped(score) if how.outside == "clamp" else score
