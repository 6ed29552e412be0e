"""The share of a population from a stratified random sample, with an interval that keeps its promise.

The estimate is the stratified one with finite population correction (Cochran, Sampling Techniques, 3rd edition 1977,
chapter 5). The interval depends on what was found:

- `exact`: every stratum that was not checked in full has found nothing (or failed throughout). Then the largest number
  of failing members that would still show nothing with at least half the error rate, by the hypergeometric law of each
  stratum: the principle of Clopper and Pearson, for a finite population in strata. The bound is the worst over all ways
  in which they could be spread over the strata.
- `clopper_pearson`: some stratum has found nothing or failed throughout, or few either way. Clopper-Pearson limits at
  the effective sample size of the estimate (Korn and Graubard, Survey Methodology 24, 1998, 193-201).
- `wilson`: otherwise, Wilson's score limits at the effective sample size.
- `census`: everything was checked, and nothing is uncertain.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

from kit.errors import Problem, ProblemsError

ENOUGH = 5
"""Failing and passing members that every stratum needs for Wilson's limits: with fewer these covered 92 % in trials."""


@dataclass(frozen=True)
class Stratum:
    """What one stratum of a sample came to.

    Attributes
    ----------
    population : members of the stratum.
    checked : members of which the answer is known, drawn at random.
    failing : those of them that failed.
    """

    population: int
    checked: int
    failing: int


@dataclass(frozen=True)
class Share:
    """The estimated share of failing members, as a fraction of the population.

    Attributes
    ----------
    population, checked, failing : totals over the strata.
    share : the estimate; None where a stratum has members of which none was checked.
    error : its standard error; None with `share`, and where no spread was seen (`exact`): that is not an error of 0.
    low, high : limits of the interval; a stratum of which nothing is known may be anything from 0 to all.
    method : `exact`, `clopper_pearson`, `wilson`, `census`, or `unknown` when nothing was checked.
    effective : the effective sample size on which the limits rest, None for the other methods.
    """

    population: int
    checked: int
    failing: int
    share: float | None
    error: float | None
    low: float
    high: float
    method: str
    effective: float | None = None


def stratified_share(strata: Sequence[Stratum], confidence: float = 0.95) -> Share:
    """Return the estimated share of failing members with its interval.

    Parameters
    ----------
    strata : population, checked and failing of each stratum; those without members are left out. Order is of no effect
        beyond the last digits.
    confidence : probability with which the interval is to hold the true share, between 0 and 1 (both excluded).

    Raises
    ------
    ProblemsError
        With every stratum whose numbers cannot be (more failing than checked, more checked than there are).

    Examples
    --------
    Two strata of 100 and 300 members, by hand: 0.25 x 6/20 + 0.75 x 6/30 = 0.225; the standard error is the root of
    0.25^2 x 0.8 x 0.21/19 + 0.75^2 x 0.9 x 0.16/29 = 0.0578.

    >>> found = stratified_share([Stratum(100, 20, 6), Stratum(300, 30, 6)])
    >>> round(found.share, 4), round(found.error, 4), found.method
    (0.225, 0.0578, 'wilson')

    Nothing found among 50 of 1,000: at most 69 of them fail.

    >>> found = stratified_share([Stratum(1000, 50, 0)])
    >>> found.low, found.high, found.method
    (0.0, 0.069, 'exact')
    """
    _stop_if_impossible(strata, confidence)
    strata = sorted(
        (one for one in strata if one.population), key=lambda one: (one.population, one.checked, one.failing)
    )
    population = sum(one.population for one in strata)
    checked = sum(one.checked for one in strata)
    failing = sum(one.failing for one in strata)
    known = [one for one in strata if one.checked]
    if not known:
        return Share(population, 0, 0, None, None, 0.0, 1.0, "unknown")
    found = _known_share(known, confidence)
    unknown = population - sum(one.population for one in known)
    if not unknown:
        return found
    part = (population - unknown) / population
    low, high = found.low * part, found.high * part + unknown / population
    return Share(population, checked, failing, None, None, low, high, found.method, found.effective)


