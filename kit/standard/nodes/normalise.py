"""`normalise`: a number brought to a common scale: by goalposts, the data, its place, or a target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from kit.standard.fields import Model, Number, Range
from kit.standard.nodes.base import Address, Environment, NodeKind
from kit.standard.terms import ValueKind

METHODS = ("min_max", "z_score", "percentile_rank", "rank", "distance_to_target")
Outside = Literal["keep", "clamp"]
# Fixed values for a place: so many cuts still make a rule that engines and proofs can take.
MOST_AMONG = 5000
Among = Annotated[list[Number], Field(min_length=2, max_length=MOST_AMONG)]


class MinMax(Model):
    """(x - low) / (high - low), low and high being the goalposts, or the least and greatest value of the table.

    Attributes
    ----------
    goalposts : fixed [low, high]; without them the figure is relative to the table.
    outside : what a value beyond the goalposts does: `keep` (below 0 or above 1) or `clamp` (0 or 1).
    """

    goalposts: Range | None = None
    outside: Outside = "keep"


class ZScore(Model):
    """(x - mean) / standard deviation.

    Attributes
    ----------
    deviation : `sample` divides the squares by n - 1, `population` by n.
    about : fixed [mean, standard deviation]; without them the figure is relative to the table.
    """

    deviation: Literal["sample", "population"] = "sample"
    about: Range | None = None


class PercentileRank(Model):
    """The share of the table's values that lie below, from 0 to 1; values alike get the same.

    Attributes
    ----------
    definition : `below` = those below / (n - 1), so the lowest has 0 and, untied, the highest 1 (unknown for n = 1);
        `at_most` = those not above / n; `mid` = (those below + half of those alike) / n.
    among : fixed values instead of the table's; a value that is none of them has the share of the fixed ones below it,
        never more than 1.
    """

    definition: Literal["below", "at_most", "mid"] = "below"
    among: Among | None = None


class Rank(Model):
    """The place from 1 on; `ties` says which of their places values alike get: `min`, `max`, `average` or `dense`.

    Attributes
    ----------
    among : fixed values among which the place is found; without them the place is that in the table.
    """

    ties: Literal["min", "max", "average", "dense"]
    among: Among | None = None


class DistanceToTarget(Model):
    """(x - start) / (target - start): how much of the way is gone.

    Attributes
    ----------
    target, start : the fixed ends of the way; a target below the start is a value that has to fall.
    outside : `clamp` (no less than 0, no more than 1) or `keep`.
    """

    target: Number
    start: Number = Field(default=0.0, alias="from")
    outside: Outside = "clamp"


class Normalise(Model, NodeKind):
    """`{of: income, log: true, min_max: {goalposts: [100, 75000]}, to: [0, 100]}`: one of five methods.

    Attributes
    ----------
    direction : `up` (the score rises with the value) or `down`: min-max and percentile rank from 1 to 0, the z-score
        with the other sign, rank 1 for the highest. A distance has its direction from target and start.
    log : take the natural logarithm of the value and of what it is measured by first; unknown for values not above 0.
    to : 0 and 1 of the method become these (not for z-score and rank).
    """

    key: ClassVar[str] = "normalise"

    of: str
    min_max: MinMax | None = None
    z_score: ZScore | None = None
    percentile_rank: PercentileRank | None = None
    rank: Rank | None = None
    distance_to_target: DistanceToTarget | None = None
    direction: Literal["up", "down"] = "up"
    log: bool = False
    to: Range | None = None

    @model_validator(mode="after")
    def _one(self) -> Normalise:
        given = [name for name in METHODS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"normalise needs exactly one of {', '.join(METHODS)}; {', '.join(given) or 'none'} "
                f"{'are' if len(given) > 1 else 'is'} given"
            )
        return self

    @property
    def method(self) -> str:
        """Return the word of the method."""
        return next(name for name in METHODS if getattr(self, name) is not None)

    @property
    def relative(self) -> bool:
        """Whether the other rows of the table matter; goalposts, `about` and targets are fixed."""
        if self.min_max is not None:
            return self.min_max.goalposts is None
        if self.z_score is not None:
            return self.z_score.about is None
        if self.percentile_rank is not None:
            return self.percentile_rank.among is None
        if self.rank is not None:
            return self.rank.among is None
        return False

    @property
    def limits(self) -> tuple[float, float] | None:
        """Lowest and highest possible score, where the method has them."""
        low, high = self.to or (0.0, 1.0)
        bounded = self.percentile_rank is not None
        if self.rank is not None and self.rank.among is not None:
            return 1.0, float(len(self.rank.among) + 1)
        if self.min_max is not None:
            bounded = self.min_max.goalposts is None or self.min_max.outside == "clamp"
        if self.distance_to_target is not None:
            bounded = self.distance_to_target.outside == "clamp"
        return (min(low, high), max(low, high)) if bounded else None

    def formulas(self) -> Iterator[tuple[Address, str, ValueKind | None]]:
        yield ("normalise", "of"), self.of, "number"

    def problems(self, node: object, names: Environment) -> Iterator[tuple[Address, str]]:
        place = ("normalise", self.method)
        if self.min_max is not None and self.min_max.goalposts is not None:
            low, high = self.min_max.goalposts
            if high <= low:
                yield (
                    (*place, "goalposts"),
                    f"the goalposts must rise, but {high:g} comes after {low:g}; for a score that falls with the value "
                    "write direction: down",
                )
            if self.log and low <= 0:
                yield (*place, "goalposts"), f"with log: true both goalposts must be above 0; {low:g} has no logarithm"
        if self.min_max is not None and self.min_max.goalposts is None and self.min_max.outside == "clamp":
            yield (*place, "outside"), "nothing lies beyond the table's own values; remove outside: or give goalposts:"
        if self.z_score is not None and self.z_score.about is not None and self.z_score.about[1] <= 0:
            yield (*place, "about"), f"the standard deviation must be above 0, but is {self.z_score.about[1]:g}"
        among = getattr(getattr(self, self.method), "among", None)
        if among is not None and self.log and min(among) <= 0:
            yield (*place, "among"), f"with log: true all values must be above 0; {min(among):g} has no logarithm"
        if self.distance_to_target is not None:
            target, start = self.distance_to_target.target, self.distance_to_target.start
            if target == start:
                yield (*place, "target"), f"target and from are both {target:g}; there is no way between them"
            if self.log and min(target, start) <= 0:
                yield (*place, "from"), "with log: true both target and from must be above 0"
            if self.direction == "down":
                yield (
                    ("normalise", "direction"),
                    "a distance_to_target has its direction from target and from; remove direction:",
                )
        if self.to is not None:
            if self.z_score is not None or self.rank is not None:
                yield ("normalise", "to"), f"to: has no meaning for {self.method}, which has no 0 and 1; remove it"
            elif self.to[0] == self.to[1]:
                yield ("normalise", "to"), "both ends are the same; every value would get one score"
        if getattr(node, "missing", None) in ("worst", "best") and self.limits is None:
            yield (
                (),
                f"missing: {getattr(node, 'missing', '')} needs a lowest and highest score, which {self.method} does "
                "not have; use outside: clamp, {value: x}, skip or error",
            )
