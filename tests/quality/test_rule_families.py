# ruff: noqa: E501
"""Rules of the families on a few rows whose answer is known: a breach, a clean row, a row that they do not apply to."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kit.quality.registry import Context, NotCheckable, families, rules
from kit.quality.rules.timing import quarter_start, years_before
from kit.registers.coordinates import convert_coordinates

AS_OF = dt.date(2019, 12, 31)
DAY = pd.Timestamp


def run(
    rule_id: str, table: str, columns: dict[str, list[object]], **others: dict[str, list[object]]
) -> list[bool | None]:
    """Return the marks of a rule on a table: True a breach, None does not apply."""
    rule = next(rule for rule in rules() if rule.id == rule_id)
    frame = pd.DataFrame(columns)
    tables = {table: frame, **{name.replace("__", "/"): pd.DataFrame(given) for name, given in others.items()}}
    standards = {"taxi": SimpleNamespace(version="0.2.0")}
    marks = rule.breaches(frame, rule.tables[table], Context(tables, AS_OF, standards)).astype("boolean")
    assert len(marks) == len(frame)
    return [None if pd.isna(mark) else bool(mark) for mark in marks]


def test_every_rule_has_a_family_with_a_name() -> None:
    assert {rule.family for rule in rules()} == set(families()) - {"fields"}
    assert len(rules()) >= 60


UNIT_CASES = [
    (
        "uscc_repeated",
        {"uscc": ["91000000000000107X", "91000000000000107X", "910", "910", None]},
        [True, True, None, None, None],
    ),
    ("unit_name_repeated", {"name": ["甲（一）店", "甲(一)店", "乙", None]}, [True, True, False, None]),
    (
        "unit_two_names",
        {"name": ["甲店", "乙店", "丙店", "丁店"], "address": ["a", "a", "b", None], "phone": ["1", "1", "1", "1"]},
        [True, True, False, None],
    ),
    (
        "unit_name_no_licence",
        {"name": ["测试单位一", "北京示例餐饮有限公司", "12345", "好店", None]},
        [True, False, True, True, None],
    ),
    (
        "closed_before_registered",
        {"closed_at": [DAY("2001-01-01"), DAY("2019-01-01"), None], "registered_at": [DAY("2010-01-01")] * 3},
        [True, False, None],
    ),
    (
        "address_without_door",
        {"address": ["北京市朝阳区示例路12号", "北京市朝阳区", "北京市密云区示例镇甲村", None]},
        [False, True, False, None],
    ),
    (
        "address_without_city",
        {"address": ["北京朝阳区1号", "北京市朝阳区1号", "北京经济技术开发区1号", "朝阳区"]},
        [True, False, None, None],
    ),
    (
        "address_other_district",
        {"address": ["北京市海淀区1号", "北京市朝阳区1号", "示例路1号"], "district": ["110105", "110105", "110105"]},
        [True, False, None],
    ),
    (
        "both_tracks",
        {
            "supervision": ["municipal_soe", "district", "district"],
            "uscc": ["91000000000000107X", "91000000000000107X", None],
            "name": ["甲", "甲", "乙"],
        },
        [True, True, False],
    ),
    ("crowded_point", {"lon": [116.4] * 20 + [116.5, 113.0], "lat": [39.9] * 22}, [True] * 20 + [False, None]),
    ("default_point", {"lon": [116.41252, 116.42], "lat": [39.91614, 39.92]}, [True, False]),
]

SOURCE_CASES = [
    ("name_generic", {"name": ["火灾", "火灾事故", "风险源1", "厨房燃气管道", None]}, [True, True, True, False, None]),
    ("name_is_factor", {"name": ["未设置灭火器", "培训不到位", "油烟管道", None]}, [True, True, False, None]),
    ("half_coordinates", {"lon": [116.4, 116.4, np.nan], "lat": [39.9, np.nan, np.nan]}, [False, True, None]),
    (
        "standard_of_sector",
        {"standard": ["taxi@0.1.0", "taxi@0.1.0", None], "sector": ["taxi", "catering", "taxi"]},
        [False, True, None],
    ),
    ("standard_outdated", {"standard": ["taxi@0.1.9", "taxi@0.2.0", "park@0.1.0", None]}, [True, False, None, None]),
    ("stale_quarter", {"updated_at": [DAY("2019-09-30"), DAY("2019-10-01"), None]}, [True, False, None]),
    ("owner_no_person", {"owner": ["安全管理部", "待定", "赵示例", None]}, [True, True, False, None]),
    (
        "measure_is_name",
        {
            "name": ["气瓶", "气瓶", None],
            "measures_engineering": ["气瓶", None, "a"],
            "measures_technical": [None, "定期检测", "b"],
            "measures_management": [None, None, "c"],
        },
        [True, False, None],
    ),
    (
        "only_management",
        {
            "measures_engineering": ["", "加装", ""],
            "measures_technical": [None, None, "检测"],
            "review_state": ["confirmed", "confirmed", "draft"],
            "reviewed_level": ["major", "major", "major"],
        },
        [True, False, None],
    ),
    (
        "no_measure",
        {
            "measures_management": ["无", "制度"],
            "measures_engineering": ["", ""],
            "measures_technical": [None, None],
            "review_state": ["confirmed"] * 2,
            "reviewed_level": ["considerable"] * 2,
        },
        [True, False],
    ),
]

OTHER_CASES = [
    ("resource_unit", "resources", {"unit": ["台", "m2", "1", "-", None]}, [False, False, True, True, None]),
    (
        "resource_twice",
        "resources",
        {
            "resource_id": ["E1", "E2", "E3"], "owner_unit": ["U1", "U2", "U1"], "class": ["a"] * 3, "name": ["泵"] * 3,
            "quantity": [2.0, 2.0, 3.0], "lon": [116.4] * 3, "lat": [39.9] * 3,
        },
        [True, True, False],
    ),
    (
        "arrival_implausible",
        "resources",
        {"mobilise_minutes": [600.0, np.nan, 30.0, 600.0], "requestable": [True, True, True, False]},
        [True, True, False, None],
    ),
    (
        "agreement_arrival",
        "agreements",
        {"arrival_minutes": [10.0, 10.0, 200.0, np.nan], "distance": [20.0, 5.0, 50.0, 5.0]},
        [True, False, True, None],
    ),
    ("agreement_with_self", "agreements", {"from_unit": ["U1", "U1", None], "to_unit": ["U1", "U2", "U2"]}, [True, False, None]),
    ("agreement_expired", "agreements", {"expires_at": [DAY("2019-12-30"), DAY("2019-12-31"), None]}, [True, False, None]),
    ("plan_old", "plans", {"approved_at": [DAY("2016-12-30"), DAY("2016-12-31"), None]}, [True, False, None]),
    ("capability_old", "capability", {"assessed_at": [DAY("2015-01-01"), DAY("2019-01-01"), None]}, [True, False, None]),
    (
        "capability_blank",
        "capability",
        {"unit_id": ["U1", "U2"], "a": [None, 1.0], "b": [None, None], "c": [1.0, 2.0]},
        [True, False],
    ),
    (
        "assessors_apart",
        "assessors",
        {"source_id": ["R1", "R1", "R2", "R2", "R3"], "assessor": ["a", "b"] * 2 + ["a"], "level": ["low", "considerable", "low", "general", "low"]},
        [True, True, False, False, None],
    ),
    (
        "street_reviews_level",
        "reviews",
        {"stage": ["street", "street", "district_department"], "act": ["basic_accept", "confirm", "confirm"]},
        [False, True, None],
    ),
    (
        "lowered_without_reason",
        "reviews",
        {"from_level": ["major", "major", "low"], "to_level": ["low", "low", "major"], "reason": ["", "拆除", None]},
        [True, False, None],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "columns", "wanted"), UNIT_CASES)
def test_rules_of_units(rule: str, columns: dict[str, list[object]], wanted: list[bool | None]) -> None:
    assert run(rule, "units", columns) == wanted


@pytest.mark.parametrize(("rule", "columns", "wanted"), SOURCE_CASES)
def test_rules_of_risk_sources(rule: str, columns: dict[str, list[object]], wanted: list[bool | None]) -> None:
    assert run(rule, "risk_sources", columns) == wanted


@pytest.mark.parametrize(("rule", "table", "columns", "wanted"), OTHER_CASES)
def test_rules_of_other_registers(
    rule: str, table: str, columns: dict[str, list[object]], wanted: list[bool | None]
) -> None:
    assert run(rule, table, columns) == wanted


def test_levels_are_held_to_those_of_the_standard_and_to_reasons() -> None:
    sources = {
        "source_id": ["R1", "R2", "R3", "R4"],
        "self_level": ["low", "low", "low", None],
        "reviewed_level": ["general", "general", "general", "low"],
    }
    computed = {"source_id": ["R1", "R2", "R3"], "computed_level": ["considerable", "general", "considerable"]}
    assert run("self_level_far", "risk_sources", sources, computed__levels=computed) == [True, False, True, None]
    reviews = {"source_id": ["R3", "R1"], "reason": ["已改造", " "]}
    found = run("reviewed_below_computed", "risk_sources", sources, computed__levels=computed, reviews=reviews)
    assert found == [True, False, False, None]
    with pytest.raises(NotCheckable):
        run("self_level_far", "risk_sources", sources)


def test_grade_two_installation_with_a_low_level() -> None:
    survey = {"unit_id": ["U1", "U2"], "gb18218_r": [50.0, 49.9]}
    sources = {"unit_id": ["U1", "U1", "U2"], "reviewed_level": ["general", "considerable", "low"]}
    found = run("major_hazard_level", "risk_sources", sources, survey_unit__hazardous_chemicals=survey)
    assert found == [True, False, None]


def test_source_at_its_units_point_in_gcj02() -> None:
    lon, lat = convert_coordinates(np.array([116.4]), np.array([39.9]), "wgs84", "gcj02")
    units = {"unit_id": ["U1", "U2"], "lon": [116.4] * 2, "lat": [39.9] * 2, "crs": ["wgs84", "gcj02"]}
    sources = {
        "unit_id": ["U1", "U1", "U1", "U2"],
        "lon": [float(lon[0]), 116.4, 116.45, float(lon[0])],
        "lat": [float(lat[0]), 39.9, 39.9, float(lat[0])],
        "crs": ["wgs84"] * 4,
    }
    assert run("shifted_coordinates", "risk_sources", sources, units=units) == [True, False, False, None]


def test_all_sources_of_a_unit_alike() -> None:
    same = ["a", "a", "a", "b", "b"]
    sources = {"unit_id": ["U1"] * 3 + ["U2"] * 2, "location": same, "self_level": ["low"] * 5}
    sources |= {f"measures_{kind}": same for kind in ("engineering", "technical", "management")}
    assert run("sources_copied", "risk_sources", sources) == [True, True, True, None, None]
    sources["location"] = ["a", "a", "c", "b", "b"]
    assert run("sources_copied", "risk_sources", sources)[:3] == [False, False, False]


def test_missing_and_made_up_sources() -> None:
    units = {
        "unit_id": ["U1", "U2", "U3", "U4"], "sector": ["catering"] * 4, "basic_review": ["accepted"] * 3 + ["pending"],
        "closed_at": [None, None, DAY("2019-06-01"), None],
    }  # fmt: skip
    survey = {"unit_id": ["U1", "U2", "U3", "U4"], "fuel": ["lpg_small", "electric", "lpg_small", "lpg_small"]}
    sources = {
        "unit_id": ["U1"] + ["U2"] * 101,
        "checklist_item": ["catering_s01"] + ["catering_s02"] * 101,
        "self_level": ["low"] * 102,
    }
    tables = {"risk_sources": sources, "survey_unit__catering": survey}
    assert run("obvious_source_missing", "units", units, **tables) == [True, None, None, None]
    assert run("unit_without_source", "units", units, risk_sources=sources) == [False, False, None, None]
    assert run("template_sources", "units", units, risk_sources=sources) == [None, True, None, None]


def test_totals_are_held_to_the_register_and_to_their_parts() -> None:
    units = {
        "unit_id": ["U1", "U2", "U3"],
        "district": ["A", "A", "B"],
        "street": ["s", "t", "u"],
        "sector": ["x", "y", "x"],
    }
    totals = {
        "line_id": list("12345"),
        "district": ["A", "A", "A", "B", None],
        "street": [None, "s", "t", None, None],
        "sector": [None] * 5,
        "n_units": [2.0, 1.0, 2.0, 1.0, 3.0],
        "n_sources": [np.nan] * 5,
    }
    assert run("totals_of_units", "reported_totals", totals, units=units) == [False, False, True, False, False]
    assert run("totals_add_up", "reported_totals", totals) == [True, None, None, None, None]


def test_review_acts_of_the_other_track_and_levels_without_one() -> None:
    sources = {"source_id": ["R1", "R2"], "unit_id": ["U1", "U2"], "reviewed_level": ["low", "low"]}
    units = {"unit_id": ["U1", "U2"], "supervision": ["municipal_soe", "district"]}
    acts = {
        "source_id": ["R1", "R1", "R2"],
        "stage": ["district_department", "municipal_department", "street"],
        "act": ["sector_accept", "sector_accept", "basic_accept"],
    }
    assert run("review_of_other_track", "reviews", acts, risk_sources=sources, units=units) == [True, False, None]
    assert run("reviewed_without_record", "risk_sources", sources, reviews=acts) == [False, True]


def test_drills_and_plans_of_major_sources() -> None:
    plans = {"source_id": ["R1", "R1"], "approved_at": [DAY("2019-05-01"), DAY("2019-08-01")]}
    drills = {"source_id": ["R1", "R1", "R2"], "drilled_at": [DAY("2019-04-30"), DAY("2019-05-01"), DAY("2019-05-01")]}
    assert run("drill_before_plan", "drills", drills, plans=plans) == [True, False, None]
    sources = {
        "source_id": ["R1", "R2", "R3"],
        "review_state": ["confirmed"] * 3,
        "reviewed_level": ["major", "major", "low"],
    }
    assert run("major_without_plan", "risk_sources", sources, plans=plans) == [False, True, None]


def test_days_of_quarters_and_years() -> None:
    assert quarter_start(dt.date(2020, 3, 31)) == dt.date(2020, 1, 1)
    assert years_before(dt.date(2020, 2, 29), 3) == dt.date(2017, 2, 28)
