"""Drawing spot checks: strata, numbers, the seed, and estimates that come out right on average."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import KitError
from kit.inventory.spot_checks import _allocated, _shares, draw_sample, estimate
from tests.inventory.small_quarters import quarter, shuffled, source, unit

LEVELS = ("low", "general", "considerable", "major", None)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """400 sources in two areas and two sectors, levels in turn."""
    units = [
        unit(f"U{n:02}", ("catering", "taxi")[n % 2], ("110101", "110105")[n // 2 % 2])
        for n in range(40)
    ]  # fmt: skip
    sources = [
        source(f"S{n:03}", f"U{n % 40:02}", LEVELS[n % 7 % 5], sector=("catering", "taxi")[n % 2]) for n in range(400)
    ]  # fmt: skip
    return quarter(units, sources)


def test_the_draw_depends_on_seed_and_sources_only(tables) -> None:
    first = draw_sample(tables, "2019Q4", 60, 7)
    again = draw_sample(shuffled(tables), "2019Q4", 60, 7)
    assert first.rows.equals(again.rows) and first.strata.equals(again.strata)
    assert first.fingerprint == again.fingerprint
    other = draw_sample(tables, "2019Q4", 60, 8)
    assert set(other.rows["source_id"]) != set(first.rows["source_id"])
    assert other.strata.equals(first.strata) and other.fingerprint == first.fingerprint


def test_each_stratum_gives_its_smallest_numbers(tables) -> None:
    """The draw can be repeated by hand: SHA-256 of seed:source_id."""
    sample = draw_sample(tables, "2019Q4", 60, 7, by=["level"])
    sources = tables["risk_sources"]
    major = sources[(sources["reviewed_level"] == "major") & (sources["review_state"] == "confirmed")]["source_id"]
    ordered = sorted(major, key=lambda name: hashlib.sha256(f"7:{name}".encode()).hexdigest())
    drawn = int(sample.strata.set_index("level").loc["major", "drawn"])
    assert set(sample.rows.loc[sample.rows["level"] == "major", "source_id"]) == set(ordered[:drawn])


def test_numbers_add_up_and_are_shares(tables) -> None:
    sample = draw_sample(tables, "2019Q4", 100, 1)
    assert sample.strata["population"].sum() == sample.population == 400
    assert sample.strata["drawn"].sum() == len(sample.rows) == 100
    assert (sample.rows.groupby("stratum").size() == sample.strata.set_index("stratum")["drawn"]).all()
    assert sample.rows["source_id"].is_unique
    shares = sample.strata["population"] / 4
    assert (sample.strata["drawn"] - shares).abs().max() <= 1
    # 2 areas x 2 sectors x 5 levels; each expects two or more of 100.
    assert len(sample.strata) == 20
    assert "东城区 / 餐饮 / 重大" in set(sample.strata["label"])


def test_small_strata_are_merged_first_over_areas_and_never_over_levels(tables) -> None:
    sample = draw_sample(tables, "2019Q4", 20, 1)
    labels = set(sample.strata["label"])
    assert "其余各区 / 餐饮 / 低" in labels and "其余各区 / 其余行业 / 重大" in labels
    assert sample.strata["drawn"].min() >= 2
    assert sample.strata["level"].notna().all()
    levels = sample.rows.merge(sample.strata, on="stratum")
    assert (levels["level_x"] == levels["level_y"]).all()


def test_emphasis_draws_more_and_the_estimate_takes_it_back(tables) -> None:
    plain = draw_sample(tables, "2019Q4", 100, 1)
    more = draw_sample(tables, "2019Q4", 100, 1, emphasis={"major": 4})

    def majors(sample) -> int:
        return int((sample.rows["level"] == "major").sum())

    assert majors(more) > 2 * majors(plain)
    assert more.emphasis == {"major": 4.0} and len(more.rows) == 100
    # All majors fail and nothing else: the share is that of the majors, whatever was emphasised.
    rows = _answered(more.rows, more.rows["level"] != "major")
    population = more.strata.groupby("level")["population"].sum()
    found = _overall(estimate(more.strata, rows), "measures")
    assert found["share"] == pytest.approx(population["major"] / 400)


def test_what_cannot_be_visited_is_counted_not_drawn() -> None:
    units = [
        unit("A"),
        unit("B", closed_at=pd.Timestamp("2019-12-01")),
        unit("C", closed_at=pd.Timestamp("2020-02-01")),
    ]
    sources = [source(f"A{n}", "A") for n in range(6)] + [source("B1", "B"), source("C1", "C"), source("X1", "nobody")]
    sources += [source("A1", "A", "major")]
    sample = draw_sample(quarter(units, sources), "2019Q4", 7, 1)
    assert sample.left_out == {"orphan": 1, "closed": 1, "twice": 1}
    assert set(sample.rows["source_id"]) == {"A0", "A1", "A2", "A3", "A4", "A5", "C1"}


def test_levels_count_once_confirmed() -> None:
    sources = [source("A1", "A", "major"), source("A2", "A", "major", review_state="reassessed", self_level="low")]
    sources += [source("A3", "A", None, review_state="confirmed"), source("A4", "A", None, self_level="general")]
    rows = draw_sample(quarter([unit("A")], sources), "2019Q4", 4, 1).rows.set_index("source_id")
    assert rows["level"].to_dict() == {"A1": "major", "A2": "pending", "A3": "none", "A4": "pending"}
    assert rows["level_zh"].to_dict() == {"A1": "重大", "A2": "待审 自评低", "A3": "未定级", "A4": "待审 自评一般"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"size": 0}, "0 cannot be drawn: there are 400"),
        ({"size": 401}, "401 cannot be drawn: there are 400"),
        ({"size": 5}, "5 are too few: .* it takes 10"),
        ({"seed": -1}, "whole number from 0"),
        ({"emphasis": {"mayor": 2}}, "did you mean major"),
        ({"emphasis": {"major": 0}}, "must be above 0"),
        ({"by": ["distrct", "level"]}, "did you mean district"),
    ],
)
def test_wrong_orders_are_refused_with_what_is_allowed(tables, arguments, words) -> None:
    asked = {"size": 60, "seed": 1} | arguments
    with pytest.raises(KitError, match=words):
        draw_sample(tables, "2019Q4", **asked)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.data())
def test_allocation_gives_all_and_never_more_than_there_are(population: list[int], data: st.DataObject) -> None:
    least, most = sum(min(2, members) for members in population), sum(population)
    size = data.draw(st.integers(least, most))
    given_ = _allocated(population, [float(members) for members in population], size)
    assert sum(given_) == size
    assert all(min(2, of) <= one <= of for one, of in zip(given_, population, strict=True))


def _answered(rows: pd.DataFrame, measures: pd.Series) -> pd.DataFrame:
    yes = pd.Series(True, index=rows.index, dtype="boolean")
    return rows.assign(
        exists=yes, level_right=yes, owner=yes, measures=measures.astype("boolean"),
        level_found=pd.Series(None, index=rows.index, dtype="object"),
    )  # fmt: skip


def _overall(found: pd.DataFrame, question: str) -> pd.Series:
    return found[(found["question"] == question) & (found["group"] == "all")].iloc[0]


@pytest.mark.slow
def test_over_many_seeds_the_estimate_is_right_on_average_and_the_interval_holds(tables) -> None:
    """From the draw to the interval: what fails is known, 100 seeds draw it."""
    bad = {f"S{n:03}" for n in range(400) if n % 3 == 0 or n % 7 == 3}
    truth, seeds = len(bad) / 400, 100
    shares, held = [], 0
    for seed in range(seeds):
        sample = draw_sample(tables, "2019Q4", 60, seed, emphasis={"major": 2})
        fails = sample.rows["source_id"].isin(bad).astype("boolean")
        found, _ = _shares(sample.strata, sample.rows["stratum"], fails, 0.95)
        shares.append(found.share)
        held += found.low <= truth <= found.high
    assert np.mean(shares) == pytest.approx(truth, abs=4 * np.std(shares) / math.sqrt(seeds))
    assert held / seeds >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / seeds)


def test_missing_answers_are_unknown_and_at_worst_failing(tables) -> None:
    sample = draw_sample(tables, "2019Q4", 60, 7)
    measures = pd.Series(True, index=sample.rows.index, dtype="boolean")
    measures.iloc[:6] = pd.NA
    measures.iloc[6] = False
    found = _overall(estimate(sample.strata, _answered(sample.rows, measures)), "measures")
    assert (found["drawn"], found["checked"], found["missing"], found["failing"]) == (60, 54, 6, 1)
    assert found["share"] < found["share_worst"] < found["high_worst"]
    # `any` is as unknown as its parts, but a no is a no.
    together = _overall(estimate(sample.strata, _answered(sample.rows, measures)), "any")
    assert (together["checked"], together["failing"]) == (54, 1)


def test_a_source_that_is_not_there_fails_in_everything_but_is_not_rated_too_low(tables) -> None:
    sample = draw_sample(tables, "2019Q4", 60, 7)
    rows = _answered(sample.rows, pd.Series(True, index=sample.rows.index))
    rows.loc[0, ["exists", "level_right", "measures", "owner"]] = [False, pd.NA, pd.NA, pd.NA]
    low = rows.index[rows["registered_level"] == "low"][1]
    rows.loc[low, "level_right"], rows.loc[low, "level_found"] = False, "major"
    major = rows.index[rows["registered_level"] == "major"][1]
    rows.loc[major, "level_right"], rows.loc[major, "level_found"] = False, "low"
    found = estimate(sample.strata, rows)
    failing = found[found["group"] == "all"].set_index("question")["failing"].to_dict()
    assert failing == {"any": 3, "exists": 1, "level": 3, "underrated": 1, "measures": 1, "owner": 1}


def test_levels_are_estimated_apart_and_add_up(tables) -> None:
    sample = draw_sample(tables, "2019Q4", 100, 7)
    found = estimate(sample.strata, _answered(sample.rows, sample.rows["position"] % 4 != 0))
    mine = found[found["question"] == "measures"]
    parts, whole = mine[mine["group"] != "all"], mine[mine["group"] == "all"].iloc[0]
    assert parts["group"].tolist() == ["major", "considerable", "general", "low", "pending"]
    for column in ("population", "drawn", "checked", "failing"):
        assert parts[column].sum() == whole[column]
    assert (parts["share"] * parts["population"]).sum() == pytest.approx(whole["share"] * whole["population"])


def test_strata_without_the_level_give_no_estimate_by_level(tables) -> None:
    sample = draw_sample(tables, "2019Q4", 60, 7, by=["level", "district"])
    found = estimate(sample.strata, _answered(sample.rows, sample.rows["position"] % 4 != 0))
    mixed = sample.strata["level"].isna().any()
    assert (set(found["group"]) == {"all"}) == mixed
    only = draw_sample(tables, "2019Q4", 60, 7, by=["district", "sector"])
    assert set(estimate(only.strata, _answered(only.rows, only.rows["position"] > 3))["group"]) == {"all"}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31), st.integers(10, 400))
def test_any_size_and_seed_draw_what_they_say(tables, seed: int, size: int) -> None:
    sample = draw_sample(tables, "2019Q4", size, seed)
    assert len(sample.rows) == size and sample.rows["source_id"].is_unique
    assert sample.strata["drawn"].le(sample.strata["population"]).all()
