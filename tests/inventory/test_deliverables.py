"""The yearly checklist: there, late, part, missing, not needed, unknown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from kit.errors import ProblemsError
from kit.inventory.deliverables import checklist, due_day, overview
from kit.inventory.progress import texts
from kit.registers.codes_list import code_names
from kit.standard.common_parts import common_labels
from kit.standard.sectors import plan
from tests.inventory.small_quarters import quarter, shuffled, source, unit

ON = dt.date(2019, 12, 31)
AREA = "110101"
EXPERTS = plan()["yearly"]["experts"]


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def document(item: str, at: str = "2019-11-20", owner: str = AREA, panel: str | None = "P1", **changes: Any) -> dict:
    return {
        "deliverable_id": f"{owner}-{item}", "year": 2019, "owner": owner, "item": item, "handed_in_at": day(at),
        "panel_id": panel,
    } | changes  # fmt: skip


def seats(count: int, panel: str = "P1", *, signed: bool = True, verdict: str = "passed") -> list[dict[str, Any]]:
    return [
        {"panel_id": panel, "expert_id": f"E{n}", "held_at": day("2019-11-15"), "verdict": verdict, "signed": signed}
        for n in range(count)
    ]


def majors(**more: Any) -> dict[str, pd.DataFrame]:
    return quarter([unit("A")], [source("A1", "A", "major"), source("A2", "A", "major"), source("A3", "A")], **more)


def state(tables: dict[str, pd.DataFrame], item: str, owner: str = AREA, on: dt.date = ON) -> Any:
    found = checklist(tables, 2019, on)
    return found[(found["owner"] == owner) & (found["item"] == item)].iloc[0]


def test_every_owner_has_every_item() -> None:
    found = checklist(majors(), 2019, ON)
    owners = ["city", *common_labels("departments"), *code_names("districts")]
    assert found["owner"].drop_duplicates().tolist() == owners
    assert len(found) == len(owners) * len(texts()["items"]) == 27 * 10
    assert (found["due"] == due_day(2019)).all() and due_day(2019) == dt.date(2019, 11, 30)
    pd.testing.assert_frame_equal(found, checklist(shuffled(majors()), 2019, ON))
    wide = overview(found)
    assert wide.shape == (27, 11) and wide["单位"].tolist()[:2] == ["全市", "市住房城乡建设委"]
    assert wide.set_index("单位").loc["东城区", "重大安全风险源清单"] == "有"


def test_without_registers_nothing_is_claimed() -> None:
    tables = majors()
    for item in texts()["items"]:
        found = state(tables, item)
        assert found["state"] == ("there" if item == "major_list" else "unknown"), item
        assert not found["overdue"]
        assert found["note_zh"]
    assert state(tables, "plans")["need"] == 2 and pd.isna(state(tables, "plans")["have"])
    assert state(tables, "major_list", "110105")["state"] == "unknown"  # no source is registered there


def test_a_list_is_partial_as_long_as_sources_are_pending() -> None:
    tables = quarter([unit("A")], [source("A1", "A", "major"), source("A2", "A", None, self_level="major")])
    found = state(tables, "major_list")
    assert (found["state"], found["have"], found["overdue"]) == ("part", 1, True)
    assert found["note_zh"] == "已确认重大1个；还有1个风险源未审定，其中自评重大1个"
    assert not state(tables, "major_list", on=dt.date(2019, 11, 30))["overdue"]


def test_no_major_source_needs_no_plan_only_when_all_are_confirmed() -> None:
    none = quarter([unit("A")], [source("A1", "A")])
    assert {state(none, item)["state"] for item in ("major_list", "plans", "drills")} == {"none_needed"}
    maybe = quarter([unit("A")], [source("A1", "A"), source("A2", "A", None)])
    assert {state(maybe, item)["state"] for item in ("plans", "drills")} == {"unknown"}


def test_plans_and_drills_are_counted_by_source() -> None:
    plans = [
        {"source_id": "A1", "approved_at": day("2018-03-01")}, {"source_id": "A1", "approved_at": day("2019-03-01")},
        {"source_id": "A3", "approved_at": day("2019-03-01")}, {"source_id": "A2", "approved_at": pd.NaT},
    ]  # fmt: skip
    found = state(majors(plans=plans), "plans")
    assert (found["state"], found["have"], found["need"], found["overdue"]) == ("part", 1, 2, True)
    found = state(majors(plans=[*plans, {"source_id": "A2", "approved_at": day("2019-11-30")}]), "plans")
    assert (found["state"], found["have"]) == ("there", 2)
    found = state(majors(plans=[*plans, {"source_id": "A2", "approved_at": day("2019-12-01")}]), "plans")
    assert found["state"] == "late" and "期限后完成1个" in found["note_zh"]
    assert state(majors(plans=plans[2:]), "plans")["state"] == "missing"

    drills = [
        {"source_id": "A1", "drilled_at": day("2018-12-31")},
        {"source_id": "A2", "drilled_at": day("2019-01-01")},
    ]
    found = state(majors(drills=drills), "drills")
    assert (found["state"], found["have"]) == ("part", 1)  # last year's drill is not this year's
    later = [*drills, {"source_id": "A1", "drilled_at": day("2020-01-01")}]
    assert state(majors(drills=later), "drills", on=dt.date(2020, 2, 1))["have"] == 1


def test_documents_are_there_late_or_missing() -> None:
    rows = [
        document("summary"), document("risk_report", "2019-12-02"), document("resource_report", year=2018),
        document("capability_report", "2020-01-03"), document("major_map", owner="commerce"),
    ]  # fmt: skip
    tables = majors(deliverables=rows)
    states = {item: state(tables, item)["state"] for item in ("summary", "risk_report", "resource_report")}
    assert states == {"summary": "there", "risk_report": "late", "resource_report": "missing"}
    assert state(tables, "capability_report")["state"] == "missing"  # handed in after the day asked for
    assert state(tables, "capability_report", on=dt.date(2020, 1, 31))["state"] == "late"
    assert state(tables, "major_map")["state"] == "missing"
    assert "2/2个重大风险源有可用坐标" in state(tables, "major_map")["note_zh"]
    assert state(tables, "major_map", "commerce")["state"] == "there"
    assert state(tables, "summary")["handed_in_at"] == day("2019-11-20")
    assert state(tables, "minutes")["overdue"]


@pytest.mark.parametrize(
    ("panel", "expected", "have"),
    [
        (seats(EXPERTS), "there", EXPERTS),
        (seats(EXPERTS - 1), "part", EXPERTS - 1),
        (seats(EXPERTS - 1) * 2, "part", EXPERTS - 1),  # an expert twice is one expert
        (seats(EXPERTS, signed=False), "missing", 0),
        (seats(EXPERTS, verdict="refused"), "part", EXPERTS),
        (seats(EXPERTS, "P2"), "missing", 0),
    ],
)
def test_a_review_needs_enough_experts_who_signed(panel, expected, have) -> None:
    found = state(majors(deliverables=[document("risk_report")], panels=panel), "review")
    assert (found["state"], found["have"], found["need"]) == (expected, have, EXPERTS)


def test_each_reviewed_document_needs_its_review() -> None:
    both = [document("risk_report"), document("summary", panel="P2")]
    panels = seats(EXPERTS) + seats(3, "P2")
    assert state(majors(deliverables=both, panels=panels), "review")[["state", "have"]].tolist() == ["part", 3]
    unlinked = [document("risk_report"), document("summary", panel=None)]
    found = state(majors(deliverables=unlinked, panels=panels), "review")
    assert found["state"] == "part" and "1份材料没有写评审编号" in found["note_zh"]
    nothing = [document("risk_report", panel=None)]
    assert state(majors(deliverables=nothing, panels=panels), "review")["state"] == "unknown"


def test_documents_of_nobody_are_told_all_at_once() -> None:
    rows = [document("summary", owner="110102x"), document("risk_reprot"), document("minutes")]
    with pytest.raises(ProblemsError) as caught:
        checklist(majors(deliverables=rows), 2019, ON)
    assert len(caught.value.problems) == 2
    assert "did you mean 110102" in str(caught.value) and "did you mean risk_report" in str(caught.value)
