"""The made sample goes into an empty inventory by its records alone: only what is planted is held back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kit.cli.main_job import rate, read_period
from kit.inventory.store import Store
from kit.inventory.store_texts import StoreRefused
from kit.registers import make_sample
from tests.shipped import some_standards

PERIODS = ("2019Q3", "2019Q4")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    standards = some_standards()
    out = tmp_path_factory.mktemp("sample")
    make_sample(
        out, standards=standards, rate=lambda name, frame: rate(standards[name], frame), size="tiny", seed=20191231
    )
    return out


def test_only_what_is_planted_is_held(folder: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "i.duckdb")
    planted = set(pd.read_csv(folder / "planted_defects.csv", dtype=str)["key"])
    for period in PERIODS:
        quarter = read_period(folder, period)
        with pytest.raises(StoreRefused):
            store.submit(period, quarter.tables, made=quarter.made)
        done = store.submit(period, quarter.tables, made=quarter.made, hold=True)
        sources, units = quarter.tables["risk_sources"], quarter.tables["units"]
        named = done.held[done.held["table"] == "risk_sources"]
        assert set(named["key"]) <= planted
        others = done.held[done.held["table"] == "reviews"]
        # A basic review that is no category, and a level lowered without a reason, are planted too.
        assert set(others["rule"]) <= {"basic_differs", "lowered"}
        back = store.quarter(period)
        pd.testing.assert_frame_equal(back["units"], units)
        acts = quarter.tables["reviews"]
        refused = acts["review_id"].isin(others.loc[others["rule"] == "lowered", "key"])
        kept = ~sources["source_id"].isin([*named["key"], *acts.loc[refused, "source_id"].dropna()])
        pd.testing.assert_frame_equal(back["risk_sources"][kept], sources[kept])
        same_acts = back["reviews"].sort_values("review_id", ignore_index=True)
        given = acts.sort_values("review_id", ignore_index=True)
        stored = given["review_id"].isin(same_acts["review_id"])
        assert set(acts.loc[refused, "source_id"]) <= planted
        # What follows a refused lowering of the same source is refused with it.
        assert set(given.loc[~stored, "source_id"]) <= set(acts.loc[refused, "source_id"])
        pd.testing.assert_frame_equal(same_acts, given[stored].reset_index(drop=True))
    status = store.status()
    assert status["n"].sum() == len(sources) and status["n_without_record"].sum() == 0


def test_the_records_in_two_hands(folder: Path, tmp_path: Path) -> None:
    """A quarter's records may come as they are made, after the registers, and lead to the same states."""
    quarter = read_period(folder, "2019Q3")
    whole = Store(tmp_path / "whole.duckdb")
    whole.submit("2019Q3", quarter.tables, hold=True)
    want = whole.table("risk_sources").set_index("source_id")
    early = quarter.tables["risk_sources"].copy()
    bare = early["self_level"].isna()
    early["review_state"] = early["review_state"].mask(~bare, "self_assessed").mask(bare, "draft")
    early["reviewed_level"] = early["reviewed_level"].mask(early["reviewed_level"].notna())
    acts = quarter.tables["reviews"]
    street = acts["stage"] == "street"
    later = Store(tmp_path / "later.duckdb")
    later.submit("2019Q3", {**quarter.tables, "risk_sources": early, "reviews": acts[street]}, hold=True)
    of_sources = acts[~street].iloc[::-1].sort_values("at", kind="stable")
    later.review(of_sources)
    found = later.table("risk_sources").set_index("source_id")
    changed = of_sources["source_id"].unique()
    columns = ["review_state", "self_level", "reviewed_level"]
    pd.testing.assert_frame_equal(found.loc[changed, columns], want.loc[changed, columns])
