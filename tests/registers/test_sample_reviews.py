"""The made review records lead to what the made registers say, but for what is planted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kit.registers import load_schema
from kit.registers.sample_reviews import made_reviews
from tests.inventory.store_quarters import assessed, confirmed, quarter, source, unit


def acts_of(*quarters: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return made_reviews([one["units"] for one in quarters], [one["risk_sources"] for one in quarters])


@pytest.fixture
def first() -> dict[str, pd.DataFrame]:
    return quarter(
        [
            confirmed("D1"), confirmed("M1", public_impact=True), assessed("D2"), source("D3"),
            confirmed("D4", reviewed_level="low"), confirmed("D5", reviewed_level=None),
            source("D6", self_level="low", review_state="returned"), assessed("D7", reviewed_level="low"),
        ]
    )  # fmt: skip


def test_each_source_has_the_acts_of_its_state(first: dict[str, pd.DataFrame]) -> None:
    acts = acts_of(first)
    ways = acts[acts["source_id"].notna()].groupby("source_id")["act"].agg(list).to_dict()
    assert ways == {
        "D1": ["sector_accept", "confirm"], "M1": ["sector_accept", "reassess", "confirm"],
        "D4": ["sector_accept", "confirm"], "D5": ["sector_accept", "confirm"], "D6": ["sector_return"],
    }  # fmt: skip
    by_source = acts.set_index(["source_id", "act"])
    assert by_source.loc[("D4", "sector_accept"), ["from_level", "to_level"]].tolist() == ["general", "low"]
    assert by_source.loc[("D4", "sector_accept"), "reason"] and by_source.loc[("D5", "sector_accept"), "reason"]
    assert set(acts.loc[acts["unit_id"].notna(), "unit_id"]) == {"D01", "M01"}
    assert acts["review_id"].is_unique and acts["at"].is_monotonic_increasing
    assert list(acts.columns) == list(load_schema("reviews").fields)


def test_later_quarters_add_to_the_records(first: dict[str, pd.DataFrame]) -> None:
    second = {name: frame.copy() for name, frame in first.items()}
    rows = second["risk_sources"].set_index("source_id")
    rows.loc["D1", ["self_level", "reviewed_level"]] = "major"
    rows.loc["M1", "reviewed_level"] = "low"
    second["risk_sources"] = rows.reset_index()
    both, before = acts_of(first, second), acts_of(first)
    pd.testing.assert_frame_equal(both.head(len(before)), before)
    added = both.iloc[len(before) :]
    assert added.groupby("source_id")["act"].agg(list).to_dict() == {
        "D1": ["sector_accept", "confirm"], "M1": ["reassess", "confirm"],
    }  # fmt: skip
    lowered = added[added["source_id"] == "M1"].iloc[0]
    assert (lowered["from_level"], lowered["to_level"]) == ("general", "low") and pd.isna(lowered["reason"])


def test_units_that_were_returned(tmp_path: Path) -> None:
    one = quarter([confirmed("D1")], units=[unit("D01", basic_review="returned"), unit("M01", basic_review="pending")])
    acts = acts_of(one)
    assert acts["act"].tolist() == ["basic_accept", "sector_accept", "confirm", "basic_return"]
    assert acts["stage"].tolist() == ["street", "district_department", "district_department", "street"]
