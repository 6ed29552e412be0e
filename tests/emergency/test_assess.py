"""Capability of units: points, what does not apply, caps, missing answers."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML

from kit.emergency.assess import assess_capability
from kit.standard import load_standard
from kit.standard.loader import find_standard

STANDARD = load_standard("emergency_capability")
CASES = YAML(typ="safe").load(find_standard("emergency_capability").with_name("cases.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def units() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit_id": [f"U{position}" for position in range(len(CASES))], "name": "示例单位", "sector": "catering",
            "district": "110101", "street": "110101001", "supervision": "district",
        }
    )  # fmt: skip


def answers() -> pd.DataFrame:
    rows: list[dict[str, Any]] = [{"unit_id": f"U{position}"} | case["input"] for position, case in enumerate(CASES)]
    frame = pd.DataFrame(rows)
    return frame.reindex(columns=["unit_id", *STANDARD.fields])


def test_published_examples_of_the_source_material(units: pd.DataFrame) -> None:
    """955.0, 748.9 and 611.5 (capped) are computed in the source material (emergency/capability.yaml, examples)."""
    found = assess_capability(answers(), units, STANDARD).units
    by_name = dict(zip([case["name"] for case in CASES], found.to_dict("records"), strict=True))
    charging, mall, workshop = (by_name[name] for name in ("管理规范的液化气充装站", "中型商场", "无预案的小型机修厂"))
    assert (charging["s1"], charging["s0"], charging["grade"]) == (955, 1000, "excellent")
    assert (mall["s1"], mall["s0"], round(mall["s"], 1), mall["grade"]) == (689, 920, 748.9, "fair")
    assert (workshop["s1"], workshop["s0"], round(workshop["s"], 1)) == (532, 870, 611.5)
    assert (workshop["grade_before_cap"], workshop["grade"], workshop["cap"]) == ("fair", "poor", "no_plan")
    assert mall["na_share"] == pytest.approx(0.08)


def test_items_add_up_to_the_unit(units: pd.DataFrame) -> None:
    found = assess_capability(answers(), units, STANDARD)
    known = found.units[found.units["grade"] != "insufficient"].set_index("unit_id")
    applying = found.items[found.items["applies"].fillna(False)]
    got = applying.groupby("unit_id")["got"].sum().loc[known.index]
    full = applying.groupby("unit_id")["full"].sum().loc[known.index]
    assert (got - known["s1"]).abs().max() < 1e-9
    assert (full - known["s0"]).abs().max() < 1e-9
    assert found.items.groupby("unit_id")["full"].sum().eq(1000).all()


def test_missing_answer_is_no_grade(units: pd.DataFrame) -> None:
    frame = answers().iloc[:1].copy()
    frame["drills_done_year"] = float("nan")
    found = assess_capability(frame, units, STANDARD).units.loc[0]
    assert found["grade"] == "insufficient"
    assert pd.isna(found["s"]) and pd.isna(found["s1"])
    assert "未填报" in found["reason_zh"]


def test_answers_of_unknown_units_are_left_out(units: pd.DataFrame) -> None:
    frame = answers()
    assert len(assess_capability(frame, units.iloc[:2], STANDARD).units) == 2
