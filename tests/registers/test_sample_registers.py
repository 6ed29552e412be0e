"""The further registers of the made sample: they hang together, and hold what the sample says of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kit.registers import code_names, load_codes, load_schema, make_sample

PERIODS = {"2019Q3": "2019-09-30", "2019Q4": "2019-12-31"}
TABLES = ("agreements", "plans", "drills", "experts", "panels", "incidents", "assessors")
RANK = {"low": 0, "general": 1, "considerable": 2, "major": 3}


@pytest.fixture(scope="module")
def made(tmp_path_factory, standards, rate) -> Path:
    import kit.registers.sample as sample

    folder = tmp_path_factory.mktemp("sample")
    sizes = dict(sample.SIZES)
    sample.SIZES["middle"] = 1500
    try:
        make_sample(folder, standards=standards, rate=rate, size="middle")
    finally:
        sample.SIZES.clear()
        sample.SIZES.update(sizes)
    return folder


def _tables(folder: Path, period: str) -> dict[str, pd.DataFrame]:
    return {path.stem: pd.read_parquet(path) for path in (folder / period).glob("*.parquet")}


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("name", TABLES)
def test_what_the_registers_declare_holds(made: Path, period: str, name: str) -> None:
    tables = _tables(made, period)
    frame, schema = tables[name], load_schema(name)
    assert len(frame)
    assert not frame.duplicated(list(schema.keys)).any()
    for column, spec in schema.fields.items():
        values = frame[column].dropna()
        if spec.required:
            assert frame[column].notna().all(), column
        if spec.references:
            table, key = spec.references.split(".")
            assert values.isin(tables[table][key]).all(), column
        if spec.codes:
            assert values.isin(list(code_names(spec.codes))).all(), column
        if spec.values:
            assert values.isin(list(spec.values)).all(), column
        if spec.range:
            assert values.between(*spec.range).all(), column
        if spec.pattern:
            assert values.str.fullmatch(spec.pattern).all(), column
        if spec.type == "date" and not spec.future:
            assert (values <= PERIODS[period]).all(), column


def test_plans_of_major_sources_and_their_drills(made: Path) -> None:
    for period in PERIODS:
        tables = _tables(made, period)
        sources, plans, drills = tables["risk_sources"], tables["plans"], tables["drills"]
        major = sources[(sources["review_state"] == "confirmed") & (sources["reviewed_level"] == "major")]
        major = major[major["unit_id"].isin(tables["units"]["unit_id"])]
        assert set(major["source_id"]) <= set(plans["source_id"])
        both = drills.merge(plans, on="plan_id", suffixes=("", "_plan"))
        assert len(both) == len(drills)
        assert (both["drilled_at"] >= both["approved_at"]).all()
        assert (both["unit_id"] == both["unit_id_plan"]).all()
    assert len(drills) / len(plans) > 0.6
    before = _tables(made, "2019Q3")["drills"].set_index("drill_id")
    kept = drills.set_index("drill_id").loc[lambda frame: frame.index.isin(before.index)]
    pd.testing.assert_series_equal(kept["drilled_at"], before.loc[kept.index, "drilled_at"])


def test_agreements_promise_what_is_there_at_a_plausible_distance(made: Path) -> None:
    tables = _tables(made, "2019Q4")
    agreements, resources = tables["agreements"], tables["resources"]
    giving = resources[resources["requestable"].fillna(False).astype(bool)]
    stock = set(zip(giving["owner_unit"], giving["class"], strict=True))
    assert set(zip(agreements["from_unit"], agreements["class"], strict=True)) <= stock
    assert (agreements["from_unit"] != agreements["to_unit"]).all()
    speed = agreements["distance"] / (agreements["arrival_minutes"] / 60)
    assert speed.max() <= 25.0
    assert agreements["arrival_minutes"].max() < 180
    assert (agreements["expires_at"] > agreements["signed_at"]).all()


def test_incidents_follow_the_hidden_risk(made: Path) -> None:
    """Units with a source rated higher by the standard have more accidents on average."""
    tables = _tables(made, "2019Q4")
    counts = tables["incidents"]["unit_id"].value_counts()
    level = tables["risk_sources"].assign(rank=tables["risk_sources"]["reviewed_level"].map(RANK))
    worst = level.groupby("unit_id")["rank"].max().dropna()
    numbers = worst.index.to_series().map(counts).fillna(0)
    high = worst >= worst.median()
    assert 0.01 < numbers.mean() < 0.08
    assert len(tables["incidents"]) >= len(_tables(made, "2019Q3")["incidents"])
    assert numbers[high].mean() > numbers[~high].mean() or high.all()


def test_assessors_agree_as_far_as_they_were_made_to(made: Path) -> None:
    """Five assessors, each off by one with a chance of 12 %: about 0.88² + 0.12² of the pairs agree."""
    given = _tables(made, "2019Q4")["assessors"].assign(rank=lambda frame: frame["level"].map(RANK))
    table = given.pivot(index="source_id", columns="assessor", values="rank").to_numpy()
    assert table.shape[1] == 5
    assert (table.max(axis=1) - table.min(axis=1) <= 1).all()
    pairs = [(table[:, one] == table[:, other]).mean() for one in range(5) for other in range(one)]
    assert np.mean(pairs) == pytest.approx(0.88**2 + 0.12**2, abs=0.05)


def test_panels_have_seven_experts_and_a_chair(made: Path) -> None:
    panels = _tables(made, "2019Q4")["panels"]
    seats = panels.groupby("panel_id").agg(seats=("expert_id", "nunique"), chairs=("chair", "sum"))
    assert (seats["seats"] >= 7).all()
    assert (seats["chairs"] == 1).all()
    assert len(seats) == 2


def test_substances_are_stored_where_chemicals_are_handled(made: Path, standards, rate) -> None:
    from kit.registers.sample_registers import _substances
    from kit.registers.sample_tables import make_population

    assert "substances" not in _tables(made, "2019Q4")
    chemicals = type(standards["park"])("hazardous_chemicals", fields={}, checklist=standards["park"].checklist)
    people = make_population(np.random.default_rng(1), 60, {"hazardous_chemicals": chemicals})
    frame = _substances(np.random.default_rng(2), people)[1]
    assert list(frame.columns) == list(load_schema("substances").fields)
    assert not frame.duplicated(["installation_id", "cas"]).any()
    assert set(frame["unit_id"]) <= set(people.units["unit_id"])
    assert (frame["q"] > 0).all()


def test_substances_are_named_as_the_standard_names_them() -> None:
    from kit.registers.sample_profile import settings
    from kit.standard.common_parts import common_folder

    listed = pd.read_csv(common_folder() / "gb18218" / "critical_quantity.csv", dtype=str).set_index("cas")
    for cas, name, quantity in settings()["substances"]["kinds"]:
        assert listed.loc[cas, "name_zh"] == name
        assert float(listed.loc[cas, "Q"]) == quantity
    assert settings()["substances"]["sector"] in set(load_codes("sectors")["code"])