def _stop_if_impossible(strata: Sequence[Stratum], confidence: float) -> None:
    problems = [
        Problem(
            f"{one.failing} failing of {one.checked} checked of {one.population}; each must be at least 0 and at most "
            "the next",
            key=f"stratum {position}",
        )
        for position, one in enumerate(strata, start=1)
        if not 0 <= one.failing <= one.checked <= one.population
    ]
    if not 0 < confidence < 1:
        problems.append(Problem(f"the confidence must be between 0 and 1, such as 0.95 (given: {confidence})"))
    if problems:
        raise ProblemsError(problems)


def _known_share(strata: Sequence[Stratum], confidence: float) -> Share:
    population = sum(one.population for one in strata)
    checked = sum(one.checked for one in strata)
    failing = sum(one.failing for one in strata)
    share = math.fsum(one.population * one.failing / one.checked for one in strata) / population
    variance = math.fsum(_variance(one) * (one.population / population) ** 2 for one in strata)
    partial = [one for one in strata if one.checked < one.population]
    # Members that were seen are not in doubt, whatever the method says.
    least, most = failing / population, 1 - (checked - failing) / population
    effective = None
    if not partial:
        low, high, method = share, share, "census"
    elif all(one.failing == 0 for one in partial):
        low, high, method = least, least + _hidden(partial, (1 - confidence) / 2) / population, "exact"
    elif all(one.failing == one.checked for one in partial):
        low, high, method = most - _hidden(partial, (1 - confidence) / 2) / population, most, "exact"
    else:
        low, high, method, effective = _limits(partial, population, share, variance, confidence)
        low, high = min(max(low, least), share), max(min(high, most), share)
    error = None if method == "exact" else math.sqrt(variance)
    return Share(population, checked, failing, share, error, low, high, method, effective)


def _variance(one: Stratum) -> float:
    """Return the estimated variance of the share found in one stratum."""
    if one.checked == one.population:
        return 0.0
    unchecked = 1 - one.checked / one.population
    if one.checked == 1:
        return unchecked * 0.25  # one member says nothing of the spread: the largest there can be
    share = one.failing / one.checked
    return unchecked * share * (1 - share) / (one.checked - 1)


def _limits(
    partial: Sequence[Stratum], population: int, share: float, variance: float, confidence: float
) -> tuple[float, float, str, float]:
    from scipy import stats

    ample = all(min(one.failing, one.checked - one.failing) >= ENOUGH for one in partial)
    one_sided = 1 - (1 - confidence) / 2
    if any(one.failing in (0, one.checked) or one.checked == 1 for one in partial):
        # Strata that show no spread may have some: the estimate is never taken for better than one without strata.
        spread = math.fsum(
            (one.population / population) ** 2 * (1 - one.checked / one.population) / one.checked for one in partial
        )
        variance = max(variance, share * (1 - share) * spread)
    effective = share * (1 - share) / variance
    if ample:
        z = float(stats.norm.ppf(one_sided))
        middle = (share + z * z / (2 * effective)) / (1 + z * z / effective)
        reach = math.sqrt(share * (1 - share) / effective + z * z / (4 * effective * effective))
        reach *= z / (1 + z * z / effective)
        return middle - reach, middle + reach, "wilson", effective
    freedom = max(sum(one.checked for one in partial) - len(partial), 1)
    effective *= float(stats.norm.ppf(one_sided) / stats.t.ppf(one_sided, freedom)) ** 2
    hits = share * effective
    low = float(stats.beta.ppf(1 - one_sided, hits, effective - hits + 1))
    high = float(stats.beta.ppf(one_sided, hits + 1, effective - hits))
    return low, high, "clopper_pearson", effective


def _hidden(partial: Sequence[Stratum], chance: float) -> int:
    """Return the largest number of members that could fail unseen with a probability of at least `chance`.

    Adding one more to a stratum costs more the more there are already (the logarithms of the hypergeometric
    probability of seeing none are concave), so taking the cheapest again and again finds the largest number.
    """
    budget = -math.log(chance)
    steps = [(_cost(one, 0), at, 0) for at, one in enumerate(partial)]
    heapq.heapify(steps)
    hidden = 0
    while steps:
        cost, at, there = heapq.heappop(steps)
        if cost > budget:
            break
        budget -= cost
        hidden += 1
        if there + 1 < partial[at].population - partial[at].checked:
            heapq.heappush(steps, (_cost(partial[at], there + 1), at, there + 1))
    return hidden


def _cost(one: Stratum, there: int) -> float:
    left = one.population - there
    return math.log(left / (left - one.checked))
