"""Differences by stable id, and whether they make a standard stricter."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from kit.checking import diff
from kit.checking.differences_rules import condition_effect
from kit.errors import KitError
from kit.standard import Standard, load_standard, variant, variant_addresses

CONTROL = "scores.likelihood.weighted_mean.control.weighted_mean"


@pytest.fixture(scope="module")
def taxi() -> Standard:
    return load_standard("taxi")


def edited(taxi: Standard, folder: Path, edit: Callable[[Any], None]) -> Standard:
    """Return the standard with its text edited, from a copy of its folder."""
    yaml = YAML(typ="safe", pure=True)
    data = yaml.load(taxi.path.read_text(encoding="utf-8"))
    edit(data)
    place = folder / "taxi"
    place.mkdir()
    with (place / "standard.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(data, file)
    (place / "checklist.csv").write_bytes((taxi.path.parent / "checklist.csv").read_bytes())
    return load_standard(place)


def told(before: Standard, after: Standard) -> list[tuple[str, str, str]]:
    return [(item.kind, item.effect, item.address) for item in diff(before, after)]


def test_nothing_differs_from_itself(taxi: Standard) -> None:
    found = diff(taxi, taxi)
    assert len(found) == 0 and "没有差异" in found.text()


@pytest.mark.parametrize(
    ("change", "kind", "effect"),
    [
        ({"scores.likelihood.hazard.crash_history.weight": 0.5}, "weight", "unknown"),
        ({"scores.likelihood.hazard.vehicle_age.bands.at.0": 1.5}, "cut", "tightened"),
        ({"scores.likelihood.hazard.vehicle_age.bands.at.0": 2.5}, "cut", "loosened"),
        ({"scores.likelihood.hazard.vehicle_age.bands.at": [1.5, 4, 6, 9]}, "cut", "mixed"),
        # A share of which more is better: the same move of the cut is the other way round.
        ({"scores.likelihood.control.training.bands.at.0": 75}, "cut", "tightened"),
        ({"scores.severity.people.bands.scores.0": 1}, "score", "loosened"),
        ({"scores.severity.energy.map.to.ev": 4}, "score", "tightened"),
        ({"matrix.4.3": "major"}, "level", "tightened"),
        ({"matrix.4.3": "general"}, "level", "loosened"),
        ({"overrides.no_permit.at_least": "considerable"}, "level", "loosened"),
        ({"overrides.serious_history.when": "crash_rate >= 8"}, "condition", "tightened"),
        ({"overrides.serious_history.when": "crash_rate > 10"}, "condition", "loosened"),
        ({"overrides.serious_history.when": "crash_rate >= 10 and has_permit"}, "condition", "loosened"),
        ({"overrides.no_permit.when": "not has_permit or online_mismatch"}, "condition", "tightened"),
        ({"overrides.no_permit": None}, "removed", "loosened"),
        ({"fields.vehicle_age.range": [0, 20]}, "range", "none"),
        ({"fields.vehicle_age.required": False}, "required", "loosened"),
        ({"derived.crash_rate.formula": "crashes_3y / fleet_size * 100"}, "formula", "unknown"),
        ({"scores.likelihood.round.mode": "ceil"}, "rule", "unknown"),
        ({"scores.severity.people.missing": "worst"}, "rule", "unknown"),
        ({"fields.vehicle_age.label.zh": "车龄"}, "editorial", "none"),
        ({"overrides.no_permit.reason.zh": "无证"}, "editorial", "none"),
        ({"scores.severity.people.clause": "5.3.9"}, "editorial", "none"),
        ({"controls.low.review_days": 60}, "text", "none"),
    ],
)
def test_one_change_is_one_difference(taxi: Standard, change: dict[str, Any], kind: str, effect: str) -> None:
    found = diff(taxi, variant(taxi, change))
    assert [(item.kind, item.effect) for item in found] == [(kind, effect)]
    assert found.editorial_only == (kind == "editorial")
    assert found.items[0].text_zh in found.text()


def test_the_way_back_is_the_opposite(taxi: Standard) -> None:
    other = variant(taxi, {"scores.severity.energy.map.to.ev": 4, "overrides.serious_history.when": "crash_rate >= 8"})
    assert {item.effect for item in diff(taxi, other)} == {"tightened"}
    assert {item.effect for item in diff(other, taxi)} == {"loosened"}


def test_a_moved_indicator(taxi: Standard, tmp_path: Path) -> None:
    def edit(data: Any) -> None:
        tree = data["scores"]["likelihood"]["weighted_mean"]
        tree["hazard"]["weighted_mean"]["training"] = tree["control"]["weighted_mean"].pop("training")

    after = edited(taxi, tmp_path, edit)
    assert told(taxi, after) == [("moved", "unknown", "scores.likelihood.hazard.training")]
    assert "由“控制措施”（likelihood.control）移到“固有危险”（likelihood.hazard）" in diff(taxi, after).text()


def test_a_renamed_branch_takes_its_children_with_it(taxi: Standard, tmp_path: Path) -> None:
    def edit(data: Any) -> None:
        tree = data["scores"]["likelihood"]["weighted_mean"]
        data["scores"]["likelihood"]["weighted_mean"] = {
            ("inherent" if name == "hazard" else name): node for name, node in tree.items()
        }

    assert told(taxi, edited(taxi, tmp_path, edit)) == [("renamed", "none", "scores.likelihood.inherent")]


def test_a_renamed_indicator_that_is_also_weighted_anew(taxi: Standard, tmp_path: Path) -> None:
    def edit(data: Any) -> None:
        people = data["scores"]["severity"]["max"].pop("people")
        people["note"] = {"zh": "新说明"}
        data["scores"]["severity"]["max"]["passengers"] = people

    found = told(taxi, edited(taxi, tmp_path, edit))
    assert ("renamed", "none", "scores.severity.passengers") in found
    assert all(kind in ("renamed", "editorial") for kind, _, _ in found)


def test_added_and_removed_branches_are_told_once(taxi: Standard, tmp_path: Path) -> None:
    def edit(data: Any) -> None:
        data["scores"]["severity"]["max"]["economic"] = {
            "max": {"loss": {"bands": {"of": "fleet_size", "at": [100], "scores": [1, 2]}}}
        }
        del data["scores"]["likelihood"]["weighted_mean"]["control"]

    found = [entry for entry in told(taxi, edited(taxi, tmp_path, edit)) if entry[2].startswith("scores")]
    assert found == [
        ("added", "unknown", "scores.severity.economic"),
        ("removed", "unknown", "scores.likelihood.control"),
    ]


def test_overrides_by_id_and_order(taxi: Standard, tmp_path: Path) -> None:
    def edit(data: Any) -> None:
        first = data["overrides"].pop(0)
        data["overrides"].append(first)
        data["overrides"][0] = {**copy.deepcopy(data["overrides"][0]), "id": "mismatch"}

    assert told(taxi, edited(taxi, tmp_path, edit)) == [
        ("renamed", "none", "overrides.mismatch"),
        ("rule", "unknown", "overrides"),
    ]


def test_conditions_that_cannot_be_compared(taxi: Standard) -> None:
    assert condition_effect(taxi, "crash_rate >= 8", taxi, "vehicle_age >= 8") == "unknown"
    assert condition_effect(taxi, "energy in ['ev']", taxi, "energy in ['ev', 'cng']") == "wider"
    assert condition_effect(taxi, "not crash_rate >= 8", taxi, "not crash_rate >= 9") == "wider"
    assert condition_effect(taxi, "crash_rate > 8 and vehicle_age > 2", taxi, "crash_rate > 9 and vehicle_age > 1") == (
        "unknown"
    )


def test_the_command(taxi: Standard) -> None:
    from kit.cli import standard as group_module
    from kit.cli import standard_diff

    assert standard_diff.register is not None
    runner = CliRunner()
    same = runner.invoke(group_module.group, ["diff", "taxi", "taxi"])
    assert same.exit_code == 0 and "没有差异" in same.output
    other = runner.invoke(group_module.group, ["diff", "tests/standard/examples/taxi", "taxi", "--json"])
    assert other.exit_code == 1 and '"kind": "moved"' in other.output


@pytest.mark.parametrize("name", ["taxi", "gb18218", "hdi"])
def test_no_altered_value_goes_untold(name: str) -> None:
    """Every number, truth and text of the file that may be altered alone shows up, at its own address."""
    hdi = Path(__file__).parents[1] / "cases" / "hdi"
    standard = load_standard(hdi, common=hdi / "common") if name == "hdi" else load_standard(name)
    data = standard.document.model_dump(mode="python", by_alias=True, exclude_unset=True)
    tried = 0
    for address in variant_addresses(standard)[:: 4 if name == "taxi" else 1]:
        if address.startswith(("format", "matrix.", "id", "level.scale")) or "{" in address:
            continue
        try:
            value = _at(data, variant_place(standard, address))
        except (KeyError, IndexError, KitError):
            continue
        new = not value if isinstance(value, bool) else value * 1.0625 if isinstance(value, float) else f"{value}改"
        if isinstance(value, int) and not isinstance(value, bool):
            new = value + 1
        try:
            other = variant(standard, {address: new})
        except (KitError, TypeError):
            continue
        tried += 1
        found = [item.address for item in diff(standard, other)]
        assert found, f"{address}: {value} -> {new} is not told"
    assert tried > 20


def variant_place(standard: Standard, address: str) -> tuple[Any, ...]:
    """Return the place in the file of an address, taking the value away being the cheapest question."""
    from kit.standard.variants import _apply, _plain

    data = _plain(standard.document.model_dump(mode="python", by_alias=True, exclude_unset=True))
    return _apply(standard.document, data, address, None).place


def _at(data: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        data = data[step]
    return data


def test_cuts_and_condition_changed_together(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1].parent / "standards/common/gb18218").resolve()
    before = load_standard(text)
    after = variant(before, {"level.cuts.at.0": 11, "level.only_when.formula": "s_ratio > 1"})
    assert {address for _, _, address in told(before, after)} == {"level.cuts.at", "level.only_when.formula"}


def test_clauses_and_roll_up_are_told(taxi: Standard) -> None:
    after = variant(taxi, {"rollup.how": "share_weighted"})
    assert told(taxi, after) == [("rule", "unknown", "rollup.how")]
    clauses = {number: clause.model_dump(exclude_unset=True) for number, clause in taxi.document.clauses.items()}
    after = variant(taxi, {"clauses": clauses | {"5.9": {"title": {"zh": "新条"}}}})
    assert ("added", "none", "clauses.5.9") in told(taxi, after)
