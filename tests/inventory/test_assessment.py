"""From registers to assessed data: classes, roll-ups, changes, and rows that no report can count."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kit.inventory.assessment import assess, write_assessment
from kit.inventory.changes import compare
from kit.quality.run import QualityResult
from kit.standard import load_all, read_scales

STANDARDS = load_all()
GOOD = {
    "fleet_size": 60.0, "vehicle_age": 1.5, "crashes_3y": 0.0, "daily_hours": 7.5, "night_share": 8.0,
    "passengers_max": 2.0, "energy": "ev", "depot_parked_max": 10.0, "monitored_share": 100.0, "trained_share": 100.0,
    "inspection_rate": 100.0, "has_permit": True, "online_mismatch": False, "overdue_vehicles": 0.0,
}  # fmt: skip


def unit(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "unit_id": name, "name": f"示例{name}", "sector": "taxi", "district": "110101", "street": "110101001",
        "address": "示例街1号", "supervision": "district", "lon": 116.41, "lat": 39.92, "crs": "wgs84", "headcount": 10,
        "basic_review": "accepted", "closed_at": pd.NaT,
    } | changes  # fmt: skip


def source(name: str, unit_id: str, reviewed: str | None, **changes: Any) -> dict[str, Any]:
    return {
        "source_id": name, "unit_id": unit_id, "sector": "taxi", "standard": "taxi@0.1.0", "checklist_item": None,
        "name": "城市道路行驶", "accident_class": "X2", "location": "线路", "lon": None, "lat": None, "crs": None,
        "public_impact": True, "self_level": "low", "reviewed_level": reviewed, "review_state": "confirmed",
        "owner": "某", "owner_phone": None, "measures_engineering": None, "measures_technical": None,
        "measures_management": "制度", "updated_at": dt.date(2019, 12, 1),
    } | changes  # fmt: skip


def tables(
    units: list[dict[str, Any]], sources: list[dict[str, Any]], answers: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    frame = pd.DataFrame(sources)
    for column in ("lon", "lat"):
        frame[column] = frame[column].astype("float64")
    survey = pd.DataFrame([{"unit_id": name} | GOOD | values for name, values in answers.items()])
    return {"units": pd.DataFrame(units), "risk_sources": frame, "survey_unit/taxi": survey}


@pytest.fixture
def quarter() -> dict[str, Any]:
    units = [unit("A"), unit("B"), unit("C"), unit("D", lon=39.92, lat=116.41)]
    sources = [
        source("A1", "A", "low"), source("A2", "A", "general"), source("A3", "A", "low", review_state="self_assessed"),
        source("B1", "B", "low"), source("C1", "C", "major"), source("D1", "D", "low"), source("D1", "D", "major"),
        source("X1", "nobody", "major"),
    ]  # fmt: skip
    return tables(units, sources, {"A": {}, "B": {"vehicle_age": 99.0}, "C": {"has_permit": False}, "D": {}})


def test_class_of_a_source(quarter: dict[str, Any]) -> None:
    found = assess(quarter, STANDARDS, period="2019Q4").sources.set_index("source_id")
    assert found.loc["A1", "level"] == "low"
    assert found.loc["A2", "level"] == "general", "the reviewed level counts, not the computed one"
    assert found.loc["A2", "computed_level"] == "low"
    assert found.loc["A3", "level"] == "pending"
    assert found.loc["B1", "level"] == "insufficient", "confirmed, but nobody can repeat the level"
    assert found.loc["B1", "computed_reason_zh"] == "平均车龄超出值域[0, 15]年"
    assert found.loc["C1", "override_zh"], "the direct determination is named"
    assert found.loc["A1", "district_zh"] == "东城区"
    assert found.loc["A1", "department_zh"] == "市交通委"


def test_a_declared_roll_up(quarter: dict[str, Any]) -> None:
    """A: low and general, weighted alike or not; 0.5 is rounded up, and what is pending does not count."""
    from kit.standard import variant

    def level(changes: dict[str, Any], unit_id: str = "A") -> str:
        taxi = variant(STANDARDS["taxi"], changes) if changes else STANDARDS["taxi"]
        found = assess(quarter, {**STANDARDS, "taxi": taxi}, period="2019Q4").units.set_index("unit_id")
        return str(found.loc[unit_id, "level"])

    assert level({}) == "general"
    assert level({"rollup": {"how": "share_weighted"}}) == "general"
    quarter["risk_sources"].loc[quarter["risk_sources"]["source_id"] == "A3", "review_state"] = "confirmed"
    assert level({"rollup": {"how": "share_weighted"}}) == "low", "a third of the way"
    weighted = {"rollup": {"how": "share_weighted", "weight": "fleet_size"}}
    assert level(weighted) == "low" and level({}) == "general"
    assert level(weighted, "B") == "insufficient", "a source that cannot be scored may be anything"
    assert "rollup_weight" not in assess(quarter, STANDARDS, period="2019Q4").sources
    # A survey without the weight, which is not required: nobody can say what the mean is.
    quarter["survey_unit/taxi"] = quarter["survey_unit/taxi"].drop(columns="depot_parked_max")
    weighted = {"rollup": {"how": "share_weighted", "weight": "depot_parked_max"},
                "fields.depot_parked_max.required": False,
                "scores.severity.depot_parked.missing": "skip"}  # fmt: skip
    assert level(weighted) == "insufficient"


def test_rows_no_report_can_count_are_kept_with_the_reason(quarter: dict[str, Any]) -> None:
    found = assess(quarter, STANDARDS, period="2019Q4")
    assert len(found.sources) + len(found.rejected) == len(quarter["risk_sources"])
    assert dict(zip(found.rejected["source_id"], found.rejected["reason_zh"], strict=True)) == {
        "D1": "编号重复",
        "X1": "所属单位不在台账内",
    }


def test_unit_is_the_highest_of_its_sources_but_never_a_guess(quarter: dict[str, Any]) -> None:
    found = assess(quarter, STANDARDS, period="2019Q4").units.set_index("unit_id")
    assert found.loc["A", "level"] == "general"
    assert found.loc["B", "level"] == "insufficient"
    assert found.loc["C", "level"] == "major"
    quarter["risk_sources"] = pd.concat(
        [quarter["risk_sources"], pd.DataFrame([source("C2", "C", "low", sector="catering")])], ignore_index=True
    )
    again = assess(quarter, STANDARDS, period="2019Q4").units.set_index("unit_id")
    assert again.loc["C", "level"] == "major", "nothing could raise the worst level"
    assert again.loc["A", "n_sources"] == 3


def test_unknown_part_hides_a_higher_level() -> None:
    data = tables([unit("A")], [source("A1", "A", "considerable"), source("A2", "A", "low", sector="park")], {"A": {}})
    known = {name: standard for name, standard in STANDARDS.items() if name != "park"}
    found = assess(data, known, period="2019Q4")
    assert found.sources.set_index("source_id").loc["A2", "computed_reason_zh"] == "没有适用的标准"
    assert found.units.loc[0, "level"] == "insufficient"
    assert found.units.loc[0, "level_at_least"] == "considerable"


def test_coordinates_that_cannot_be_meant_are_null(quarter: dict[str, Any]) -> None:
    found = assess(quarter, STANDARDS, period="2019Q4").sources.set_index("source_id")
    assert found.loc["A1", ["lon", "lat"]].tolist() == [116.41, 39.92]
    assert found.loc["D1", ["lon", "lat"]].isna().all(), "swapped"


def test_changes_between_quarters_and_their_reasons(quarter: dict[str, Any]) -> None:
    units = [unit("A"), unit("C")]
    before = tables(
        units,
        [
            source("A1", "A", "low"),
            source("A2", "A", "considerable"),
            source("C1", "C", "low"),
            source("Z1", "C", "low"),
        ],
        {"A": {}, "C": {"vehicle_age": 5.0}},
    )
    found = assess(quarter, STANDARDS, period="2019Q4", previous=before, previous_period="2019Q3")
    changes = found.changes.set_index("source_id")
    assert changes["change"].to_dict() == {
        "A2": "lowered", "A3": "new", "B1": "new", "C1": "raised", "D1": "new", "Z1": "closed"
    }  # fmt: skip
    assert changes.loc["C1", "reason_zh"] == "直接判定：无许可或证件不齐", "younger vehicles are no reason"
    assert changes.loc["A2", "reason_zh"] == "审核等级调整"
    assert found.sources.set_index("source_id").loc["A1", "change"] == "same"


def test_compare_gives_no_direction_where_one_side_is_no_level() -> None:
    now = pd.Series(["major", "pending", "low", "insufficient", "general"])
    before = pd.Series(["low", "low", "pending", "low", None])
    found = compare(now, before, read_scales()["risk"])
    assert found.astype(object).where(found.notna(), None).tolist() == ["raised", None, None, None, "new"]


def test_order_of_rows_does_not_matter(quarter: dict[str, Any]) -> None:
    first = assess(quarter, STANDARDS, period="2019Q4")
    quarter["risk_sources"] = quarter["risk_sources"].drop(index=6).sample(frac=1, random_state=1)
    second = assess(quarter, STANDARDS, period="2019Q4")
    pd.testing.assert_frame_equal(first.sources, second.sources)


def test_written_whole_with_what_produced_it(quarter: dict[str, Any], tmp_path: Path) -> None:
    found = assess(quarter, STANDARDS, period="2019Q4")
    empty = QualityResult(pd.DataFrame({"state": []}), pd.DataFrame({"row": []}))
    write_assessment(tmp_path, found, quality=empty, made=True, snapshot="2019-12-31")
    meta = json.loads((tmp_path / "meta.json").read_text(encoding="utf-8"))
    assert meta["origin_zh"].startswith("示例数据")
    assert meta["rejected_rows"] == 2
    taxi = next(entry for entry in meta["standards"] if entry["id"] == "taxi")
    assert taxi["provenance"] == "illustrative" and len(taxi["fingerprint"]) == 64
    assert len(pd.read_parquet(tmp_path / "sources.parquet")) == len(found.sources)
