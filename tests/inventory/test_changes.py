"""Changes between quarters: each kind, each cause, and the words that say why."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import KitError
from kit.inventory.changes import KINDS, Changes, changes_between, cited_standards
from kit.scoring.apply import score
from kit.standard import Standard, load_standard, variant
from tests.inventory.quarters import GOOD, WORSE, quarter, source

TAXI = load_standard("taxi")
TEXTS = {"taxi": TAXI}
LEVELS = ("low", "general", "considerable", "major")


def computed(values: dict[str, Any], standard: Standard = TAXI) -> str:
    level: str = score(standard, pd.DataFrame([GOOD | values]))["level"].iloc[0]
    return level


def row(found: Changes, source_id: str) -> pd.Series:
    return found.rows.set_index("source_id").loc[source_id]


def check_sums(found: Changes) -> None:
    """What the counts say of themselves holds."""
    counts = found.counts
    kinds = ("new", "raised", "lowered", "standard_only", "same", "not_comparable")
    assert sum(counts[kind] for kind in kinds) == counts["now"] == len(found.now)
    assert counts["before"] + counts["new"] - counts["closed"] - counts["rejected"] == counts["now"]
    listed = found.rows["change"].value_counts()
    assert {kind: counts[kind] for kind in KINDS} == {kind: int(listed.get(kind, 0)) for kind in KINDS}
    assert found.rows["source_id"].is_unique and found.rows["reason_zh"].str.len().gt(0).all()


def test_new_raised_lowered_closed_same() -> None:
    low, high = computed({}), computed(WORSE)
    assert LEVELS.index(high) > LEVELS.index(low)
    before = quarter([source("A1", low), source("B1", high), source("C1", low), source("D1", low)],
                     {"A": {}, "B": WORSE, "C": {}, "D": {}})  # fmt: skip
    now = quarter([source("A1", high), source("B1", low), source("C1", low), source("E1", low)],
                  {"A": WORSE, "B": {}, "C": {}, "E": {}})  # fmt: skip
    found = changes_between(now, before, TEXTS)
    assert dict(zip(found.rows["source_id"], found.rows["change"], strict=True)) == {
        "A1": "raised", "B1": "lowered", "D1": "closed", "E1": "new",
    }  # fmt: skip
    check_sums(found)
    assert found.counts["same"] == 1
    assert row(found, "A1")[["from_level", "to_level", "cause"]].tolist() == [low, high, "data"]
    assert row(found, "D1")["reason_zh"] == "本季度不再在册（销号），所属单位也不在台账内"
    assert row(found, "E1")["from_level"] is None or pd.isna(row(found, "E1")["from_level"])


def test_reason_names_node_score_and_value() -> None:
    before = quarter([source("A1", "low")], {"A": {}})
    values = {"vehicle_age": 12.0}
    while computed(values) == "low":  # until the level moves, one field after the other
        values[next(name for name in WORSE if name not in values)] = WORSE[
            next(name for name in WORSE if name not in values)
        ]
    now = quarter([source("A1", computed(values))], {"A": values})
    found = changes_between(now, before, TEXTS)
    details = found.details[found.details["what"] == "field"].set_index("name")
    assert set(details.index) == set(values)
    assert details.loc["vehicle_age", ["before_zh", "now_zh"]].tolist() == ["1.5年", "12年"]
    nodes = found.details[found.details["what"] == "node"].set_index("name")
    assert nodes.loc["likelihood.hazard.vehicle_age", "label_zh"] == "平均车龄"
    assert "（" in row(found, "A1")["reason_zh"] and "得分" in row(found, "A1")["reason_zh"]


def test_what_moved_against_the_level_is_no_reason() -> None:
    before = quarter([source("A1", "low")], {"A": {"vehicle_age": 5.0}})
    now = quarter([source("A1", "major")], {"A": {"has_permit": False}})
    found = changes_between(now, before, TEXTS)
    assert row(found, "A1")["reason_zh"] == "直接判定：无许可或证件不齐"
    assert found.details["what"].tolist() == ["override_came", "node", "field", "field"], "the details have all"
    back = changes_between(before, now, TEXTS)
    assert row(back, "A1")["reason_zh"] == "直接判定情形消除：无许可或证件不齐"
    assert row(back, "A1")["change"] == "lowered"


def test_a_value_that_is_no_longer_given_is_told() -> None:
    """Null is no low score: the source becomes 数据不足, which is no level, and the change cannot be named."""
    before, now = (quarter([source("A1", "low")], {"A": {"vehicle_age": age}}) for age in (1.5, None))
    found = changes_between(now, before, TEXTS)
    assert found.now.loc[0, "level"] == "insufficient" and found.counts["not_comparable"] == 1
    assert found.rows.empty
    check_sums(found)


def test_review_alone_with_the_reviewers_words() -> None:
    before = quarter([source("A1", "general"), source("A2", "general")], {"A": {}})
    now = quarter([source("A1", "low"), source("A2", "low")], {"A": {}})
    acts = [("V1", "A1", 1, "旧的"), ("V2", "A1", 2, "已加装监控"), ("V3", "A2", 1, None)]
    reviews = pd.DataFrame(acts, columns=["review_id", "source_id", "day", "reason"])
    reviews["at"] = pd.Timestamp(2019, 10, 1) + pd.to_timedelta(reviews.pop("day"), unit="D")
    found = changes_between({**now, "reviews": reviews}, {**before, "reviews": reviews.iloc[:1]}, TEXTS)
    assert row(found, "A1")[["cause", "reason_zh"]].tolist() == ["review", "审核等级调整（已加装监控）"]
    assert row(found, "A2")["reason_zh"] == "审核等级调整"


def stricter() -> Standard:
    """Return the taxi standard with a text that gives the good company a higher level."""
    made = variant(TAXI, {"version": "0.2.0", "overrides": [
        {"id": "any_fleet", "clause": "6.3a", "when": "fleet_size > 50", "at_least": "considerable",
         "reason": {"zh": "车队超过五十辆"}, "basis": "测试", "provenance": "illustrative"}]})  # fmt: skip
    return Standard(**{entry.name: getattr(made, entry.name) for entry in fields(Standard)})


def test_changed_standard_only() -> None:
    new = stricter()
    assert (computed({}), computed({}, new)) == ("low", "considerable")
    before = quarter([source("A1", "low"), source("B1", "low")], {"A": {}, "B": {"fleet_size": 40.0}})
    reviewed = quarter([source("A1", "considerable"), source("B1", "low")], {"A": {}, "B": {"fleet_size": 40.0}})
    found = changes_between(reviewed, before, {"taxi": new}, standards_before=TEXTS)
    check_sums(found)
    assert found.rows["source_id"].tolist() == ["A1"], "the text gives B the level it had"
    only = row(found, "A1")
    assert only[["change", "cause", "from_level", "to_level"]].tolist() == [
        "standard_only", "standard", "low", "considerable",
    ]  # fmt: skip
    assert only[["from_standard", "to_standard"]].tolist() == ["taxi@0.1.0", "taxi@0.2.0"]
    assert only["reason_zh"] == "标准文本由0.1.0版改为0.2.0版，同一数据由低改评为较大"
    # Nobody has reviewed it yet: the official level is the old one, and the list says so all the same.
    waiting = changes_between(before, before, {"taxi": new}, standards_before=TEXTS)
    assert row(waiting, "A1")[["change", "to_level", "to_computed"]].tolist() == [
        "standard_only",
        "low",
        "considerable",
    ]


def test_data_and_text_are_told_apart() -> None:
    new = stricter()
    before = quarter([source("A1", "low"), source("B1", "low")], {"A": {"fleet_size": 40.0}, "B": {}})
    data = {"A": {"fleet_size": 40.0, "has_permit": False}, "B": WORSE}
    now = quarter([source("A1", "low"), source("B1", "major")], data)
    found = changes_between(now, before, {"taxi": new}, standards_before=TEXTS)
    assert row(found, "B1")["change"] == "raised"
    high, under_new = computed(WORSE), computed(WORSE, new)
    assert row(found, "B1")["cause"] == ("data" if high == under_new else "both")
    # A: only the old text has the override on the permit, so the text undoes what the data did.
    assert found.now.set_index("source_id").loc["A1", "computed_level"] == "low"
    assert "A1" not in set(found.rows["source_id"])


def test_data_that_lack_what_the_old_text_asked() -> None:
    new = stricter()
    before = quarter([source("A1", "low")], {"A": {}})
    now = quarter([source("A1", "considerable")], {"A": {"fleet_size": 61.0}})
    now["survey_unit/taxi"] = now["survey_unit/taxi"].drop(columns="has_permit")
    new = variant(new, {"fields.has_permit.required": False})
    found = changes_between(now, before, {"taxi": new}, standards_before=TEXTS)
    assert row(found, "A1")["cause"] == "both"
    assert "不能区分数据和文本的影响" in row(found, "A1")["reason_zh"]


def test_a_refused_row_is_not_closed() -> None:
    before = quarter([source("A1", "low"), source("B1", "low")], {"A": {}, "B": {}})
    now = quarter([source("A1", "low"), source("B1", "low", unit_id="nobody")], {"A": {}, "B": {}})
    found = changes_between(now, before, TEXTS)
    check_sums(found)
    assert row(found, "B1")["change"] == "rejected"
    assert row(found, "B1")["reason_zh"] == "本季度登记被退回：所属单位不在台账内（不是销号）"


def test_closed_unit_with_its_date() -> None:
    before = quarter([source("A1", "low"), source("B1", "low")], {"A": {}, "B": {}})
    now = quarter([source("A1", "low")], {"A": {}, "B": {}}, B={"closed_at": pd.Timestamp(2019, 11, 2)})
    assert row(changes_between(now, before, TEXTS), "B1")["reason_zh"].endswith("所属单位2019-11-02注销")


def test_worse_data_without_a_new_review_are_listed() -> None:
    before = quarter([source("A1", "low"), source("A2", "low", review_state="self_assessed")], {"A": {}})
    now = quarter([source("A1", "low"), source("A2", "low", review_state="self_assessed")], {"A": WORSE})
    found = changes_between(now, before, TEXTS)
    assert found.rows.empty and found.counts["same"] == 1 and found.counts["not_comparable"] == 1
    assert found.unreviewed["source_id"].tolist() == ["A1"]
    assert found.unreviewed.loc[0, "to_computed"] == computed(WORSE)
    assert "得分" in found.unreviewed.loc[0, "reason_zh"]


def test_another_sector() -> None:
    before = quarter([source("A1", "low")], {"A": {}})
    now = quarter([source("A1", "major", sector="catering")], {"A": {}})
    now["risk_sources"]["review_state"] = "confirmed"
    found = changes_between(now, before, TEXTS)
    check_sums(found)
    assert found.counts["not_comparable"] == 1, "without a text for catering there is no level"


def test_order_of_rows_does_not_matter() -> None:
    ids = [f"{letter}{number}" for letter in "ABCD" for number in range(3)]
    before = quarter([source(name, "low") for name in ids], {letter: {} for letter in "ABCD"})
    now = quarter([source(name, "major") for name in ids[1:]],
                  {"A": WORSE, "B": {"has_permit": False}, "C": {}, "D": WORSE})  # fmt: skip
    first = changes_between(now, before, TEXTS)
    turned = {name: frame.sample(frac=1, random_state=5) for name, frame in now.items()}
    second = changes_between(turned, {name: frame[::-1] for name, frame in before.items()}, TEXTS)
    for name in ("rows", "unreviewed", "details"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    assert first.counts == second.counts


def test_versions_that_sources_cite() -> None:
    new = stricter()
    sources = [source("A1", "low", standard="taxi@0.1.0"), source("A2", "low", standard="taxi@0.2.0"),
               source("A3", "low", standard="taxi@0.0.1")]  # fmt: skip
    tables = quarter(sources, {"A": {}})

    def load(label: str) -> Standard:
        if label != "taxi@0.1.0":
            raise KitError("no such version")
        return TAXI

    texts, notes = cited_standards(tables, {"taxi": new}, load)
    assert set(texts) == {"taxi", "taxi@0.1.0"}
    assert notes == ["1个风险源依据taxi@0.0.1，没有这一版本的文本，按taxi@0.2.0评定"]
    found = changes_between(tables, tables, texts)
    assert found.now.set_index("source_id")["computed_level"].to_dict() == {
        "A1": "low", "A2": "considerable", "A3": "considerable",
    }  # fmt: skip
    assert found.rows.empty and found.counts["same"] == 3


def test_empty_quarters() -> None:
    some = quarter([source("A1", "low")], {"A": {}})
    none = some | {"risk_sources": some["risk_sources"].iloc[:0]}
    assert changes_between(some, none, TEXTS).counts["new"] == 1
    gone = changes_between(none, some, TEXTS)
    assert gone.counts["closed"] == 1 and gone.counts["now"] == 0
    nothing = changes_between(none, none, TEXTS)
    assert nothing.rows.empty and nothing.details.empty


quarters = st.dictionaries(
    st.sampled_from([f"{letter}{number}" for letter in "ABC" for number in range(2)]),
    st.tuples(st.sampled_from([*LEVELS, None]), st.sampled_from(["confirmed", "draft"])),
)


@settings(max_examples=25, deadline=None)
@given(quarters, quarters, st.booleans())
def test_every_source_is_counted_once(first: dict[str, Any], second: dict[str, Any], worse: bool) -> None:
    def made(rows: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
        lines = [source(name, level, review_state=state) for name, (level, state) in rows.items()]
        tables = quarter(lines or [source("A0", "low")], answers)
        return tables if lines else tables | {"risk_sources": tables["risk_sources"].iloc[:0]}

    before = made(first, {"A": {}, "B": {}, "C": {"vehicle_age": None}})
    now = made(second, {"A": WORSE if worse else {}, "B": {}, "C": {}})
    check_sums(changes_between(now, before, TEXTS))
