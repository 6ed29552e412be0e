"""Each rule on a few rows whose answer is known; a rule file is found by being there."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kit.quality.registry import Context, NotCheckable, rules

AS_OF = dt.date(2019, 12, 31)


def _run(rule_id: str, frame: pd.DataFrame, table: str, **tables: pd.DataFrame) -> list[bool | None]:
    rule = next(rule for rule in rules() if rule.id == rule_id)
    marks = rule.breaches(frame, rule.tables[table], Context({table: frame, **tables}, AS_OF))
    return [None if pd.isna(mark) else bool(mark) for mark in marks.astype("boolean")]


def test_every_rule_file_is_found_and_says_what_it_is() -> None:
    found = {rule.id: rule for rule in rules()}
    assert len(found) >= 12
    for rule in found.values():
        assert rule.title_zh
        assert "\n" not in rule.title_zh
        assert rule.allowed_zh
        assert rule.severity in ("error", "warning")
        assert rule.tables


def test_places() -> None:
    frame = pd.DataFrame(
        {
            "lon": [116.4, 39.9, 113.26, None, 116.83],
            "lat": [39.9, 116.4, 23.13, 39.9, 40.37],
            "district": ["110101", "110101", "110101", "110101", "110101"],
        }
    ).astype({"district": "str"})
    assert _run("swapped_coordinates", frame, "units") == [False, True, False, None, False]
    assert _run("outside_beijing", frame, "units") == [False, None, True, None, False]
    assert _run("outside_district", frame, "units") == [False, None, None, None, True]


def test_point_within_the_tolerance_of_its_district_is_fine() -> None:
    import shapely

    from kit.quality.rules._places import district_shapes

    edge = shapely.geometry.Point(next(iter(district_shapes(150.0)["110101"].exterior.coords)))
    frame = pd.DataFrame({"lon": [edge.x], "lat": [edge.y], "district": pd.Series(["110101"], dtype="str")})
    assert _run("outside_district", frame, "units") == [False]


def test_development_zone_has_no_polygon_and_no_streets_of_its_own() -> None:
    frame = pd.DataFrame({"lon": [116.5], "lat": [39.8], "district": ["110115403"], "street": ["110115012"]}).astype(
        {"district": "str", "street": "str"}
    )
    assert _run("outside_district", frame, "units") == [None]
    assert _run("street_of_district", frame, "units") == [None]


def test_street_of_another_district() -> None:
    frame = pd.DataFrame({"street": ["110101001", "110102001", None], "district": ["110101"] * 3}).astype("str")
    assert _run("street_of_district", frame, "units") == [False, True, None]


@pytest.mark.parametrize(
    ("phone", "breach"),
    [
        ("13800000000", False),
        ("010-12345678", False),
        ("(010)12345678", False),
        ("+86 13800000000", False),
        ("01012345678-801", False),
        ("12345", True),
        ("无", True),
        ("138000000001", True),
        (None, None),
    ],
)
def test_phone(phone: str | None, breach: bool | None) -> None:
    frame = pd.DataFrame({"phone": pd.Series([phone], dtype="str")})
    assert _run("phone_format", frame, "units") == [breach]


def test_owner_of_high_risk() -> None:
    frame = pd.DataFrame(
        {
            "review_state": ["confirmed", "confirmed", "draft", "confirmed", "confirmed"],
            "reviewed_level": ["major", "considerable", "major", "low", "major"],
            "owner": [None, "张示例", None, None, "张示例"],
            "owner_phone": ["1", "1", "1", None, None],
        }
    ).astype("str")
    assert _run("owner_of_high_risk", frame, "risk_sources") == [True, False, None, None, True]


def test_level_without_review() -> None:
    frame = pd.DataFrame(
        {"review_state": ["draft", "self_assessed", "confirmed"], "reviewed_level": ["low", None, "low"]}
    ).astype("str")
    assert _run("level_without_review", frame, "risk_sources") == [True, False, None]


def _measured(levels: list[str | None], words: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source_id": [f"R{at}" for at in range(len(levels))],
            "reviewed_level": levels,
            "measures_engineering": words,
            "measures_technical": [None] * len(levels),
            "measures_management": ["检查"] * len(levels),
        }
    ).astype("str")


def test_lowered_level_needs_a_measure() -> None:
    before = _measured(["major", "major", "low", "major"], ["甲"] * 4)
    now = _measured(["general", "general", "major", None, "low"], ["甲", "乙", "甲", "甲", "甲"])
    rule = next(rule for rule in rules() if rule.id == "lowered_without_measure")
    tables = {"risk_sources": now, "previous/risk_sources": before}
    marks = rule.breaches(now, "reviewed_level", Context(tables, AS_OF))
    assert [None if pd.isna(mark) else bool(mark) for mark in marks] == [True, False, False, None, None]
    with pytest.raises(NotCheckable, match="上季度"):
        rule.breaches(now, "reviewed_level", Context({"risk_sources": now}, AS_OF))


def test_sources_against_their_units() -> None:
    units = pd.DataFrame(
        {"unit_id": ["U1", "U2"], "sector": ["taxi", "taxi"], "closed_at": [pd.NaT, pd.Timestamp("2019-11-01")]}
    )
    frame = pd.DataFrame(
        {
            "unit_id": ["U1", "U1", "U2", "U9"],
            "sector": ["taxi", "park", "taxi", "taxi"],
            "name": ["甲", "甲", "甲", None],
        }
    ).astype("str")
    assert _run("sector_of_unit", frame, "risk_sources", units=units) == [False, True, False, None]
    assert _run("unit_closed", frame, "risk_sources", units=units) == [False, False, True, False]
    assert _run("name_repeated", frame, "risk_sources") == [True, True, False, None]


def test_resources() -> None:
    frame = pd.DataFrame(
        {
            "quantity": [0.0, 3.0, None],
            "expires_at": [pd.Timestamp("2019-12-31"), pd.Timestamp("2019-12-30"), pd.NaT],
        }
    )
    assert _run("resource_quantity", frame, "resources") == [True, False, None]
    assert _run("resource_expired", frame, "resources") == [False, True, None]


def test_uscc() -> None:
    codes = pd.Series(["91350100M000100Y43", "91350100M000100Y4Z", "9135", None], dtype="str")
    frame = pd.DataFrame({"uscc": codes})
    assert _run("uscc_check_digit", frame, "units") == [False, True, None, None]
