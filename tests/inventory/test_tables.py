"""The tables of the district assessment: parts add up, 数据不足 is in every denominator, 待审 in none."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kit.errors import KitError, ProblemsError
from kit.inventory import tables
from tests.reports import made_period


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_period.make(tmp_path_factory.mktemp("period") / "data")


@pytest.fixture(scope="module")
def city(folder: Path) -> tables.Assessed:
    return tables.load_period(folder)


def test_levels_count_confirmed_and_put_pending_beside(city: tables.Assessed) -> None:
    table = tables.levels(city, "sector")
    assert list(table.columns) == ["行业（领域）", "重大", "较大", "一般", "低", "数据不足", "合计", "待审", "登记总数"]
    total = table.iloc[-1]
    counts = city.sources["level"].value_counts()
    assert total["行业（领域）"] == "合计"
    assert total["数据不足"] == counts["insufficient"] and total["待审"] == counts["pending"]
    assert total["合计"] == len(city.sources) - counts["pending"]
    assert (table["登记总数"] == table["合计"] + table["待审"]).all()
    assert table["合计"].iloc[:-1].sum() == total["合计"]


def test_a_hand_made_period_gives_the_numbers_by_hand(city: tables.Assessed) -> None:
    rows = city.sources.iloc[:6].copy()
    rows["level"] = ["major", "considerable", "insufficient", "pending", "low", "low"]
    rows["sector_zh"] = ["餐饮", "餐饮", "餐饮", "餐饮", None, "出租汽车"]
    small = tables.Assessed(
        "2019Q4", city.meta, rows, city.changes.iloc[:0], city.units, city.quality_checks, city.quality_rows
    )
    table = tables.levels(small, "sector").set_index("行业（领域）")
    assert table.loc["餐饮"].tolist() == [1, 1, 0, 0, 1, 3, 1, 4]
    assert table.loc["未填写"].tolist() == [0, 0, 0, 1, 0, 1, 0, 1]
    assert table.loc["合计"].tolist() == [1, 1, 0, 2, 1, 5, 1, 6]
    assert tables.numbers(small)["high_share"] == pytest.approx(40.0)


@pytest.mark.parametrize("area", [None, "110101", "110105", "110115403"])
def test_every_reconciliation_row_adds_up(city: tables.Assessed, area: str | None) -> None:
    data = city if area is None else tables.for_area(city, area)
    table = tables.reconciliation(data)
    assert len(table) >= 15
    assert table.loc[table["差额"] != 0].empty
    assert (table["说明"] == "一致").all()


def test_a_difference_is_shown_and_explained(city: tables.Assessed) -> None:
    from dataclasses import replace

    twice = replace(city, sources=pd.concat([city.sources, city.sources.iloc[:1]]), units=city.units.iloc[1:])
    table = tables.reconciliation(twice).set_index("核对项")
    assert table.loc["风险源编号不重复", "差额"] == 1
    assert "重复编号" in table.loc["风险源编号不重复", "说明"]
    assert table.loc["风险源所属单位在本地区台账内", "差额"] > 0


def test_areas_add_up_to_the_city(city: tables.Assessed) -> None:
    summary = tables.area_summary(city)
    assert len(summary) == 17
    assert summary["total"].sum() == len(city.sources)
    for code in summary["code"]:
        own = tables.levels(tables.for_area(city, code), "street").iloc[-1]
        row = summary.set_index("code").loc[code]
        assert [own["重大"], own["数据不足"], own["待审"]] == [row["major"], row["insufficient"], row["pending"]]


def test_a_source_outside_the_17_areas_is_not_lost(city: tables.Assessed) -> None:
    from dataclasses import replace

    sources = city.sources.copy()
    sources.loc[0, "district"] = "999999"
    summary = tables.area_summary(replace(city, sources=sources))
    assert len(summary) == 18 and summary["total"].sum() == len(sources)


def test_coverage_done_means_sources_and_none_pending(city: tables.Assessed) -> None:
    done = tables.done_units(city)
    waiting = set(city.sources.loc[city.sources["level"] == "pending", "unit_id"])
    assert not set(city.units.loc[done, "unit_id"]) & waiting
    table = tables.coverage(city, "street")
    assert table["应评单位"].iloc[-1] == len(city.units) == table["应评单位"].iloc[:-1].sum()
    assert table["完成率（%）"].iloc[-1] == pytest.approx(100 * done.sum() / len(city.units))


def test_changes_by_class_balance(city: tables.Assessed) -> None:
    table = tables.change_counts(city).set_index("项目")
    changed = city.changes["change"].value_counts()
    assert table.loc["登记总数", "增减"] == changed["new"] - changed["closed"]
    assert table["上季度"].iloc[:-1].sum() == table.loc["登记总数", "上季度"]


def test_the_first_period_compares_with_nothing(city: tables.Assessed) -> None:
    from dataclasses import replace

    first = replace(city, meta={**city.meta, "previous_period": None})
    assert tables.change_counts(first).empty
    assert "本季登记数＝上季＋新增－销号－退回" not in set(tables.reconciliation(first)["核对项"])


def test_raised_levels_come_first_in_the_list(city: tables.Assessed) -> None:
    changes = tables.change_list(city, limit=10)
    assert len(changes) == 10
    assert changes["变化"].iloc[0] == "升级"


def test_the_major_list_has_confirmed_majors_only(city: tables.Assessed) -> None:
    majors = tables.major_list(city)
    assert len(majors) == (city.sources["level"] == "major").sum()
    assert majors["序号"].tolist() == list(range(1, len(majors) + 1))


def test_a_check_that_could_not_run_is_never_passed(city: tables.Assessed) -> None:
    quality = tables.quality(tables.for_area(city, "110115403")).set_index("检查项")
    assert quality.loc["降级附有审核记录", "结果"] == "无法检查"
    assert set(tables.quality(city)["结果"]) == {"通过", "未通过", "无法检查"}


def test_problems_are_only_named_when_their_number_is_above_zero(city: tables.Assessed) -> None:
    table = tables.problems(city)
    assert table["问题"].str.contains("数据不足").sum() == 1
    assert not table["问题"].str.match(r"^0").any()
    assert tables.findings(city)["insufficient"] == (31, 545)


def test_an_empty_area_gives_empty_tables_and_no_error(city: tables.Assessed) -> None:
    from dataclasses import replace

    empty = replace(
        city, sources=city.sources.iloc[:0], changes=city.changes.iloc[:0], units=city.units.iloc[:0],
        quality_rows=city.quality_rows.iloc[:0], area="110101",
    )  # fmt: skip
    for by in ("sector", "street", "accident", "track"):
        assert tables.levels(empty, by).empty
    assert tables.coverage(empty, "sector").empty and tables.controls(empty).empty and tables.tracks(empty).empty
    assert (tables.reconciliation(empty)["差额"] == 0).all()
    assert tables.numbers(empty)["sources_total"] == 0


def test_missing_files_and_columns_and_strange_levels_are_told_together(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    sources = pd.read_parquet(tmp_path / "sources.parquet").rename(columns={"owner": "ower"})
    sources.loc[0, "level"] = "mayor"
    sources.to_parquet(tmp_path / "sources.parquet")
    (tmp_path / "changes.parquet").unlink()
    with pytest.raises(ProblemsError) as caught:
        tables.load_period(tmp_path)
    text = str(caught.value)
    assert "changes.parquet" in text and "'owner' is missing" in text and "did you mean ower?" in text
    assert "level 'mayor'" in text and "did you mean major?" in text


def test_an_unknown_area_or_breakdown_is_named(city: tables.Assessed) -> None:
    with pytest.raises(KitError, match="did you mean 1101"):
        tables.for_area(city, "11010")
    with pytest.raises(KitError, match="did you mean sector"):
        tables.levels(city, "sectors")


def test_meta_is_read_as_written(city: tables.Assessed, folder: Path) -> None:
    assert city.meta == json.loads((folder / "meta.json").read_text("utf-8"))
