"""Clauses: declared or made from the rules, and the places of what has no clause."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.reports.blocks import Heading, Items, Paragraph, Table, inline_text
from kit.reports.standard_text import standard_book
from kit.reports.standard_text.draft import Draft, own_place
from kit.reports.standard_text.indicators import cell_words, interval
from kit.reports.standard_text.phrases import fill, phrase
from kit.standard import load_standard
from kit.standard.standard import Standard
from kit.standard.variants import variant

CASES = Path(__file__).resolve().parents[2] / "cases"
EXAMPLES = Path(__file__).resolve().parents[2] / "standard" / "examples"


def lines(standard: Standard) -> list[str]:
    return standard_book(standard).text().splitlines()


def test_a_standard_without_clauses_gets_them_from_its_rules() -> None:
    standard = load_standard(EXAMPLES / "taxi")
    assert not standard.document.clauses
    numbers = {block.number: block.text for block in standard_book(standard).blocks if isinstance(block, Heading)}
    assert (numbers["5"], numbers["6"], numbers["6.3"], numbers["5.2.1"]) == ("评估指标", "风险分级", "直接判定", "vehicle_age")
    assert "5.2" not in numbers
    titles = list(numbers.values())
    for part in ("采集项", "等级判定", "直接判定", "数据不足", "数值修约"):
        assert part in titles


def test_rules_of_chapters_that_every_document_uses_otherwise_stand_at_the_end_with_their_number() -> None:
    standard = load_standard(CASES / "lec_construction")
    assert {override.clause for override in standard.document.overrides} == {"2.5.4"}
    text = "\n".join(lines(standard))
    assert "a) （2.5.4）不符合法律法规" in text
    assert own_place("2.5.4") is None and own_place("6.3b") == "6.3" and own_place("A.2") is None and own_place("") is None


def test_an_index_and_its_normalised_values() -> None:
    standard = load_standard(CASES / "hdi", common=CASES / "hdi" / "common") if (CASES / "hdi/common").exists() else (
        load_standard(CASES / "hdi")
    )
    text = "\n".join(lines(standard))
    assert "人均国民总收入（2017年购买力平价）" in text and "ln(75000)" in text and "位次（并列取前）的得分" not in text
    assert "按规定的两端归一化。先取自然对数。超出两端的按端值计。" in text
    assert "取在全部评估对象中的名次。相同的值并列取最前的名次。该值随参加评估的全部对象而变，发布前应固定为数值。" in text


def test_limits_are_told_by_what_they_come_to() -> None:
    taxi = load_standard("taxi")
    assert any("直接判定为“重大”。" in line for line in lines(taxi))
    assert any("等级不低于“较大”。" in line for line in lines(taxi))
    capability = lines(load_standard("emergency_capability"))
    assert any("未编制应急预案" in line and "直接判定为“差”。" in line for line in capability)
    assert any("等级不高于“中”。" in line for line in capability)


def test_missing_weights_and_application_are_told() -> None:
    changes = {
        "scores.likelihood.control.training.missing": "skip",
        "scores.likelihood.control.monitoring.missing": {"value": 4},
        "scores.likelihood.hazard.driving_hours.missing": "worst",
    }
    text = "\n".join(lines(variant(load_standard("taxi"), changes)))
    assert "驾驶员培训合格率按表B.3计分，权重0.3。未填报时，该项退出上一级的计算，其余各项的权重按比例分配。" in text
    assert "权重0.35。未填报时，按4分计。" in text
    assert "权重0.3。未填报时，按最不利的分值计。" in text
    catering = "\n".join(lines(load_standard("catering")))
    assert "仅当燃料类型不为全电时适用；不适用的，退出上一级的计算。" in catering


def test_the_roll_up_to_the_unit_is_told_where_rows_are_risk_sources() -> None:
    taxi = load_standard("taxi")
    assert any(line.startswith("一个单位的等级取") for line in lines(taxi))
    weighted = variant(taxi, {"rollup": {"how": "share_weighted", "weight": "fleet_size", "clause": "6.3"}})
    assert any("加权平均值四舍五入确定，权重为车辆数。" in line for line in lines(weighted))
    assert not any(line.startswith("一个单位的等级") for line in lines(load_standard("gb18218")))


def test_overrides_are_a_list_with_reason_condition_effect_and_basis() -> None:
    blocks = standard_book(load_standard("taxi")).blocks
    place = next(i for i, block in enumerate(blocks) if isinstance(block, Heading) and block.number == "6.3")
    items = next(block for block in blocks[place:] if isinstance(block, Items))
    assert [item.mark for item in items.items] == ["a)", "b)", "c)", "d)"]
    assert inline_text(items.items[2].runs) == (
        "检验不合格或逾期仍接单（检验不合格或逾期仍在营车辆数大于0辆）：直接判定为“重大”。"
    )
    assert "【后补依据：晚于本文件施行日期】" in inline_text(items.items[0].below[0])


def test_measures_stand_with_the_worst_level_first() -> None:
    for name, first in (("taxi", "重大"), ("emergency_capability", "差")):
        tables = [block for block in standard_book(load_standard(name)).blocks if isinstance(block, Table)]
        controls = next(table for table in tables if table.caption == "分级管控要求")
        assert inline_text(controls.body[0][0].runs) == first


@pytest.mark.parametrize(
    ("low", "high", "shown"), [(None, 2, "x＜2"), (2, 4, "2≤x＜4"), (8, None, "x≥8"), (0.5, 1.25, "0.5≤x＜1.25")]
)
def test_bands_as_inequalities(low: float | None, high: float | None, shown: str) -> None:
    assert interval(low, high) == shown


@pytest.mark.parametrize(
    ("source", "cell", "shown"),
    [
        ("vehicle_age", "-", "不限"),
        ("vehicle_age", "[3, 10)", "3≤x＜10"),
        ("vehicle_age", "(3, 10]", "3＜x≤10"),
        ("vehicle_age", "<3", "x＜3"),
        ("vehicle_age", ">=3", "x≥3"),
        ("vehicle_age", 3, "3"),
        ("energy", ["ev", "cng"], "纯电动或换电、压缩天然气"),
        ("has_permit", True, "是"),
    ],
)
def test_cells_of_decision_tables(source: str, cell: object, shown: str) -> None:
    assert cell_words(Draft(load_standard("taxi")), source, cell) == shown  # type: ignore[arg-type]


def test_gaps_of_phrases_are_filled_or_told() -> None:
    from kit.errors import KitError

    assert inline_text(fill("按{table}计分。", table="表B.2")) == "按表B.2计分。"
    with pytest.raises(KitError, match=r"gap \{tabel\}.*did you mean table"):
        fill("按{tabel}计分。", table="表B.2")
    with pytest.raises(KitError, match=r"has no 'titles.forword'.*foreword"):
        phrase("titles.forword")


def test_a_clause_without_a_title_begins_with_its_number() -> None:
    taxi = load_standard("taxi")
    clauses = {number: clause.model_dump(exclude_unset=True) for number, clause in taxi.document.clauses.items()}
    clauses["4.5"] = {"text": [{"zh": "评估应当如实。"}], "rule": False}
    blocks = standard_book(variant(taxi, {"clauses": clauses})).blocks
    found = [block for block in blocks if isinstance(block, Paragraph) and block.number == "4.5"]
    assert len(found) == 1 and inline_text(found[0].runs) == "评估应当如实。"
