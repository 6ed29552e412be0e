"""Coverage by examples and data, and the examples proposed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from kit.checking import coverage, run_cases, suggest, suggestions_yaml
from kit.checking.suggestions import Suggestion
from kit.scoring import score
from kit.standard import Standard, load_standard
from tests.scoring.tiny import tiny

BODY = """scores:
  s:
    max:
      a: {bands: {of: x, at: [2, 4], scores: [1, 2, 3]}}
      k: {map: {of: k, to: {a: 1, b: 2, c: 5}}}
overrides:
  - {id: up, clause: "6.1", when: b and n > 3, at_least: major, reason: {zh: 从严}}
  - {id: kept, clause: "6.2", when: n > 40, at_least: low, reason: {zh: 不变}}"""


@pytest.fixture(scope="module")
def taxi() -> Standard:
    return load_standard("taxi")


@pytest.fixture(scope="module")
def proposed(taxi: Standard) -> list[Suggestion]:
    return suggest(taxi)


@pytest.fixture
def small(tmp_path: Path) -> Standard:
    return tiny(tmp_path, BODY)


def test_what_rows_reach(small: Standard) -> None:
    rows = pd.DataFrame(
        {
            "x": [1.0, 2.0, 99.0, None],  # below 2, at 2, out of range, not given
            "k": ["a", "b", "b", "a"],
            "b": [False, False, True, False],
            "n": [0, 50, 4, 0],
        }
    )
    found = coverage(small, rows, source="试")
    counts = {(part.part, part.address): part.count for part in found}
    assert counts["row", "scores.s.a[0]"] == 1 and counts["row", "scores.s.a[1]"] == 1
    assert counts["row", "scores.s.a[2]"] == 0  # 99 is a fault of the data, not a band
    assert counts["row", "scores.s.k[1]"] == 2 and counts["row", "scores.s.k[2]"] == 0
    assert counts["override_fired", "overrides.up"] == 1 and counts["override_decided", "overrides.up"] == 0
    assert counts["override_fired", "overrides.kept"] == 1 and counts["override_decided", "overrides.kept"] == 0
    assert counts["level_row", "level.cuts[0]"] == 1 and counts["level_row", "level.cuts[1]"] == 1
    assert counts["level", "level.low"] == 1 and counts["level", "level.major"] == 0
    assert (found.rows, found.unscored) == (4, 2)
    assert {part.address for part in found.missed} >= {"scores.s.a[2]", "scores.s.k[2]", "level.major"}
    assert found.share("level") == 0.5 and found.share("cell") is None
    assert "未覆盖 直接判定起决定作用：6.1 从严（overrides.up）" in found.text()


def test_an_indicator_that_tells_nothing_apart(small: Standard) -> None:
    rows = pd.DataFrame({"x": [1.0, 1.5, 0.0], "k": ["a", "b", "c"], "b": [False] * 3, "n": [0] * 3})
    found = coverage(small, rows)
    assert [indicator.path for indicator in found.flat] == ["s.a"]
    assert "无区分度" in found.text()


def test_no_cases_reach_nothing(small: Standard) -> None:
    found = coverage(small)
    assert found.rows == 0 and found.share() == 0.0 and len(found.missed) == len(found.parts)


def test_counts_agree_with_scoring(taxi: Standard) -> None:
    frame = pd.read_parquet(taxi.path.parents[3] / "data_samples/pilot/2019Q4/survey_unit/taxi.parquet").head(200)
    found = coverage(taxi, frame)
    scored = score(taxi, frame)
    cells = scored.groupby(["likelihood", "severity"]).size()
    counted = {part.address: part.count for part in found if part.part == "cell" and part.count}
    assert counted == {f"matrix.{a:g}.{b:g}": count for (a, b), count in cells.items()}
    assert {part.address: part.count for part in found if part.part == "level"} == {
        f"level.{name}": int((scored["level"] == name).sum()) for name in taxi.scale.names
    }
    decided = scored["override"].value_counts()
    for part in found:
        if part.part == "override_decided":
            assert part.count == decided.get(part.address.removeprefix("overrides."), 0)


# -- proposals -------------------------------------------------------------------------------------------


def test_boundaries_are_below_at_and_above(proposed: list[Suggestion]) -> None:
    path = "likelihood.hazard.vehicle_age"
    found = [entry for entry in proposed if entry.address == f"scores.{path}.bands.at.1"]
    assert [(entry.input["vehicle_age"], entry.expect[path]) for entry in found] == [(3.999, 2), (4.0, 3), (4.001, 3)]
    # With 60 vehicles the rates 0.5 and 1 are 0.9 and 1.8 crashes, which no whole number meets; 0 crashes is the base
    # case itself, and 1 crash is proposed once.
    path = "likelihood.hazard.crash_history"
    rate = [entry for entry in proposed if entry.address.startswith(f"scores.{path}.bands.at.")]
    assert [(entry.input["crashes_3y"], entry.expect[path]) for entry in rate[:2]] == [(1, 2), (2, 3)]


def test_each_part_of_a_condition_decides_once(small: Standard) -> None:
    found = [entry for entry in suggest(small) if entry.address == "overrides.up"]
    outcomes = {(entry.input["b"], entry.input["n"] > 3): entry.expect.get("override") for entry in found}
    assert outcomes == {(True, True): "up", (False, True): None, (True, False): None}


def test_proposals_run_as_cases(small: Standard) -> None:
    found = suggest(small)
    assert found and all(entry.expect or entry.reason for entry in found)
    (small.path.parent / "cases.yaml").write_text(suggestions_yaml(found), encoding="utf-8")
    results = run_cases(small)
    assert len(results) == len(found) and all(result.passed for result in results)
    assert suggest(small) == [] or len(suggest(small)) < len(found)  # what is there is not proposed again
    assert not [part for part in coverage(small).missed if part.part == "row" and part.address.startswith("scores.s.a")]


TABLE = """\
scores:
  s:
    label: {zh: 处置}
    table:
      inputs: [x, k, b]
      hit: first
      rows:
        - {when: ["<3", "-", "-"], score: 1}
        - {when: ["[3, 10)", [a, b], "-"], score: 2}
        - {when: ["-", c, true], score: 4}
        - {when: [">20", "-", "-"], score: 5}
      otherwise: 3
