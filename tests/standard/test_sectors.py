"""The register of sectors against the work plan as it is printed."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from kit.standard.common_parts import common_list
from kit.standard.sectors import due_date, plan, sectors

# Annexes 1 and 2 of the work plan (2019-2021), row by row.
ANNEX_1 = {
    "housing": "建筑施工",
    "urban_management": "电力、城镇燃气、供热、生活垃圾处理设施",
    "water": "供水、排水（含再生水利用）",
    "transport": "轨道交通运营、公共交通运营、高速公路运营、省际客运、旅游客运、危货运输、道路建设及养护项目",
    "commerce": "商业零售、餐饮",
    "culture_tourism": "文化娱乐场所、星级饭店",
    "emergency_management": "危险化学品、化工、医药、工业企业、非煤矿山及尾矿库",
    "sports": "体育运动场馆",
    "landscaping": "公园",
}
ANNEX_2 = {
    "urban_management": "户外广告设施、加气站",
    "water": "水利工程建设、水利工程运行",
    "transport": "普货运输、出租汽车、汽车租赁、机动车维修、水上交通",
    "commerce": "其它生活服务业",
    "culture_tourism": "住宿业、旅游业",
    "emergency_management": "烟花爆竹",
    "sports": "高危险性体育项目",
    "landscaping": "风景名胜区、园林绿化工程",
}


def test_the_register_is_that_of_the_annexes() -> None:
    for annex, printed in ((1, ANNEX_1), (2, ANNEX_2)):
        there: dict[str, list[str]] = {}
        for sector in sectors():
            if sector.annex == annex:
                there.setdefault(sector.department, []).append(sector.name_zh)
        assert {name: "、".join(names) for name, names in there.items()} == printed
        assert list(there) == list(printed), "departments in the order of the plan"


def test_counts_rows_and_dates() -> None:
    found = sectors()
    assert Counter(sector.annex for sector in found) == {1: 25, 2: 16}
    assert {sector.department: sector.annex_row for sector in found}["landscaping"] == 9
    assert due_date(1) == dt.date(2019, 7, 31) and due_date(2) == dt.date(2019, 9, 30)
    assert [(one["annex"], one["share"]) for one in plan()["assessment"]] == [(1, 1.0), (2, 0.6), (2, 1.0)]


def test_industries_are_classes_of_the_list() -> None:
    from kit.registers import load_codes

    known = set(load_codes("industries")["code"])
    assert {code for sector in sectors() for code in sector.industries} <= known


def test_classes_of_resources_belong_to_a_type() -> None:
    types = {row["code"] for row in common_list("resource_types")}
    assert {row["type"] for row in common_list("resource_classes")} == types
