"""Made answers drawn from what a standard says of its fields."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kit.registers.sample_defaults import blanked, concerned, holds, profile_of
from kit.registers.sample_profile import draw_answers, load_profile
from kit.scoring import score
from kit.standard import Standard, load_standard


@pytest.fixture
def taxi(monkeypatch: pytest.MonkeyPatch) -> Standard:
    monkeypatch.setattr("kit.registers.sample_defaults.has_profile", lambda _: False)
    return load_standard("taxi")


def drawn(standard: Standard, count: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    noise = rng.normal(size=(count, len(standard.fields)))
    answers = draw_answers(standard.fields, profile_of(standard), rng.normal(size=count), rng.normal(size=count), noise)
    return blanked(standard, answers)


def test_a_profile_of_its_own_goes_before() -> None:
    assert profile_of(load_standard("taxi")) is load_profile("taxi")


@pytest.mark.parametrize("name", ["taxi", "catering", "hazardous_chemicals"])
def test_answers_are_in_range_and_most_units_are_good(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.registers.sample_defaults.has_profile", lambda _: False)
    standard = load_standard(name)
    answers = drawn(standard)
    for field, spec in standard.fields.items():
        if spec.numeric and spec.range:
            assert answers[field].dropna().between(*spec.range).all(), field
        if spec.required:
            assert answers[field].notna().all(), field
    scored = score(standard, answers)
    assert scored["level"].notna().all(), scored["reason"].dropna().unique()
    shares = scored["level"].value_counts(normalize=True)
    assert shares.get("major", 0) < 0.3 and shares.get("low", 0) > 0.1
    assert len(shares) == 4, "every level occurs"


def test_risk_makes_answers_worse(taxi: Standard) -> None:
    noise = np.zeros((2, len(taxi.fields)))
    low, high = [
        score(taxi, draw_answers(taxi.fields, profile_of(taxi), np.full(2, risk), np.zeros(2), noise))[
            "likelihood.hazard"
        ][0]
        for risk in (-1.5, 1.5)
    ]
    assert low < high


def test_what_does_not_concern_a_unit_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kit.registers.sample_defaults.has_profile", lambda _: False)
    catering = load_standard("catering")
    answers = drawn(catering)
    electric = answers["fuel"] == "electric"
    assert electric.any() and answers.loc[electric, ["alarm_shutoff_ok_rate", "hose_ok_rate"]].isna().all(axis=None)
    assert answers.loc[~electric, "hose_ok_rate"].notna().all()
    items = {item.id: item for item in catering.checklist}
    assert concerned(catering, items["catering_s02"], answers).all(), "an item of required fields concerns everybody"


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("fuel == 'electric'", [True, False, False]),
        ("fuel != 'electric' and seats >= 100", [False, True, False]),
        ("not cylinder_room_ok", [True, False, True]),
        ("fuel in ['lpg_small', 'electric'] or seats > 200", [True, False, True]),
        ("seats / 2 > 10", None),
    ],
)
def test_simple_conditions(condition: str, wanted: list[bool] | None) -> None:
    catering = load_standard("catering")
    frame = pd.DataFrame(
        {"fuel": ["electric", "piped_gas", "lpg_small"], "seats": [50.0, 150.0, np.nan],
         "cylinder_room_ok": pd.array([False, True, None], dtype="boolean")}
    )  # fmt: skip
    found = holds(catering.names.parse(condition, "boolean"), frame)
    assert (None if found is None else found.tolist()) == wanted