"""


def test_rows_of_a_table_and_the_limits_of_its_cells(tmp_path: Path) -> None:
    standard = tiny(tmp_path, TABLE)
    found = suggest(standard)
    rows = {entry.address: entry.expect["s"] for entry in found if entry.kind == "row"}
    # A row above 20 is out of the range of x (0 to 15), so no example can reach it.
    assert rows == {
        "scores.s.table.rows.0": 1, "scores.s.table.rows.1": 2, "scores.s.table.rows.2": 4, "scores.s.table.rows.4": 3,
    }  # fmt: skip
    limits = [entry.input["x"] for entry in found if entry.kind == "boundary"]
    assert {3.0, 10.0} <= set(limits) and any(2.9 < value < 3 for value in limits)
    (standard.path.parent / "cases.yaml").write_text(suggestions_yaml(found), encoding="utf-8")
    assert all(result.passed for result in run_cases(standard))
    assert [part.address for part in coverage(standard).missed if part.part == "row"] == ["scores.s[3]"]


def test_matrix_cells_are_found_by_the_proofs(taxi: Standard, proposed: list[Suggestion]) -> None:
    cells = [entry for entry in proposed if entry.kind == "cell"]
    missed = {part.address for part in coverage(taxi).missed if part.part == "cell"}
    assert {entry.address for entry in cells} == {address for address in missed if not address.endswith(".1")}
    for entry in cells:
        assert f"matrix.{entry.expect['likelihood']:g}.{entry.expect['severity']:g}" == entry.address


def test_the_text_says_who_judges(proposed: list[Suggestion]) -> None:
    text = suggestions_yaml(proposed)
    assert "不是起草人的判断" in text
    assert len(YAML(typ="safe", pure=True).load(text)) == len(proposed)


def test_the_command() -> None:
    from kit.cli import standard as group_module
    from kit.cli import standard_coverage

    assert standard_coverage.register is not None
    runner = CliRunner()
    shown = runner.invoke(group_module.group, ["coverage", "gb18218"])
    assert shown.exit_code == 0 and "gb18218@0.1.0 覆盖情况" in shown.output
    as_json = runner.invoke(group_module.group, ["coverage", "gb18218", "--json"])
    assert as_json.exit_code == 0 and '"override_fired": null' in as_json.output
    proposed = runner.invoke(group_module.group, ["coverage", "gb18218", "--suggest"])
    assert proposed.exit_code == 0 and "分界" in proposed.output
    both = runner.invoke(group_module.group, ["test", "gb18218", "--coverage", "--suggest"])
    assert both.exit_code == 0 and "cases pass" in both.output and "覆盖情况" in both.output and "分界" in both.output
