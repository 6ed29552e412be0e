"""The hot-spot test: exact p values, the rate of false alarms on noise, and that a planted cluster is found."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom

from kit.errors import KitError
from kit.inventory.hot_spots import cells_of, hot_spots, joined

RUNS = 200


def places(seed: int, number: int = 1500) -> pd.DataFrame:
    """Return units of unlike size in towns and in the country; those in towns have more sources."""
    random = np.random.default_rng(seed)
    towns = np.column_stack([random.uniform(116.0, 116.8, 12), random.uniform(39.7, 40.2, 12)])
    town = random.integers(0, 12, number)
    spread = np.where(random.random(number) < 0.3, 0.12, 0.012)
    frame = pd.DataFrame({
        "lon": towns[town, 0] + random.normal(0, 1, number) * spread,
        "lat": towns[town, 1] + random.normal(0, 1, number) * spread,
        "size": 1 + random.poisson(1 + town / 3),
    })  # fmt: skip
    frame["serious"] = random.random(number) < 1 - 0.9 ** frame["size"]
    return frame


def test_p_values_are_those_of_the_hypergeometric_law() -> None:
    """Units of one size: the number of marks around a cell is hypergeometric, and nothing else."""
    frame = places(1, 400).assign(size=1)
    found = hot_spots(frame)
    total, marks = len(frame), int(frame["serious"].sum())
    assert len(found) > 20
    for row in found.itertuples():
        law = hypergeom(total, marks, row.n_tested)
        twice = min(1.0, 2 * law.sf(row.n_serious - 1), 2 * law.cdf(row.n_serious))
        assert row.p == pytest.approx(twice, rel=1e-9)
        assert row.expected == pytest.approx(law.mean())
        assert row.z == pytest.approx((row.n_serious - law.mean()) / law.std())


def test_p_values_are_those_of_every_permutation() -> None:
    """A table small enough to count all ways in which marks can be shuffled among units of the same size."""
    near, far = (116.40, 39.90), (116.10, 40.30)
    rows = [(*near, True, 1), (*near, True, 1), (*near, True, 2), (*near, False, 2), (*far, False, 1), (*far, False, 1),
            (*far, True, 2), (*far, False, 2), (*far, False, 2)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["lon", "lat", "serious", "size"])
    counts = []
    for small in itertools.combinations(range(4), 2):
        for large in itertools.combinations(range(5), 2):
            counts.append(sum(at < 2 for at in small) + sum(at < 2 for at in large))
    seen = np.array(counts)
    found = hot_spots(frame, at_least=4)
    here = found[found["cell"] == cells_of(frame["lon"], frame["lat"], 8)[0]].iloc[0]
    assert here["n_serious"] == 3
    assert here["expected"] == pytest.approx(seen.mean()) and here["z"] == pytest.approx((3 - seen.mean()) / seen.std())
    assert here["p"] == pytest.approx(min(1.0, 2 * (seen >= 3).mean(), 2 * (seen <= 3).mean()))


@pytest.mark.parametrize("how", ["units", "sources"])
def test_on_noise_at_most_one_run_in_twenty_reports_anything(how: str) -> None:
    """Levels shuffled over the same places, unit by unit or source by source: big units stay where they are."""
    alarms = 0
    frame = places(0, 900)
    for seed in range(RUNS):
        random = np.random.default_rng(seed)
        if how == "units":
            order = random.permutation(len(frame))
            run = frame[["lon", "lat"]].assign(**{n: frame[n].to_numpy()[order] for n in ("size", "serious")})
        else:
            levels = random.permutation(np.arange(int(frame["size"].sum())) < frame["size"].sum() * 0.15)
            starts = np.r_[0, frame["size"].cumsum().to_numpy()[:-1]]
            run = frame.assign(serious=np.logical_or.reduceat(levels, starts))
        alarms += bool(hot_spots(run)["spot"].notna().any())
    assert alarms <= 0.05 * RUNS, f"{alarms} of {RUNS}"


def test_normal_curve_would_give_more_false_alarms_than_promised() -> None:
    """Why the exact law: with few serious units, p values from z name something in far more than 5 % of the runs."""
    from scipy.stats import false_discovery_control, norm

    frame = places(0, 900)
    exact = normal = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        run = frame.assign(size=1, serious=random.permutation(np.arange(len(frame)) < 20))
        found = hot_spots(run)
        exact += bool(found["spot"].notna().any())
        normal += bool((false_discovery_control(2 * norm.sf(found["z"].abs())) <= 0.05).any())
    assert exact <= 3 and normal > 6


@pytest.mark.parametrize("seed", range(10))
def test_a_planted_cluster_is_found_and_only_it(seed: int) -> None:
    frame = places(seed, 2000)
    middle = frame.loc[0, ["lon", "lat"]].astype(float)
    away = np.hypot((frame["lon"] - middle["lon"]) * 85, (frame["lat"] - middle["lat"]) * 111)
    nearest = away.nsmallest(60).index
    random = np.random.default_rng(seed)
    frame["serious"] = random.permutation(frame["serious"].to_numpy())
    frame.loc[nearest, "serious"] = random.random(60) < 0.95
    found = hot_spots(frame)
    hot = found[found["spot"] == "hot"]
    inside = cells_of(frame.loc[nearest, "lon"], frame.loc[nearest, "lat"], 8)
    assert set(hot["cell"]) & set(inside)
    reach = away[nearest].max() + 3.0  # kilometres: a ring of cells around
    far = np.hypot((hot["lon"] - middle["lon"]) * 85, (hot["lat"] - middle["lat"]) * 111)
    assert (far <= reach).mean() >= 0.8


def test_a_cold_spot_is_found_too() -> None:
    frame = places(3, 2000).assign(size=1)
    random = np.random.default_rng(3)
    frame["serious"] = random.random(len(frame)) < 0.6
    middle = frame.loc[0, ["lon", "lat"]].astype(float)
    away = np.hypot((frame["lon"] - middle["lon"]) * 85, (frame["lat"] - middle["lat"]) * 111)
    frame.loc[away.nsmallest(80).index, "serious"] = False
    assert "cold" in set(hot_spots(frame)["spot"].dropna())


def test_order_of_rows_does_not_matter() -> None:
    frame = places(4)
    pd.testing.assert_frame_equal(hot_spots(frame), hot_spots(frame.sample(frac=1, random_state=1)))


def test_all_or_none_marked_is_no_spot() -> None:
    for mark in (True, False):
        found = hot_spots(places(2, 300).assign(serious=mark))
        assert len(found) and found["spot"].isna().all() and (found["p"] == 1).all() and (found["z"] == 0).all()
    assert hot_spots(places(2, 10).iloc[:0]).empty
    assert hot_spots(places(2, 3), at_least=50).empty


def test_cells_that_touch_are_one_patch() -> None:
    import h3

    one, other = h3.latlng_to_cell(39.9, 116.4, 8), h3.latlng_to_cell(40.3, 116.1, 8)
    ring = h3.grid_ring(one, 1)
    found = joined([other, *ring, one])
    assert len(set(found[1:])) == 1 and found[0] != found[1] and set(found) == {0, 1}
    assert joined([]) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"resolution": 16}, "resolution 16"),
        ({"rings": -1}, "rings -1"),
        ({"at_least": 0}, "at_least 0"),
        ({"rate": 1.0}, "rate 1"),
        ({"frame": {"lon": np.nan}}, "null or no degree"),
        ({"frame": {"lat": 116.4}}, "null or no degree"),
    ],
)
def test_wrong_use(changes: dict[str, Any], words: str) -> None:
    frame = places(1, 20).assign(**changes.pop("frame", {}))
    with pytest.raises(KitError, match=words):
        hot_spots(frame, **changes)
    with pytest.raises(KitError, match="no column size"):
        hot_spots(frame.drop(columns="size"))
