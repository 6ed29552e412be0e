"""The tables of the capability report: sums, means over units, items that do not apply."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kit.emergency import tables
from kit.errors import KitError, ProblemsError
from tests.reports import made_period


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tables.Capability:
    return tables.load_period(made_period.make(tmp_path_factory.mktemp("period") / "data"))


@pytest.mark.parametrize("area", [None, "110101", "110115403"])
def test_every_reconciliation_row_adds_up(city: tables.Capability, area: str | None) -> None:
    table = tables.reconciliation(city if area is None else tables.for_area(city, area))
    assert (table["差额"].abs() < 1e-6).all() and (table["说明"] == "一致").all()


def test_the_total_mean_is_over_units_not_over_means(city: tables.Capability) -> None:
    table = tables.grades(city, "sector")
    assert table["平均得分"].iloc[-1] == pytest.approx(city.scored["s"].mean())
    assert table["合计"].iloc[-1] == len(city.capability)
    assert table["数据不足"].iloc[-1] == (city.capability["grade"] == "insufficient").sum() > 0


def test_a_unit_without_score_is_in_no_mean(city: tables.Capability) -> None:
    assert city.scored["s"].notna().all()
    assert tables.numbers(city)["cap_scored"] + tables.numbers(city)["n_insufficient"] == len(city.capability)
    assert tables.unit_scores(city)["等次"].iloc[0] == "数据不足"
    assert tables.unit_scores(city)["说明"].iloc[0] == "演练次数未填"


def test_items_that_do_not_apply_leave_both_sums(city: tables.Capability) -> None:
    items = pd.DataFrame(
        {
            "unit_id": ["U0002"] * 3, "district": "110107", "item": ["a", "b", "c"], "clause": ["1", "2", "3"],
            "name_zh": ["甲", "乙", "丙"], "group": "g", "group_zh": "组", "full": [40.0, 30.0, 30.0],
            "got": [20.0, 30.0, None], "applies": pd.array([True, True, False], dtype="boolean"),
        }
    )  # fmt: skip
    small = replace(city, items=items, capability=city.capability[city.capability["unit_id"] == "U0002"])
    row = tables.groups(small).iloc[0]
    assert (row["适用满分"], row["实得"]) == (70.0, 50.0)
    assert row["得分率（%）"] == pytest.approx(100 * 50 / 70)
    assert row["不涉及占比（%）"] == pytest.approx(100 / 3)
    assert tables.weakest_items(small)["条目"].tolist() == ["甲"]
    assert tables.weakest_items(small)["失分率（%）"].tolist() == [50.0]
    assert tables.not_applicable(small)["条目"].tolist() == ["丙"]


def test_rectification_is_for_poor_and_fair_worst_first_with_dates(city: tables.Capability) -> None:
    table = tables.rectification(city)
    grades = table["等次"].tolist()
    assert set(grades) <= {"差", "中"} and grades == sorted(grades, key=["差", "中"].index)
    assert set(table.loc[table["等次"] == "差", "期限"]) == {"2020-01-30"}
    assert table["责任人"].notna().all()
    assert table.groupby("单位").size().max() <= 2


def test_areas_add_up(city: tables.Capability) -> None:
    summary = tables.area_summary(city)
    assert len(summary) == 17 and summary["assessed"].sum() == len(city.capability)


def test_an_empty_area_gives_empty_tables_and_no_error(city: tables.Capability) -> None:
    empty = replace(
        city, capability=city.capability.iloc[:0], items=city.items.iloc[:0], units=city.units.iloc[:0],
        quality_rows=city.quality_rows.iloc[:0], area="110101",
    )  # fmt: skip
    assert tables.grades(empty, "sector").empty and tables.groups(empty).empty and tables.rectification(empty).empty
    assert tables.numbers(empty)["cap_units"] == 0
    assert (tables.reconciliation(empty)["差额"] == 0).all()


def test_a_strange_grade_and_an_unknown_area_are_named(city: tables.Capability, tmp_path: Path) -> None:
    folder = made_period.make(tmp_path / "data")
    frame = pd.read_parquet(folder / "capability.parquet")
    frame.loc[0, "grade"] = "god"
    frame.to_parquet(folder / "capability.parquet")
    with pytest.raises(ProblemsError, match="did you mean good"):
        tables.load_period(folder)
    with pytest.raises(KitError, match="did you mean 1101"):
        tables.for_area(city, "11010")
