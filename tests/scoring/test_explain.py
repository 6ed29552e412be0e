"""Explanations: what is said of a row is what scoring does with it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import kit
from kit.checking.cases import case_tables, read_cases
from kit.errors import KitError
from kit.scoring import explain, latex, score, words
from kit.scoring.cut_points import cut_points
from kit.scoring.explanation import NodeExplanation
from kit.scoring.rows import band_of
from kit.scoring.tracing import trace, traced_program
from kit.standard import Standard, load_standard
from tests.scoring.tiny import HEAD, tiny
from tests.shipped import some_standards

ROW = {
    "unit_id": "U1", "fleet_size": 200, "vehicle_age": 6.5, "crashes_3y": 14, "daily_hours": 11.0, "night_share": 45.0,
    "passengers_max": 4, "energy": "cng", "depot_parked_max": 80, "monitored_share": 85.0, "trained_share": 82.0,
    "inspection_rate": 93.0, "has_permit": True, "online_mismatch": False, "overdue_vehicles": 0,
}  # fmt: skip


def frame(**changes: object) -> pd.DataFrame:
    return pd.DataFrame([{**ROW, **changes}])


@pytest.fixture(scope="module")
def taxi() -> Standard:
    return load_standard("taxi")


def _walk(nodes: tuple[NodeExplanation, ...]) -> list[NodeExplanation]:
    return [found for node in nodes for found in [*_walk(node.children), node]]


# -- words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("crashes_3y / fleet_size * 100 / 3", "近三年责任事故数 ÷ 车辆数 × 100 ÷ 3"),
        ("vehicle_age - (daily_hours - 3)", "平均车龄 − （驾驶员日均驾驶时长 − 3）"),
        ("vehicle_age - daily_hours - 3", "平均车龄 − 驾驶员日均驾驶时长 − 3"),
        ("vehicle_age / (fleet_size * 2)", "平均车龄 ÷ （车辆数 × 2）"),
        ("vehicle_age >= 8", "平均车龄不低于8年"),
        ("8 > vehicle_age", "平均车龄小于8年"),
        ("not vehicle_age >= 8", "平均车龄小于8年"),
        ("energy == 'ev'", "动力类型为纯电动或换电"),
        ("energy not in ['ev', 'cng']", "动力类型不为纯电动或换电、压缩天然气之一"),
        ("not has_permit", "持有有效经营许可且车辆人员双证齐全为否"),
        (
            "(online_mismatch or vehicle_age > 8) and daily_hours < 8",
            "（线上派单车辆或人员与线下不一致为是，或平均车龄大于8年），且驾驶员日均驾驶时长小于8h",
        ),
        ("max(vehicle_age, 3)", "（平均车龄、3）中的最大值"),
        ("vehicle_age if has_permit else 3", "持有有效经营许可且车辆人员双证齐全为是时取平均车龄，否则取3"),
    ],
)
def test_formulas_in_words(taxi: Standard, formula: str, shown: str) -> None:
    assert words(taxi, formula) == shown


def test_formulas_as_latex(taxi: Standard) -> None:
    assert (
        latex(taxi, "crashes_3y / fleet_size * 100 / 3")
        == r"\frac{\frac{\text{近三年责任事故数}}{\text{车辆数}} \times 100}{3}"
    )
    assert latex(taxi, "(vehicle_age + 1) * 2") == r"\left(\text{平均车龄} + 1\right) \times 2"
    assert latex(taxi, "vehicle_age ** 2 >= 4") == r"\text{平均车龄}^{2} \ge 4"
    assert r"\text{夜间（22时至5时）营运里程占比}" in latex(taxi, "night_share / 100")


def test_labels_cannot_break_out_of_latex(tmp_path: Path) -> None:
    evil = tiny(tmp_path, "scores:\n  s: {formula: x + 1}", head=HEAD.replace("值x", r'"a}\\input{b}%"'))
    assert latex(evil, "x") == r"\text{a\}\backslash input\{b\}\%}"


def test_every_formula_of_every_standard_has_words() -> None:
    for std in some_standards().values():
        for node in std.nodes.values():
            for _, source, _ in node.kind.formulas():
                assert words(std, source) and latex(std, source)
        for override in std.document.overrides:
            assert words(std, override.when) and words(std, override.when, "en")


# -- the tree --------------------------------------------------------------------------------------------


def test_the_tree_says_what_scoring_computes(taxi: Standard) -> None:
    told = explain(taxi, frame(), "U1")
    scored = score(taxi, frame()).iloc[0]
    assert told.level == scored["level"] == "considerable"
    by_path = {node.path: node for node in _walk(told.scores)}
    assert set(by_path) == set(taxi.nodes)
    for path, node in by_path.items():
        assert node.value == scored[path]
    age = by_path["likelihood.hazard.vehicle_age"]
    assert (age.row.lower, age.row.upper, age.row.score) == (6.0, 8.0, 4.0)
    assert age.clause == "5.2.1" and age.share == pytest.approx(0.15) and age.contribution == pytest.approx(0.6)
    assert by_path["severity.people"].decides and by_path["severity.energy"].decides
    assert not by_path["severity.depot_parked"].decides
    assert by_path["severity.energy"].row.key == "cng"
    assert told.level_step.method == "matrix" and told.level_step.likelihood == 4 and told.level_step.severity == 3
    rate = next(value for value in told.inputs if value.name == "crash_rate")
    assert rate.formula_zh == "近三年责任事故数 ÷ 车辆数 × 100 ÷ 3" and rate.text_zh == "2.333333333起/百车·年"


def test_a_value_at_a_cut_falls_into_the_upper_band(taxi: Standard) -> None:
    told = explain(taxi, frame(vehicle_age=6), 0, changes=False)
    age = next(node for node in _walk(told.scores) if node.path.endswith("vehicle_age"))
    assert age.row.text_zh == "[6, 8)年"
    assert band_of([0.3], 0.1 + 0.2) == 1


def test_overrides_fired_and_decided(taxi: Standard) -> None:
    told = explain(taxi, frame(has_permit=False, overdue_vehicles=2), 0, changes=False)
    by_id = {override.id: override for override in told.overrides}
    assert told.level == "major"
    assert by_id["no_permit"].fired and by_id["no_permit"].decided
    assert (by_id["no_permit"].level_before, by_id["no_permit"].level_after) == ("considerable", "major")
    assert by_id["overdue_running"].fired and not by_id["overdue_running"].decided
    assert by_id["online_mismatch"].fired is False
    text = told.text()
    assert "由第6.3a条直接判定：无许可或证件不齐" in text and "未改变等级" in text


def test_a_row_without_level_says_why_and_searches_nothing(taxi: Standard) -> None:
    told = explain(taxi, frame(vehicle_age=None), 0)
    assert told.level is None and told.reason == "missing:vehicle_age"
    assert "数据不足（平均车龄未填报）" in told.text()
    assert told.changes == () and told.changes_zh == ("数据不足，先补齐或更正所列采集值",)
    outside = explain(taxi, frame(vehicle_age=99), 0)
    assert outside.inputs[1].fault == "out_of_range" and outside.inputs[1].value is None
    assert "99年（平均车龄超出值域[0, 15]年）" in outside.inputs[1].text_zh


def test_indicators_that_an_item_does_not_concern(taxi: Standard) -> None:
    told = explain(taxi, frame(checklist_item="taxi_s02"), 0, changes=False)
    by_path = {node.path: node for node in _walk(told.scores)}
    assert told.item_zh == "疲劳驾驶"
    assert by_path["likelihood.hazard.vehicle_age"].applies is False
    assert "taxi_s02" in str(by_path["likelihood.hazard.vehicle_age"].why_not_zh)
    hours, night = by_path["likelihood.hazard.driving_hours"], by_path["likelihood.hazard.night_operation"]
    assert hours.share == pytest.approx(0.6) and night.share == pytest.approx(0.4)  # 0.3 and 0.2 of what is left


def test_missing_policies_are_said(tmp_path: Path) -> None:
    body = """scores:
  s:
    weighted_mean:
      a: {weight: 1, bands: {of: x, at: [2], scores: [1, 4]}, missing: worst}
      b: {weight: 3, bands: {of: n, at: [2], scores: [2, 5]}, missing: skip}"""
    std = tiny(tmp_path, body)
    told = explain(std, pd.DataFrame({"x": [None], "n": [None]}), 0, changes=False)
    a, b = told.scores[0].children
    assert a.value == 4 and a.substituted and "按最不利分值计" in str(a.why_not_zh) and a.share == 1.0
    assert b.value is None and b.share is None and "退出权重" in str(b.why_not_zh)


def test_json_and_html(taxi: Standard) -> None:
    told = explain(taxi, frame(unit_id="<script>alert(1)</script>"), "<script>alert(1)</script>")
    again = json.loads(json.dumps(told.to_json(), ensure_ascii=False))
    assert again["level"] == "considerable" and again["scores"][0]["children"][0]["children"][0]["row"]["lower"] == 6.0
    assert "<script>" not in told._repr_html_() and "&lt;script&gt;" in told._repr_html_()
    assert "示意性标准" in told._repr_html_() and "示意性标准" in told.text()


def test_every_worked_case_can_be_explained() -> None:
    for std in some_standards().values():
        cases = [case for case, _ in read_cases(std)]
        table, children = case_tables(std, cases)
        levels = score(std, table, children=children or None)["level"]
        for place in (0, len(cases) - 1):
            told = explain(std, table, place, children=children or None, changes=False)
            assert told.level == (levels.iloc[place] if isinstance(levels.iloc[place], str) else None)
            assert told.text() and told._repr_html_()


# -- finding the row -------------------------------------------------------------------------------------


def test_rows_are_found_by_key_or_position(taxi: Standard) -> None:
    two = pd.concat([frame(), frame(unit_id="U2", vehicle_age=1.0)], ignore_index=True)
    assert explain(taxi, two, "U2", changes=False).inputs[1].value == 1.0
    assert explain(taxi, two, 1, changes=False).inputs[1].value == 1.0
    assert explain(taxi, pl.from_pandas(two), "U2", changes=False).inputs[1].value == 1.0
    assert explain(taxi, two.rename(columns={"unit_id": "编号"}), "U2", "编号", changes=False).row == "编号 = U2"
    with pytest.raises(KitError, match="did you mean U2"):
        explain(taxi, two, "U22")
    with pytest.raises(KitError, match="2 rows have unit_id"):
        explain(taxi, pd.concat([frame(), frame()]), "U1")
    with pytest.raises(KitError, match="no column 'unit'"):
        explain(taxi, two, "U2", "unit")
    with pytest.raises(KitError, match="none of the columns"):
        explain(taxi, two.drop(columns="unit_id"), "U2")
    with pytest.raises(KitError, match="no row at position 9"):
        explain(taxi, two, 9)


# -- the least change ------------------------------------------------------------------------------------


def test_the_least_change_of_whole_numbers_is_the_least(taxi: Standard) -> None:
    """Every value of two integer fields is tried: none nearer than the one told gives another level."""
    told = explain(taxi, frame(), 0)
    for name, top in (("crashes_3y", 200), ("passengers_max", 50)):
        now = ROW[name]
        tried = pd.concat([frame(**{name: value}) for value in range(1, top + 1)], ignore_index=True)
        levels = score(taxi, tried, nodes=False)["level"]
        ranks = [taxi.scale.names.index(level) for level in levels]
        here = taxi.scale.names.index(str(told.level))
        for worse in (True, False):
            better = [abs(value - now) for value, rank in enumerate(ranks, start=1)
                      if (rank > here if worse else rank < here)]  # fmt: skip
            found = [change for change in told.changes if change.field == name and change.worse == worse]
            if found and found[0].after >= 1:
                assert abs(found[0].after - now) == min(better)
            else:
                assert not better


def test_each_change_told_is_confirmed_and_the_step_before_it_is_not(taxi: Standard) -> None:
    mixed = {"vehicle_age": 2.9, "daily_hours": 6.9, "monitored_share": 94.0, "trained_share": 100.0, "crashes_3y": 15,
             "night_share": 28.0, "inspection_rate": 86.0, "depot_parked_max": 109}  # fmt: skip
    told = explain(taxi, frame(**mixed), 0)
    assert {change.worse for change in told.changes} == {True, False}
    for change in told.changes:
        assert (
            score(taxi, frame(**{**mixed, change.field: change.after}), nodes=False)["level"].iloc[0]
            == change.level_after
        )
        if isinstance(change.after, float):
            step = 1 if taxi.fields[change.field].type == "integer" else 0.001
            nearer = change.after + (step if change.after < change.before else -step)
            assert score(taxi, frame(**{**mixed, change.field: nearer}), nodes=False)["level"].iloc[0] == told.level


def test_when_nothing_helps_it_is_said(taxi: Standard) -> None:
    bad = explain(taxi, frame(has_permit=False, overdue_vehicles=3), 0)
    assert bad.level == "major" and not bad.changes
    assert "任何单独一项采集值的变动都不能使等级变好" in bad.changes_zh and "重大已是最差的等级" in bad.changes_zh


def test_changes_through_a_product_and_through_a_curve(tmp_path: Path) -> None:
    straight = tiny(tmp_path, "scores:\n  s: {formula: x * y / 4}")
    told = explain(straight, pd.DataFrame({"x": [4.0], "y": [2.5]}), 0)
    assert told.level == "general"
    by = {(change.field, change.worse): change.after for change in told.changes}
    assert by["x", True] == 4.8 and by["x", False] == 3.199  # 2.5 x / 4 = 3 and 2
    curved = tiny(tmp_path, "scores:\n  s: {formula: sqrt(x)}")
    told = explain(curved, pd.DataFrame({"x": [5.0]}), 0)
    by = {(change.field, change.worse): change.after for change in told.changes}
    assert by["x", True] == 9.0 and by["x", False] == 3.999


def test_cut_points_are_exact(taxi: Standard) -> None:
    steps = trace(taxi, frame())
    values = {name: steps[name].iloc[0] for name in steps.columns}
    found = cut_points(traced_program(taxi, items=False), "crashes_3y", values)
    assert found.complete
    assert {Fraction(3), Fraction(6), Fraction(12), Fraction(30), Fraction(60)} == set(found.points)
    fleet = cut_points(traced_program(taxi, items=False), "fleet_size", values)
    assert Fraction(1400, 3) in fleet.points  # 14 crashes are one a hundred vehicles and year there


def test_children_are_carried_along() -> None:
    std = kit.load_standard("gb18218")
    parents = pd.DataFrame({"installation_id": ["A", "B"], "residents_500m": [20, 120]})
    rows = pd.DataFrame({"installation_id": ["A", "A", "B"], "cas": ["7782-50-5", "67-56-1", "7782-50-5"],
                         "q": [5.0, 1000.0, 300.0]})  # fmt: skip
    told = std.explain(parents, "A", children={"substances": rows})
    assert told.level == "grade_4" and told.scores[1].formula_zh == "厂外暴露人员校正系数α × 校正后的比值之和"
    assert next(value.value for value in told.inputs if value.name == "s_ratio") == 3.0
    assert [(change.after, change.level_after) for change in told.changes] == [(100.0, "grade_3")]


def test_the_command(tmp_path: Path) -> None:
    import typer
    from typer.testing import CliRunner

    from kit.cli import explain as command

    app = typer.Typer()
    command.register(app)
    app.command("other")(lambda: None)
    frame().to_csv(tmp_path / "fleet.csv", index=False)
    runner = CliRunner()
    shown = runner.invoke(app, ["explain", "taxi", str(tmp_path / "fleet.csv"), "U1", "--no-changes"])
    assert shown.exit_code == 0 and "等级：较大" in shown.output
    as_json = runner.invoke(app, ["explain", "taxi", str(tmp_path / "fleet.csv"), "U1", "--no-changes", "--json"])
    assert json.loads(as_json.output)["level"] == "considerable"
    missing = runner.invoke(app, ["explain", "taxi", str(tmp_path / "fleet.csv"), "U9"])
    assert isinstance(missing.exception, KitError)
