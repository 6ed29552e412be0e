"""Progress against the plan: counts by hand, unknown kept apart, and totals that add up."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pandas as pd
import pytest

from kit.errors import KitError
from kit.inventory.progress import (
    KEYS,
    coverage,
    milestones,
    overdue_sources,
    overdue_units,
    unit_progress,
    update_history,
    update_rates,
)
from kit.inventory.progress_workbook import write_progress
from kit.standard.sectors import plan, sectors
from tests.inventory.small_quarters import quarter, shuffled, source, unit

ON = dt.date(2019, 12, 31)


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    units = [
        unit("A"), unit("B"), unit("C"), unit("D", "taxi", "110105"), unit("E", "taxi", "110105"),
        unit("F", closed_at=pd.Timestamp("2019-11-30")), unit("G", None, None), unit("A"),
    ]  # fmt: skip
    sources = [
        source("A1", "A", "major"), source("A2", "A", "low"),
        source("B1", "B", "low"), source("B2", "B", None),
        # C has no source. D is without a measure, E without an owner.
        source("D1", "D", "general", sector="taxi", measures_management=" "),
        source("E1", "E", "general", sector="taxi", owner=None),
        source("F1", "F"), source("G1", "G", sector=None), source("X1", "nobody"),
        source("A1", "A", "major"),
    ]  # fmt: skip
    return quarter(
        units, sources, resources=[{"owner_unit": "A"}, {"owner_unit": "A"}, {"owner_unit": "D"}],
        capability=[{"unit_id": key, "assessed_at": None, "score": score} for key, score in (("A", 3.0), ("B", None))],
    )  # fmt: skip


def test_what_is_done_of_each_unit(tables) -> None:
    found = unit_progress(tables, ON).set_index("unit_id")
    assert found.index.tolist() == ["A", "B", "C", "D", "E", "G"]
    parts = ["listed", "self_assessed", "assessed", "controlled", "resources", "capability", "complete"]
    done = {name: [part for part in parts if row[part]] for name, row in found.iterrows()}
    assert done["A"] == parts
    assert done["B"] == ["listed", "self_assessed", "controlled"]  # a row without an answer is no capability assessment
    assert done["C"] == []
    assert done["D"] == ["listed", "self_assessed", "assessed", "resources"]
    assert done["E"] == ["listed", "self_assessed", "assessed"]
    assert found["not_assessed"].to_dict() == {"A": 0, "B": 1, "C": 0, "D": 0, "E": 0, "G": 0}
    assert found.loc["A", "department"] == "commerce" and found.loc["D", "department"] == "transport"


def test_coverage_by_sector_by_hand(tables) -> None:
    every = coverage(tables, ON, "sector").set_index("key")
    # Sectors of the plan that have no unit are seen, too.
    assert every.index.tolist() == [*(one.id for one in sectors()), "", "total"]
    found = every[every["units"] > 0]
    assert every.loc["fireworks", "assessed"] == 0 and pd.isna(every.loc["fireworks", "share_assessed"])
    assert found.index.tolist() == ["catering", "taxi", "", "total"]
    assert found["key_zh"].tolist() == ["餐饮", "出租汽车", "未填写", "合计"]
    assert found["units"].tolist() == [3, 2, 1, 6]
    assert found["listed"].tolist() == [2, 2, 1, 5]
    assert found["assessed"].tolist() == [1, 2, 1, 4]
    assert found["complete"].tolist() == [1, 0, 0, 1]
    assert found["share_assessed"].tolist() == pytest.approx([1 / 3, 1, 1, 4 / 6])


@pytest.mark.parametrize("by", KEYS)
def test_groups_add_up_to_the_total_and_order_of_rows_is_of_no_effect(tables, by) -> None:
    found = coverage(tables, ON, by)
    counted = found.drop(columns=["key", "key_zh"]).select_dtypes("integer")
    assert (counted.iloc[:-1].sum() == counted.iloc[-1]).all()
    pd.testing.assert_frame_equal(found, coverage(shuffled(tables), ON, by))
    rates = update_rates(tables, "2019Q4", by)
    counted = rates[["sources", "updated", "overdue", "undated", "future"]]
    assert (counted.iloc[:-1].sum() == counted.iloc[-1]).all()
    pd.testing.assert_frame_equal(rates, update_rates(shuffled(tables), "2019Q4", by))
    pd.testing.assert_frame_equal(milestones(tables, ON, by), milestones(shuffled(tables), ON, by))


def test_a_register_that_is_not_there_is_unknown_not_zero(tables) -> None:
    del tables["capability"]
    found = coverage(tables, ON, "sector").set_index("key")
    found = found[found["units"] > 0]
    assert found["capability"].isna().all() and found["share_capability"].isna().all()
    # All of taxi fail without it; A could be complete.
    assert found.loc["taxi", "complete"] == 0 and pd.isna(found.loc["catering", "complete"])
    states = milestones(tables, ON).set_index(["annex", "needed", "part"])["state"]
    assert states[1, 1.0, "capability"] == "unknown"
    assert states[1, 1.0, "complete"] == "missed"  # C has no source at all


def test_milestones_are_those_of_the_plan(tables) -> None:
    found = milestones(tables, ON)
    asked = found[["annex", "needed", "due"]].drop_duplicates().values.tolist()
    assert asked == [[one["annex"], one["share"], one["due"]] for one in plan()["assessment"]]
    first = found[(found["annex"] == 1) & (found["part"] == "assessed")].iloc[0]
    assert (first["units"], first["done"], first["state"]) == (3, 1, "missed")
    assert first["sectors"] == sum(one.annex == 1 for one in sectors())
    assert first["sectors_empty"] == first["sectors"] - 1


def test_milestone_states_around_the_day_and_the_share() -> None:
    due = next(one["due"] for one in plan()["assessment"] if one["annex"] == 2 and one["share"] == 0.6)
    names = [one.id for one in sectors() if one.annex == 2]
    units = [unit(f"{name}{n}", name) for name in names for n in range(5)]

    def state(done: int, on: dt.date) -> str:
        sources = [source(one["unit_id"], one["unit_id"], sector=one["sector"]) for one in units[:done]]
        found = milestones(quarter(units, sources), on)
        return found[(found["annex"] == 2) & (found["needed"] == 0.6) & (found["part"] == "assessed")].iloc[0]["state"]

    enough = 3 * len(names)
    assert [state(enough, due), state(enough - 1, due), state(enough - 1, due + dt.timedelta(1))] == [
        "met", "open", "missed",
    ]  # fmt: skip


def test_sixty_per_cent_of_sectors_is_counted_beside_units() -> None:
    names = [one.id for one in sectors() if one.annex == 2]
    many = 30
    units = [unit(f"{name}{n}", name) for name in names for n in range(many if name == names[0] else 1)]
    sources = [source(one["unit_id"], one["unit_id"], sector=one["sector"]) for one in units[:many]]
    row = milestones(quarter(units, sources), dt.date(2021, 1, 1)).set_index(["annex", "needed", "part"]).loc[
        (2, 0.6, "assessed")
    ]  # fmt: skip
    assert (row["state"], row["sectors_done"], row["state_sectors"]) == ("met", 1, "missed")


def test_sectors_without_units_keep_a_share_from_being_met() -> None:
    """A register that lacks whole sectors of the plan proves nothing about the city, but an area has what it has."""
    tables = quarter([unit("A")], [source("A1", "A")])
    city = milestones(tables, ON)
    assert city[(city["annex"] == 1) & (city["part"] == "assessed")].iloc[0]["state"] == "unknown"
    area = milestones(tables, ON, "district")
    area = area[area["group"] == "110101"]
    assert area[(area["annex"] == 1) & (area["part"] == "assessed")].iloc[0]["state"] == "met"


def test_update_rate_by_hand() -> None:
    sources = [
        source("A1", "A", updated_at=dt.date(2019, 10, 1)), source("A2", "A", updated_at=dt.date(2019, 12, 31)),
        source("A3", "A", updated_at=dt.date(2019, 9, 30)), source("A4", "A", updated_at=dt.date(2020, 1, 1)),
        source("A5", "A", updated_at=None), source("B1", "B", updated_at=dt.date(2019, 1, 1)),
    ]  # fmt: skip
    tables = quarter([unit("A"), unit("B", closed_at=pd.Timestamp("2019-12-31"))], sources)
    row = update_rates(tables, "2019Q4").iloc[-1]
    assert row[["sources", "updated", "overdue", "undated", "future"]].tolist() == [5, 2, 3, 1, 1]
    assert row["rate"] == pytest.approx(0.4)
    late = overdue_sources(tables, "2019Q4")
    assert late["source_id"].tolist() == ["A4", "A5", "A3"]
    assert late["days"].tolist() == [pd.NA, pd.NA, 92]
    assert late["reason_zh"].tolist() == ["更新日期晚于季末，不能算本季度更新", "未填更新日期", "本季度未更新"]
    history = update_history({"2020Q1": tables, "2019Q4": tables})
    assert history["period"].tolist() == ["2019Q4", "2020Q1"]
    assert history["updated"].tolist() == [2, 1]
    assert history["sources"].tolist() == [5, 5]


def test_a_source_handed_in_twice_counts_once(tables) -> None:
    rates = update_rates(tables, "2019Q4").iloc[-1]
    # A1 stands twice; F is closed; the unit of X1 is unknown and its source still counts.
    assert rates["sources"] == 8


def test_overdue_units_say_what_is_left(tables) -> None:
    found = overdue_units(tables, ON).set_index("unit_id")
    assert found["left_zh"].to_dict() == {
        "B": "1个风险源未审定；没有应急资源记录；没有应急能力评估记录",
        "C": "未登记风险源；没有应急资源记录；没有应急能力评估记录",
    }
    assert found.loc["B", "days"] == 61 and found.loc["B", "due"] == dt.date(2019, 10, 31)
    assert overdue_units(tables, dt.date(2019, 10, 31)).empty
    late = overdue_units(tables, dt.date(2021, 11, 1)).set_index("unit_id")
    assert late.loc["D", "left_zh"] == "1个风险源未登记管控责任人或措施；没有应急能力评估记录"
    assert "G" not in late.index  # nobody knows its sector, so nobody knows its day


def test_sectors_outside_the_annexes_follow_the_plan_file() -> None:
    tables = quarter([unit("A", "something_else")], [source("B1", "B")])
    found = unit_progress(tables, ON).iloc[0]
    assert found["annex"] == str(plan()["other_sectors"]["annex"])
    assert not found["listed"]


def test_empty_registers_give_empty_tables(tables) -> None:
    empty = {name: frame.iloc[:0] for name, frame in tables.items()}
    for by in KEYS:
        assert set(coverage(empty, ON, by)["units"]) == {0}
        assert update_rates(empty, "2019Q4", by)["rate"].isna().all()
    assert set(milestones(empty, ON)["state"]) == {"unknown"}
    assert overdue_sources(empty, "2019Q4").empty and overdue_units(empty, ON).empty


def test_unknown_group_names_the_nearest(tables) -> None:
    for ask in (coverage, milestones):
        with pytest.raises(KitError, match="did you mean district"):
            ask(tables, ON, by="distrikt")
    with pytest.raises(KitError, match="at least one period"):
        update_history({})


def test_the_workbook_has_every_list_and_says_that_it_is_made(tables, tmp_path) -> None:
    path = write_progress(tmp_path / "进度.xlsx", tables, "2019Q4", earlier={"2019Q3": tables}, made=True)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "计划目标", "覆盖情况（市级部门）", "覆盖情况（区）", "覆盖情况（行业）", "季度更新（市级部门）",
        "季度更新（区）", "季度更新（行业）", "各季度更新率", "逾期未更新风险源",
        "逾期未完成单位", "年度成果一览", "年度成果核对",
    ]  # fmt: skip
    assert all("示例数据" in page["A1"].value for page in book)
    page = book["覆盖情况（行业）"]
    assert [cell.value for cell in page[page.max_row]][:2] == ["合计", 6]
    assert page.cell(page.max_row, 4).number_format == "0.0%"


def test_the_workbook_writes_unknown_as_unknown(tables, tmp_path) -> None:
    del tables["capability"]
    book = openpyxl.load_workbook(write_progress(tmp_path / "进度.xlsx", tables, "2019Q4"))
    page = book["覆盖情况（行业）"]
    heads = [cell.value for cell in page[3]]
    assert page.cell(page.max_row, heads.index("已作应急能力评估") + 1).value == "不明"
    with pytest.raises(KitError, match=r"name it 进度\.xlsx"):
        write_progress(tmp_path / "进度.csv", tables, "2019Q4")
