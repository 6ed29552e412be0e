"""The flow of reviews: who may do what from which state, and what holds whatever is tried."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.inventory.flow import Act, Standing, Subject, flow, rank, walk
from kit.inventory.store_texts import _messages, labels
from kit.registers.schema import load_schema

DISTRICT = Subject("D1", "D01", "district", "accepted", public_impact=False, self_level="general")
MUNICIPAL = replace(DISTRICT, source_id="M1", unit_id="M01", supervision="municipal_soe")
STATES = list(labels("state"))


def act(
    name: str, stage: str = "district_department", to: str | None = None, at: str = "2019-10-01", **more: str
) -> Act:
    if name == "self_assess":
        stage = "unit"
    return Act("V1", 1, name, stage, pd.Timestamp(at), more.get("from_level"), to, more.get("reason"))


def faults(subject: Subject, standing: Standing, *acts: Act) -> list[str]:
    return [one.rule for one in walk(subject, standing, acts, go_on=True)[2]]


def standing(state: str, level: str | None = None, last: str | None = None) -> Standing:
    own = None if state == "draft" else "general"
    return Standing(state, own, level, last or level)


def test_the_declared_flow_fits_the_registers() -> None:
    fields = load_schema("reviews").fields
    assert list(flow().acts) == list(fields["act"].values or {})
    assert flow().levels == list(fields["to_level"].values or {})
    assert set(flow().tracks) == set(load_schema("units").fields["supervision"].values or {})
    assert set(flow().tracks.values()) <= set(fields["stage"].values or {})
    for rule in flow().acts.values():
        assert set(rule.before) <= set(STATES) and (rule.to in STATES or rule.unit)


def test_every_message_has_both_languages_with_the_same_gaps() -> None:
    import string

    for key, texts in _messages().items():
        gaps = [{name for _, name, _, _ in string.Formatter().parse(texts[lang]) if name} for lang in ("en", "zh")]
        assert gaps[0] == gaps[1], key


@pytest.mark.parametrize("name", [name for name, rule in flow().acts.items() if not rule.unit])
@pytest.mark.parametrize("state", STATES)
def test_every_act_from_every_state(name: str, state: str) -> None:
    """Legal exactly where the flow says so. The unit's filing counts as its self-assessment, so that a department may
    accept what has come in since; here nothing came in.
    """
    level = "general" if state in ("sector_reviewed", "reassessed", "confirmed") else None
    to = {"given": "general", "kept": None, "none": None}[flow().acts[name].level]
    quiet = replace(DISTRICT, filing_changed=False)
    found, taken, wrong = walk(quiet, standing(state, level), [act(name, to=to)], go_on=False)
    drafted = name in ("sector_accept", "sector_return") and state == "draft"
    if state in flow().acts[name].before or drafted:
        assert wrong == [] and len(taken) == 1 and found.state == flow().acts[name].to
    else:
        assert [one.rule for one in wrong] == ["not_possible"] and taken == [] and found.state == state


def test_the_whole_way_of_both_tracks() -> None:
    for subject, stage in ((DISTRICT, "district_department"), (MUNICIPAL, "municipal_department")):
        acts = [act("self_assess", to="general"), act("sector_accept", stage, "major"), act("confirm", stage)]
        found, _, wrong = walk(subject, Standing(), acts, go_on=False)
        assert wrong == [] and (found.state, found.level, found.self_level) == ("confirmed", "major", "general")


def test_each_track_has_its_department() -> None:
    municipal = act("sector_accept", "municipal_department", "general")
    district = act("sector_accept", "district_department", "general")
    waiting = standing("self_assessed")
    assert faults(DISTRICT, waiting, municipal) == ["wrong_stage"] and faults(DISTRICT, waiting, district) == []
    assert faults(MUNICIPAL, waiting, district) == ["wrong_stage"] and faults(MUNICIPAL, waiting, municipal) == []
    wrong = walk(MUNICIPAL, waiting, [district], go_on=True)[2][0]
    assert wrong.text("zh") == "“部门审核通过”由“区级部门”作出；市属国有企业的单位应由市级部门作出"
    lost = replace(DISTRICT, supervision="distrct")
    (found,) = walk(lost, waiting, [district], go_on=True)[2]
    assert found.rule == "no_track" and "did you mean district?" in found.text("en")


@pytest.mark.parametrize("name", ["sector_accept", "sector_return", "reassess", "confirm"])
def test_a_street_never_reviews_a_level(name: str) -> None:
    rule = flow().acts[name]
    level = None if rule.before[0] == "self_assessed" else "general"
    given = act(name, "street", "general" if rule.level == "given" else None)
    assert faults(DISTRICT, standing(rule.before[0], level), given) == ["street_level"]


def test_public_impact_is_reassessed_first() -> None:
    public = replace(DISTRICT, public_impact=True)
    reviewed = standing("sector_reviewed", "general")
    assert faults(public, reviewed, act("confirm")) == ["not_reassessed"]
    assert faults(public, reviewed, act("reassess", to="major"), act("confirm")) == []
    again, _, wrong = walk(public, standing("confirmed", "general"), [act("reassess", to="major")], go_on=False)
    assert wrong == [] and (again.state, again.level) == ("reassessed", "major"), (
        "a confirmed one may be looked at anew"
    )


def test_a_new_round_takes_the_level_out_of_force() -> None:
    found, _, _ = walk(DISTRICT, standing("confirmed", "major"), [act("self_assess", to="low")], go_on=False)
    assert (found.state, found.level, found.last_level, found.self_level) == ("self_assessed", None, "major", "low")


def test_a_lowered_level_needs_a_measure_or_a_reason() -> None:
    before = replace(standing("self_assessed"), last_level="major")
    down = act("sector_accept", to="general")
    assert faults(DISTRICT, before, down) == ["lowered"]
    assert faults(DISTRICT, before, act("sector_accept", to="general", reason="新增喷淋系统")) == []
    assert faults(replace(DISTRICT, measures_changed=True), before, down) == []
    assert faults(DISTRICT, before, act("sector_accept", to="major")) == []
    first = standing("self_assessed")
    assert faults(DISTRICT, first, act("sector_accept", to="low")) == ["lowered"], "below what the unit said itself"
    assert faults(DISTRICT, standing("sector_reviewed", "major"), act("reassess", to="low")) == ["lowered"]


def test_levels_in_records() -> None:
    waiting, reviewed = standing("self_assessed"), standing("sector_reviewed", "general")
    assert faults(DISTRICT, waiting, act("sector_accept")) == ["no_level"]
    assert faults(DISTRICT, waiting, act("sector_accept", reason="数据不足，不能定级")) == []
    assert faults(DISTRICT, waiting, act("sector_return", to="low")) == ["level_not_allowed"]
    assert faults(DISTRICT, reviewed, act("confirm", to="major")) == ["other_level"]
    assert faults(DISTRICT, reviewed, act("confirm", to="general")) == []
    assert faults(DISTRICT, reviewed, act("confirm", from_level="low")) == ["other_from"]
    assert faults(DISTRICT, waiting, act("sector_accept", to="general", from_level="general")) == []
    assert faults(DISTRICT, waiting, act("sector_accept", to="general", from_level="major")) == ["other_from"]


def test_time_does_not_run_backwards() -> None:
    done = replace(standing("self_assessed"), last_at=pd.Timestamp("2019-10-02"))
    assert faults(DISTRICT, done, act("sector_accept", to="general")) == ["earlier"]
    assert faults(DISTRICT, done, act("sector_accept", to="general", at="2019-10-02")) == []


def test_basic_information_first() -> None:
    for basic in ("pending", "returned", None):
        unit = replace(DISTRICT, basic_review=basic)
        assert faults(unit, standing("self_assessed"), act("sector_accept", to="general")) == ["not_basic"]
        assert faults(unit, standing("self_assessed"), act("sector_return")) == []


def test_one_mistake_is_told_once() -> None:
    """What follows a wrong act is judged as though it had been right."""
    acts = [act("sector_accept", "street", "general"), act("reassess", to="general"), act("confirm")]
    assert faults(replace(DISTRICT, public_impact=True), standing("self_assessed"), *acts) == ["street_level"]
    held, taken, wrong = walk(DISTRICT, standing("self_assessed"), acts, go_on=False)
    assert held.state == "self_assessed" and taken == []
    assert [one.rule for one in wrong] == ["street_level", "not_possible", "not_possible"]


acts_strategy = st.lists(
    st.builds(
        Act,
        review_id=st.just("V"),
        row=st.just(1),
        act=st.sampled_from([name for name, rule in flow().acts.items() if not rule.unit]),
        stage=st.sampled_from(["unit", "street", "district_department", "municipal_department", None]),
        at=st.integers(0, 60).map(lambda day: pd.Timestamp("2019-10-01") + pd.Timedelta(days=day)),
        from_level=st.none(),
        to_level=st.sampled_from([*flow().levels, None]),
        reason=st.sampled_from([None, "理由"]),
    ),
    max_size=12,
)


@given(acts_strategy, st.booleans(), st.sampled_from(["district", "municipal_soe"]), st.booleans())
def test_whatever_is_tried(acts: list[Act], public: bool, track: str, filed: bool) -> None:
    """However the records look, what was taken is a way of the flow and the level is the department's last."""
    subject = Subject("D1", "D01", track, "accepted", public, "general", filing_changed=filed)
    found, taken, wrong = walk(subject, Standing(), acts, go_on=False)
    assert len(taken) <= len(acts) and (len(taken) == len(acts)) == (not wrong)
    assert [one.at for one in taken] == sorted(one.at for one in taken)
    department = flow().department(track)
    for one in taken:
        assert one.stage == ("unit" if one.act == "self_assess" else department)
    round_: list[Act] = []
    for one in taken:  # what belongs to the round that is open, or closed, at the end
        round_ = [one] if one.act in ("self_assess", "sector_accept", "sector_return") else [*round_, one]
    names = [one.act for one in round_]
    if found.state == "confirmed":
        assert names[-1] == "confirm" and (not public or "reassess" in names)
    if found.level is not None:
        given_ = [one.to_level for one in round_ if one.act in ("sector_accept", "reassess")]
        assert found.level == given_[-1] and found.state in ("sector_reviewed", "reassessed", "confirmed")
    if found.state in ("draft", "self_assessed", "returned"):
        assert found.level is None


def test_levels_have_an_order() -> None:
    assert sorted(["major", "low", "considerable", "general"], key=rank) == flow().levels
