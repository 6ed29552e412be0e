"""Variants: address and value, checked as a whole."""

from __future__ import annotations

import pandas as pd
import pytest

import kit
from kit.errors import KitError, ProblemsError
from kit.standard import Standard, load_standard, variant, variant_addresses
from tests.shipped import some_standards

WEIGHT = "scores.likelihood.hazard.crash_history.weight"


@pytest.fixture(scope="module")
def taxi() -> Standard:
    return load_standard("taxi")


def test_a_weight(taxi: Standard) -> None:
    half = variant(taxi, {WEIGHT: 0.5})
    assert half.nodes["likelihood.hazard.crash_history"].weight == 0.5
    assert taxi.nodes["likelihood.hazard.crash_history"].weight == 0.35  # the original stays
    assert half.fingerprint != taxi.fingerprint and half.label.startswith("taxi@0.1.0+")
    assert half.deltas[0].before == 0.35 and half.deltas[0].place[-2:] == ("crash_history", "weight")


def test_short_and_full_addresses_are_one(taxi: Standard) -> None:
    full = "scores.likelihood.weighted_mean.hazard.weighted_mean.crash_history.weight"
    assert variant(taxi, {WEIGHT: 0.5}).fingerprint == variant(taxi, {full: 0.5}).fingerprint


@pytest.mark.parametrize(
    ("address", "value", "read"),
    [
        ("scores.severity.people.bands.at.1", 12, lambda std: std.nodes["severity.people"].kind.at[1]),
        ("scores.severity.people.bands.at[1]", 12, lambda std: std.nodes["severity.people"].kind.at[1]),
        ("scores.severity.energy.map.to.ev", 4, lambda std: std.nodes["severity.energy"].kind.to["ev"]),
        ("overrides.no_permit.at_least", "general", lambda std: std.document.overrides[0].at_least),
        ("fields.vehicle_age.range", [0, 20], lambda std: list(std.fields["vehicle_age"].range)),
        ("scores.severity.people.missing", "worst", lambda std: std.nodes["severity.people"].missing),
        ("scores.likelihood.round.mode", "ceil", lambda std: std.nodes["likelihood"].round.mode),
        ("matrix.4.3", "major", lambda std: std.matrix.levels[3][2]),
        ("level.matrix.severity", "likelihood", lambda std: std.document.level.matrix.severity),
    ],
)
def test_what_can_be_altered(taxi: Standard, address: str, value: object, read: object) -> None:
    assert read(variant(taxi, {address: value})) == value


def test_parts_can_be_taken_away(taxi: Standard) -> None:
    less = variant(taxi, {"overrides.no_permit": None, "scores.severity.depot_parked": None})
    assert less.document.overrides[0].id == "online_mismatch"
    assert "severity.depot_parked" not in less.nodes


@pytest.mark.parametrize(
    ("address", "value", "message"),
    [
        (WEIGHT, 0.35, "is already 0.35"),
        ("scores.severity.people.missing", "error", "is already error"),
        ("matrix.4.3", "considerable", "is already considerable"),
        ("overrides.no_permit.at_most", None, "taking it away changes nothing"),
        ("scores.likelihood.hazard.crash_histroy.weight", 1, "did you mean crash_history"),
        ("scores.likelihood.crash_history.weight", 1, "did you mean scores.likelihood.hazard.crash_history"),
        ("scores.likelihood.hazard.crash_history.wieght", 1, "did you mean weight"),
        ("overrides.nopermit.at_least", "low", "did you mean no_permit"),
        ("fields.vehicle_aeg.range", [0, 1], "did you mean vehicle_age"),
        ("scores.severity.people.bands.at.9", 1, "there is no '9'"),
        ("matrix.9.9", "low", "likelihood one of 1, 2, 3, 4, 5"),
        ("matrix.4.3", "mayor", "did you mean major"),
        ("", 1, "no address"),
    ],
)
def test_what_is_refused(taxi: Standard, address: str, value: object, message: str) -> None:
    with pytest.raises(KitError, match=message):
        variant(taxi, {address: value})


def test_all_mistakes_are_told_at_once(taxi: Standard) -> None:
    with pytest.raises(KitError) as caught:
        variant(taxi, {WEIGHT: 0.35, "fields.vehicle_aeg.unit": "月", "matrix.9.9": "low"})
    assert len(str(caught.value).splitlines()) == 3


def test_the_altered_text_is_checked_with_its_place(taxi: Standard) -> None:
    with pytest.raises(ProblemsError, match=r"standard.yaml:\d+:\d+: .*cuts make 3 bands, but 4 scores") as caught:
        variant(taxi, {"scores.severity.people.bands.at": [3, 10]})
    assert len(caught.value.problems) == 1
    with pytest.raises(ProblemsError, match="must be above 0"):
        variant(taxi, {WEIGHT: -1})
    with pytest.raises(ProblemsError, match="did you mean crash_rate"):
        variant(taxi, {"overrides.serious_history.when": "crash_rat >= 10"})


def test_nothing_given(taxi: Standard) -> None:
    with pytest.raises(KitError, match="no change is given"):
        variant(taxi, {})


def test_a_variant_of_a_variant_keeps_both(taxi: Standard) -> None:
    twice = variant(variant(taxi, {"matrix.4.3": "major"}), {WEIGHT: 0.5})
    assert twice.matrix is not None and twice.matrix.levels[3][2] == "major"
    assert [delta.address for delta in twice.deltas] == ["matrix.4.3", WEIGHT]


def test_a_variant_scores(taxi: Standard) -> None:
    std = kit.load_standard("taxi")
    row = {
        "fleet_size": 200, "vehicle_age": 6.5, "crashes_3y": 14, "daily_hours": 11.0, "night_share": 45.0,
        "passengers_max": 4, "energy": "cng", "depot_parked_max": 80, "monitored_share": 85.0, "trained_share": 82.0,
        "inspection_rate": 93.0, "has_permit": True, "online_mismatch": False, "overdue_vehicles": 0,
    }  # fmt: skip
    made = std.variant({"matrix.4.3": "major"})
    assert made.score(pd.DataFrame([row]))["level"].iloc[0] == "major"
    assert std.score(pd.DataFrame([row]))["level"].iloc[0] == "considerable"
    assert made.score(pd.DataFrame([row])).attrs["kit"]["standard"] == made.label


def test_a_key_with_dots_in_it_is_one_key(taxi: Standard) -> None:
    made = variant(taxi, {"clauses.5.2.1.title.zh": "车龄"})
    assert made.document.clauses["5.2.1"].title.zh == "车龄"  # type: ignore[union-attr]
    with pytest.raises(KitError, match=r"did you mean|allowed"):
        variant(taxi, {"clauses.5.2.99.title.zh": "车龄"})


def test_every_address_listed_leads_to_a_value() -> None:
    for std in some_standards().values():
        addresses = variant_addresses(std)
        assert len(addresses) == len(set(addresses))
        for address in [entry for entry in addresses if not entry.startswith("matrix.")][::40]:
            with pytest.raises(KitError, match="nothing lies below it"):
                variant(std, {f"{address}.nothing": None})
