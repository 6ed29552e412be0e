"""The changes and compound risks as people read them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kit.errors import KitError
from kit.inventory.changes import KINDS, changes_between
from kit.inventory.compound import compound_risks, settings
from kit.inventory.inventory_sheets import (
    changes_sheet,
    compound_sheets,
    details_sheet,
    district_code,
    standing,
    words,
)
from kit.inventory.tables_counts import WORDS
from kit.standard import load_standard
from tests.inventory.quarters import WORSE, quarter, source

TAXI = load_standard("taxi")


def test_every_kind_cause_and_count_has_a_word() -> None:
    found = changes_between(quarter([source("A1", "low")], {"A": {}}), quarter([], {}) | {
        "units": quarter([], {"A": {}})["units"], "risk_sources": pd.DataFrame([source("A1", "low")]).iloc[:0],
    }, {"taxi": TAXI})  # fmt: skip
    assert set(KINDS) <= set(WORDS["changes"])
    assert set(found.counts) == set(words()["counts"])
    assert set(words()["causes"]) == {"data", "standard", "both", "review"}


def test_what_has_to_be_read_first_stands_first() -> None:
    answers = {"A": {}, "B": {}, "C": WORSE, "D": {}, "E": {}}
    before = quarter([source(f"{unit}1", "general") for unit in "ABCDE"], answers)
    now = quarter([source("A1", "low"), source("B1", "considerable"), source("C1", "major"), source("E1", "general"),
                   source("A2", "major")], answers | {"E": WORSE})  # fmt: skip
    found = changes_between(now, before, {"taxi": TAXI})
    sheet = changes_sheet(found, now["units"], note="示例")
    assert sheet["风险源编号"].tolist() == ["C1", "B1", "A2", "A1", "D1", "E1"]
    assert sheet["变化"].tolist() == ["升级", "升级", "新增", "降级", "销号", "待重新审核"]
    assert sheet["起因"].tolist()[1] == "审核调整"
    assert sheet.columns[-1] == "说明" and sheet["说明"].eq("示例").all()
    assert not [name for name in sheet.columns if name.isascii()]
    only = changes_sheet(found, now["units"], only=["A1"])
    assert only["单位名称"].tolist() == ["示例A"] and only["街道（乡镇）"].notna().all()
    assert details_sheet(found, only=["A1"]).empty and len(details_sheet(found)) == len(found.details)


def test_unknown_level_of_a_standard_is_not_left_blank() -> None:
    before = quarter([source("A1", "low"), source("B1", "low")], {"A": {"vehicle_age": None}, "B": {}})
    now = quarter([source("B1", "low")], {"A": {}, "B": {}})
    sheet = changes_sheet(changes_between(now, before, {"taxi": TAXI}), now["units"])
    assert sheet[["变化", "上季度等级", "上季度按标准评定"]].iloc[0].tolist() == ["销号", "数据不足", "数据不足"]
    assert pd.isna(sheet["本季度按标准评定"].iloc[0])


def test_compound_sheets_are_chinese_and_short() -> None:
    random = np.random.default_rng(1)
    number = 300
    frame = pd.DataFrame({
        "source_id": [f"R{at}" for at in range(number)], "unit_id": [f"U{at}" for at in range(number)],
        "lon": 116.4 + random.normal(0, 0.02, number), "lat": 39.9 + random.normal(0, 0.02, number),
        "accident_class": random.choice(["08", "X1"], number), "level": "low",
    })  # fmt: skip
    near = (frame["lon"] - 116.4).abs().add((frame["lat"] - 39.9).abs()) < 0.015
    frame.loc[near, "level"] = "major"
    sheets = compound_sheets(compound_risks(frame), note="示意")
    assert all(len(sheet) for sheet in sheets.values())
    for sheet in sheets.values():
        assert not [name for name in sheet.columns if name.isascii()]
        assert sheet["说明"].eq("示意").all()
    assert set(sheets["hot_cells"]["结论"]) <= {"热点", "冷点"}
    assert set(sheets["sources"]["等级"]) == {"重大"}
    assert (sheets["hot_cells"]["校正后p值"] > 0).all()


def test_standing_says_all_that_is_not_official() -> None:
    assert standing([TAXI], made=True, compound=True) == (
        "示例数据：由程序生成，不对应任何真实单位；等级依据示意性标准；风险种类的划分和距离为示意值"
    )
    assert standing([], made=False) == ""
    assert settings()["provenance"] == "illustrative"


def test_district() -> None:
    assert district_code("北京经济技术开发区") == district_code("110115403") == "110115403"
    with pytest.raises(KitError, match="did you mean 朝阳区"):
        district_code("朝阳")
