"""What a quarter claims against what records say: each rule, its place and its words."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from kit.inventory.store import Store
from kit.inventory.store_texts import StoreRefused
from tests.inventory.store_quarters import Acts, assessed, confirmed, quarter, source, unit

BEFORE = [
    confirmed("D1"),
    confirmed("D2", "major", measures_engineering="护栏"),
    assessed("D3", "low"),
    source("D4"),
    confirmed("M1", public_impact=True),
    confirmed("D5", review_state="sector_reviewed"),
    source("D6", self_level="low", review_state="returned"),
]


@pytest.fixture
def store(tmp_path: Any) -> Store:
    store = Store(tmp_path / "inventory.duckdb")
    store.submit("2019Q3", quarter(BEFORE), opening=True)
    return store


def found(
    store: Store, *rows: dict[str, Any], acts: Acts | None = None, **more: Any
) -> list[tuple[str, str, int | None]]:
    """Return (rule, key, row) of everything that is wrong with a quarter; the rows replace those of before."""
    named = {row["source_id"]: row for row in [*BEFORE, *rows]}
    try:
        store.submit("2019Q4", quarter(list(named.values()), acts, **more))
    except StoreRefused as error:
        assert store.periods() == ["2019Q3"]
        return [(one.rule, str(one.key), one.row) for one in error.findings]
    return []


def acts() -> Acts:
    return Acts("2019-10-10")


def test_nothing_changed_is_fine(store: Store) -> None:
    assert found(store) == []
    assert store.table("risk_sources")["review_state"].tolist() == [row["review_state"] for row in BEFORE]


def test_every_row_is_named_at_once(store: Store) -> None:
    wrong = found(
        store,
        confirmed("D1", "general", reviewed_level="low"),
        confirmed("D3", "low"),
        assessed("D4", "low", reviewed_level="low"),
        confirmed("D7", "low"),
        source("D8", self_level="low", review_state="reassesed"),
        source("D9", review_state="self_assessed"),
        acts=acts().add("D5", "confirm").add("D2", "confirm").add("D77", "confirm"),
    )
    assert wrong == [
        ("not_possible", "V0002", 2),
        ("unknown_source", "V0003", 3),
        ("level_without_record", "D1", 1),
        ("state_without_record", "D3", 3),
        ("level_too_early", "D4", 4),
        ("state_without_record", "D5", 6),
        ("state_without_record", "D7", 8),
        ("unknown_state", "D8", 9),
        ("no_self_level", "D9", 10),
    ]


def test_the_words_say_what_is_missing(store: Store) -> None:
    with pytest.raises(StoreRefused) as error:
        store.submit("2019Q4", quarter([*BEFORE[:4], confirmed("M9", "low", public_impact=True)]))
    assert error.value.text("zh").splitlines() == [
        "2019Q4未提交：发现1处问题，没有改动任何数据",
        "  risk_sources:5: M9: 清单的状态为“已确认”，按审核记录应为“已自评”；缺少：部门审核通过、再评估、确认",
    ]
    assert "missing: sector_accept, reassess, confirm" in str(error.value)
    assert error.value.frame()[["table", "row", "key", "rule"]].values.tolist() == [
        ["risk_sources", 5, "M9", "state_without_record"]
    ]


def test_a_unit_may_always_file_anew(store: Store) -> None:
    assert found(store, assessed("D1", "major"), assessed("D4", "low"), assessed("D6", "low")) == []
    now = store.table("risk_sources").set_index("source_id")
    assert now.loc["D1", "review_state"] == "self_assessed" and pd.isna(now.loc["D1", "reviewed_level"])


def test_a_changed_self_level_is_reviewed_again(store: Store) -> None:
    assert found(store, confirmed("D1", "general", self_level="major")) == [("self_changed", "D1", 1)]
    done = acts().add("D1", "sector_accept", "major").add("D1", "confirm")
    assert found(store, confirmed("D1", "major"), acts=done) == []


def test_a_level_changes_by_a_record_only(store: Store) -> None:
    raised = confirmed("D1", "general", reviewed_level="major")
    assert found(store, raised) == [("level_without_record", "D1", 1)]
    other = acts().add("D1", "reassess", "considerable").add("D1", "confirm")
    assert found(store, raised, acts=other) == [("level_without_record", "D1", 1)]
    done = acts().add("D1", "reassess", "major").add("D1", "confirm")
    assert found(store, raised, acts=done) == []


def test_a_lowered_level(store: Store) -> None:
    """D2 was major: lowering it needs a reason in the record, or a measure that was not there."""

    def low(**changes: Any) -> dict[str, Any]:
        return confirmed("D2", "general", **({"measures_engineering": "护栏"} | changes))

    silent = acts().add("D2", "sector_accept", "general").add("D2", "confirm")
    assert found(store, low(), acts=silent) == [("lowered", "V0001", 1)]
    reasoned = acts().add("D2", "sector_accept", "general", reason="货物已清空").add("D2", "confirm")
    assert found(store, low(measures_engineering="护栏；喷淋"), acts=silent) == []
    fresh = Store(store.path.with_name("again.duckdb"))
    fresh.submit("2019Q3", quarter(BEFORE), opening=True)
    assert found(fresh, low(), acts=reasoned) == []


def test_public_impact_found_later(store: Store) -> None:
    public = confirmed("D1", public_impact=True)
    assert found(store, public) == [("impact_changed", "D1", 1)]
    assert found(store, confirmed("D1", public_impact=None)) == [("impact_changed", "D1", 1)], (
        "nobody gave an all-clear"
    )
    done = store.submit("2019Q4", quarter([public, *BEFORE[1:]]), hold=True)
    assert done.held["kept_state"].tolist() == ["sector_reviewed"]
    assert "D1" in set(store.to_reassess()["source_id"])


def test_public_impact_is_reassessed(store: Store) -> None:
    new = confirmed("M7", public_impact=True)
    short = acts().add("M7", "sector_accept", "general").add("M7", "confirm")
    assert found(store, new, acts=short) == [("not_reassessed", "V0002", 2)]
    whole = acts().add("M7", "sector_accept", "general").add("M7", "reassess", "general").add("M7", "confirm")
    assert found(store, new, acts=whole) == []


def test_records_that_cannot_be_read(store: Store) -> None:
    given = acts()
    given.add("D3", "sector_acept", "low", stage="district_department").add("D3", "sector_accept", "lwo")
    given.add("D3", "sector_accept", "low", at=None).add("D3", "sector_accept", "low", reviewer="")
    assert [(rule, row) for rule, _, row in found(store, acts=given)] == [
        ("unknown_act", 1), ("unknown_level", 2), ("no_time", 3), ("no_reviewer", 4),
    ]  # fmt: skip


def test_basic_information(store: Store) -> None:
    units = [unit("D01", basic_review="pending"), unit("M01")]
    given = acts().add("D3", "sector_accept", "low")
    wrong = found(store, confirmed("D3", "low", review_state="sector_reviewed"), acts=given, units=units)
    assert wrong == [("not_basic", "V0001", 1)]
    by_department = acts().add("D3", "basic_accept", stage="district_department")
    assert found(store, acts=by_department) == [("wrong_stage", "V0001", 1)]
    with_level = acts().add("D3", "basic_accept", "low")
    assert found(store, acts=with_level) == [("basic_level", "V0001", 1)]
    nobody = acts().add(None, "basic_accept", unit_id="D99")
    assert found(store, acts=nobody) == [("unknown_unit", "V0001", 1)]
    differs = acts().add("D3", "basic_accept").add(None, "basic_return", unit_id="D01")
    assert found(store, acts=differs) == [("basic_differs", "V0002", 2)]
    assert found(store, acts=acts().add("D3", "basic_accept")) == []


def test_a_source_that_comes_back_stands_where_it_stood(tmp_path: Any) -> None:
    store = Store(tmp_path / "i.duckdb")
    store.submit("2019Q3", quarter(BEFORE), opening=True)
    store.submit("2019Q4", quarter(BEFORE[1:]))
    store.submit("2020Q1", quarter(BEFORE))
    assert store.history("D1").missing == ("2019Q4",)
    gone = Store(tmp_path / "j.duckdb")
    gone.submit("2019Q3", quarter(BEFORE[1:]), opening=True)
    with pytest.raises(StoreRefused):
        gone.submit("2019Q4", quarter(BEFORE))


def test_a_quarter_may_hand_in_all_records_again(store: Store) -> None:
    done = acts().add("D3", "sector_accept", "low").add("D3", "confirm")
    assert found(store, confirmed("D3", "low"), acts=done) == []
    again = quarter([*BEFORE[:2], confirmed("D3", "low"), *BEFORE[3:]], done.add("D5", "confirm"))
    again["risk_sources"].loc[again["risk_sources"]["source_id"] == "D5", "review_state"] = "confirmed"
    assert store.submit("2020Q1", again).acts == 1
    assert len(store.history("D3").acts) == 2


def test_the_opening(tmp_path: Any) -> None:
    """States are taken over where there are no records, but never a level before a review."""
    rows = [confirmed("D1"), assessed("D2", reviewed_level="low"), confirmed("D3", self_level=None), confirmed("D4")]
    done = acts().add("D4", "sector_accept", "low", reason="核减")
    store = Store(tmp_path / "i.duckdb")
    with pytest.raises(StoreRefused) as error:
        store.submit("2019Q3", quarter(rows, done), opening=True)
    assert [(one.rule, one.key) for one in error.value.findings] == [
        ("level_too_early", "D2"), ("no_self_level", "D3"), ("state_without_record", "D4"),
        ("level_without_record", "D4"),
    ]  # fmt: skip
    with pytest.raises(StoreRefused):
        store.submit("2019Q3", quarter(rows[:1]))
    store.submit("2019Q3", quarter(rows[:1]), opening=True)
    assert store.history("D1").quarters["recorded"].tolist() == [False]


def test_acts_of_one_day_stand_in_the_order_of_the_table(store: Store) -> None:
    day = pd.Timestamp("2019-10-10")
    given = acts().add("D3", "sector_accept", "low", at=day).add("D3", "confirm", at=day)
    assert found(store, confirmed("D3", "low"), acts=given) == []


def test_a_zone_in_the_times_is_brought_to_beijing(store: Store) -> None:
    given = acts().add("D3", "sector_accept", "low").frame()
    given["at"] = given["at"].dt.tz_localize("UTC")
    store.review(given)
    assert store.history("D3").acts["at"].tolist() == [pd.Timestamp("2019-10-10 09:00")]
