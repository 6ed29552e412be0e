"""The share from a stratified sample: by hand, against enumeration, and how often its interval holds the truth."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kit.errors import ProblemsError
from kit.inventory.spot_estimate import Stratum, stratified_share


def test_the_estimate_and_its_error_by_hand() -> None:
    found = stratified_share([Stratum(100, 20, 6), Stratum(300, 30, 6)])
    assert found.share == pytest.approx((100 * 6 / 20 + 300 * 6 / 30) / 400)  # 0.225
    # Cochran (5.57): sum of W^2 (1 - f) p q / (n - 1)
    variance = 0.25**2 * (1 - 20 / 100) * 0.3 * 0.7 / 19 + 0.75**2 * (1 - 30 / 300) * 0.2 * 0.8 / 29
    assert found.error == pytest.approx(math.sqrt(variance))
    assert (found.population, found.checked, found.failing, found.method) == (400, 50, 12, "wilson")
    # Wilson's formula with n = p q / v.
    n, z = 0.225 * 0.775 / variance, 1.959963984540054
    middle = (0.225 + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * math.sqrt(0.225 * 0.775 / n + z**2 / (4 * n**2))
    assert (found.low, found.high) == (pytest.approx(middle - reach), pytest.approx(middle + reach))


def test_a_large_simple_sample_agrees_with_a_published_wilson_interval() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263 gives 0.2553 to 0.3662.
    found = stratified_share([Stratum(10**9, 263, 81)])
    # n - 1 in the variance instead of n moves the fourth digit only.
    assert (found.low, found.high) == (pytest.approx(0.2553, abs=2e-4), pytest.approx(0.3662, abs=2e-4))


def test_few_found_takes_clopper_pearson_and_says_so() -> None:
    found = stratified_share([Stratum(10**9, 200, 2), Stratum(10**9, 200, 0)])
    assert found.method == "clopper_pearson"
    assert found.share == pytest.approx(0.005)
    assert found.low < 0.005 < found.high
    # Two of 400 by the exact binomial: 0.0006 to 0.0179; the effective size is a little smaller.
    assert found.low == pytest.approx(stats.beta.ppf(0.025, 2, 399), abs=2e-4)
    assert found.high == pytest.approx(stats.beta.ppf(0.975, 3, 398), abs=4e-4)


def _worst(populations: list[int], checked: list[int], chance: float) -> int:
    """Return, by trying all ways, the most that can fail with nothing seen in more than `chance` of samples."""
    ways = itertools.product(*(range(n - c + 1) for n, c in zip(populations, checked, strict=True)))
    return max(
        sum(way)
        for way in ways
        if math.prod(math.comb(n - m, c) / math.comb(n, c) for n, c, m in zip(populations, checked, way, strict=True))
        >= chance - 1e-12
    )


@pytest.mark.parametrize(
    ("populations", "checked"), [([40], [10]), ([30, 12], [6, 6]), ([20, 15, 9], [4, 5, 2]), ([25, 5], [5, 4])]
)
def test_the_exact_bound_is_the_worst_of_all_ways(populations: list[int], checked: list[int]) -> None:
    strata = [Stratum(n, c, 0) for n, c in zip(populations, checked, strict=True)]
    found = stratified_share(strata)
    assert found.method == "exact" and found.error is None
    assert found.low == 0
    assert found.high == pytest.approx(_worst(populations, checked, 0.025) / sum(populations))
    mirrored = stratified_share([Stratum(one.population, one.checked, one.checked) for one in strata])
    assert (mirrored.low, mirrored.high) == (pytest.approx(1 - found.high), 1)


def test_nothing_found_in_one_stratum_and_a_census_in_the_other() -> None:
    found = stratified_share([Stratum(50, 50, 5), Stratum(200, 40, 0)])
    assert found.method == "exact" and found.share == pytest.approx(5 / 250)
    assert found.low == pytest.approx(5 / 250)
    assert found.high == pytest.approx((5 + _worst([200], [40], 0.025)) / 250)


def test_all_checked_leaves_no_doubt() -> None:
    found = stratified_share([Stratum(10, 10, 3), Stratum(5, 5, 0)])
    assert (found.share, found.low, found.high, found.error, found.method) == (0.2, 0.2, 0.2, 0.0, "census")


def test_a_stratum_of_which_nothing_is_known_may_be_anything() -> None:
    found = stratified_share([Stratum(100, 100, 10), Stratum(100, 0, 0)])
    assert found.share is None and found.error is None
    assert (found.low, found.high) == (pytest.approx(0.05), pytest.approx(0.55))
    nothing = stratified_share([Stratum(10, 0, 0)])
    assert (nothing.method, nothing.low, nothing.high) == ("unknown", 0, 1)


def test_impossible_numbers_are_all_told() -> None:
    with pytest.raises(ProblemsError) as caught:
        stratified_share([Stratum(5, 6, 0), Stratum(5, 3, 4), Stratum(5, 3, 1)], confidence=95)
    assert len(caught.value.problems) == 3


@st.composite
def _strata(draw: st.DrawFn) -> list[Stratum]:
    strata = []
    for _ in range(draw(st.integers(1, 5))):
        population = draw(st.integers(1, 60))
        checked = draw(st.integers(0, population))
        strata.append(Stratum(population, checked, draw(st.integers(0, checked))))
    return strata


@given(_strata(), st.randoms())
def test_intervals_are_ordered_hold_what_was_seen_and_mirror(strata: list[Stratum], random: object) -> None:
    found = stratified_share(strata)
    total = sum(one.population for one in strata)
    seen = sum(one.failing for one in strata)
    passed = sum(one.checked - one.failing for one in strata)
    assert 0 <= found.low <= found.high <= 1
    assert found.low >= seen / total - 1e-9 and found.high <= 1 - passed / total + 1e-9
    if found.share is not None:
        assert found.low <= found.share <= found.high
    again = list(strata)
    random.shuffle(again)  # type: ignore[attr-defined]
    assert stratified_share(again) == found
    other = stratified_share([Stratum(one.population, one.checked, one.checked - one.failing) for one in strata])
    assert (other.low, other.high) == (pytest.approx(1 - found.high, abs=1e-9), pytest.approx(1 - found.low, abs=1e-9))


POPULATIONS = {
    # name: (members, checked, failing) of each stratum
    "rare, one stratum": ([1000], [50], [20]),
    "small population": ([200], [60], [6]),
    "a tenth": ([1000], [100], [100]),
    "unlike strata": ([1000, 500, 200, 100, 50], [40, 20, 10, 10, 10], [10, 25, 40, 30, 25]),
    "sixty strata of two": ([50] * 60, [2] * 60, [1] * 60),
    "half of each": ([4] * 60, [2] * 60, [1] * 30 + [0] * 30),
    "one stratum emphasised": ([2000, 1000, 400, 50], [40, 40, 40, 50], [40, 50, 40, 10]),
    "hidden in the thin stratum": ([2000, 1000, 400, 50], [20, 40, 60, 40], [60, 0, 0, 0]),
    "many fail": ([300, 300], [60, 60], [90, 210]),
}


@pytest.mark.parametrize("name", POPULATIONS)
def test_the_interval_holds_the_truth_in_95_of_100_samples(name: str) -> None:
    population, checked, failing = (np.array(part) for part in POPULATIONS[name])
    truth, runs = failing.sum() / population.sum(), 2000
    draws = np.random.default_rng(20191130).hypergeometric(failing, population - failing, checked, (runs, len(checked)))
    known: dict[tuple[int, ...], bool] = {}
    for row in map(tuple, draws.tolist()):
        if row not in known:
            found = stratified_share(
                [Stratum(*one) for one in zip(population.tolist(), checked.tolist(), row, strict=True)]
            )
            known[row] = found.low - 1e-12 <= truth <= found.high + 1e-12
    covered = np.mean([known[tuple(row)] for row in draws.tolist()])
    # Three standard errors of 2,000 runs below 95 %.
    assert covered >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / runs), covered
