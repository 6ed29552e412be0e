"""The made sample: reproducible to the byte, plausible, marked as made, its defects listed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from kit.errors import KitError, ProblemsError
from kit.registers import code_names, load_schema, make_sample
from kit.registers.identifiers import uscc_is_valid
from kit.registers.sample_profile import SampleProfile, interpolate, load_profile, normal_cdf
from kit.standard.yaml_io import read_yaml_text, validate_model

# The registers with all their columns in the sample; the answers of `capability` are declared in its standard.
MADE = ("units", "risk_sources", "resources", "agreements", "plans", "drills", "experts", "panels",
        "incidents", "assessors")  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory, standards, rate):
    folder = tmp_path_factory.mktemp("sample")
    return folder, make_sample(folder, standards=standards, rate=rate, size="tiny")


def _table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def test_same_seed_same_bytes_other_seed_other_data(made, tmp_path, standards, rate) -> None:
    folder, _ = made
    make_sample(tmp_path / "again", standards=standards, rate=rate, size="tiny")
    make_sample(tmp_path / "other", standards=standards, rate=rate, size="tiny", seed=1)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert len(files) == 33
    for file in files:
        assert (tmp_path / "again" / file).read_bytes() == (folder / file).read_bytes(), file
    assert not _table(tmp_path / "other", "2019Q4/units").equals(_table(folder, "2019Q4/units"))


def test_tables_have_the_registers_columns_and_types(made) -> None:
    folder, _ = made
    types = {"text": "str", "category": "str", "number": "float64", "integer": "float64", "boolean": "boolean"}
    for name in MADE:
        fields = load_schema(name).fields
        frame = _table(folder, f"2019Q4/{name}")
        assert list(frame.columns) == list(fields)
        for column, spec in fields.items():
            assert str(frame[column].dtype) == types.get(spec.type, "datetime64[ms]"), column


def test_every_file_says_that_it_is_made(made) -> None:
    folder, _ = made
    for path in folder.rglob("*.parquet"):
        assert pq.read_schema(path).metadata[b"kit_origin"] == b"made"
    assert "示例数据" in (folder / "README.md").read_text(encoding="utf-8")
    assert "示例数据" in (folder / "MADE_DATA.txt").read_text(encoding="utf-8")
    units = _table(folder, "2019Q4/units")
    assert units["name"].str.startswith("示例").all()
    assert units["uscc"].dropna().str.startswith("91000000").all()
    assert units["phone"].str.startswith("100").all()


def test_all_areas_and_their_streets_and_polygons(made) -> None:
    import shapely

    from kit.registers.sample_places import district_polygons

    folder, _ = made
    units = _table(folder, "2019Q3/units")
    assert set(units["district"]) == set(code_names("districts"))
    planted = set(pd.read_csv(folder / "planted_defects.csv").query("table == 'units'")["key"])
    clean = units[~units["unit_id"].isin(planted)]
    assert set(clean["street"]) <= set(code_names("streets_towns"))
    for code, shape in district_polygons().items():
        own = clean[clean["district"] == code]
        assert shapely.contains_xy(shape, own["lon"].to_numpy(), own["lat"].to_numpy()).all()
        assert (own["street"].str[:6] == code).all()


def test_quarters_differ_by_births_closures_and_changed_answers(tmp_path, standards, rate) -> None:
    import kit.registers.sample as sample

    sizes = dict(sample.SIZES)
    sample.SIZES["middle"] = 1500
    try:
        made = make_sample(tmp_path, standards=standards, rate=rate, size="middle")
    finally:
        sample.SIZES.clear()
        sample.SIZES.update(sizes)
    before, after = _table(tmp_path, "2019Q3/risk_sources"), _table(tmp_path, "2019Q4/risk_sources")
    new = ~after["source_id"].isin(before["source_id"])
    closed = ~before["source_id"].isin(after["source_id"])
    assert 0.015 < new.mean() < 0.05
    assert 0.01 < closed.mean() < 0.035
    both = before.merge(after, on="source_id")
    changed = (both["reviewed_level_x"].fillna("") != both["reviewed_level_y"].fillna("")).mean()
    assert 0.002 < changed < 0.03
    first, last = _table(tmp_path, "2019Q3/survey_unit/park"), _table(tmp_path, "2019Q4/survey_unit/park")
    joined = first.merge(last, on="unit_id")
    moved = (joined[["age_x", "trained_x"]].to_numpy() != joined[["age_y", "trained_y"]].to_numpy()).any(axis=1)
    assert 0.005 < moved.mean() < 0.06
    # Before the last quarter only units with a planted day of closing are closed.
    assert _table(tmp_path, "2019Q3/units")["closed_at"].dropna().dt.year.isin([2007]).all()
    assert _table(tmp_path, "2019Q4/units")["closed_at"].notna().sum() > 3
    confirmed = (after["review_state"] == "confirmed").mean()
    assert 0.88 < confirmed < 0.95
    assert set(made.levels) == {"low", "general", "considerable", "major", "insufficient"}
    known = after.dropna(subset=["self_level", "reviewed_level"])
    rank = {"low": 0, "general": 1, "considerable": 2, "major": 3}
    under = (known["self_level"].map(rank) < known["reviewed_level"].map(rank)).mean()
    assert 0.04 < under < 0.14
    units = _table(tmp_path, "2019Q4/units")
    assert 0.05 < (units["supervision"] == "municipal_soe").mean() < 0.11


def test_planted_defects_are_as_listed(made) -> None:
    folder, summary = made
    planted = pd.read_csv(folder / "planted_defects.csv")
    assert list(planted.columns) == ["table", "key", "column", "kind", "description_zh"]
    assert planted["kind"].nunique() >= 12
    assert len(planted) == summary.defects
    for period in ("2019Q3", "2019Q4"):
        units = _table(folder, f"{period}/units").set_index("unit_id")
        of_units = planted[planted["table"] == "units"].set_index("kind")["key"]
        assert "<script>alert(1)</script>" in units.loc[of_units["markup_in_text"], "name"]
        assert not uscc_is_valid(units.loc[of_units["uscc_check_digit"], "uscc"])
        assert units.loc[of_units["swapped_coordinates"], "lon"] < 42
        assert pd.isna(units.loc[of_units["missing_required"], ["lon", "address"]]).any(axis=None)


def test_row_that_cannot_be_rated_has_no_reviewed_level(made) -> None:
    folder, _ = made
    planted = pd.read_csv(folder / "planted_defects.csv")
    ids = set(planted.loc[planted["table"].str.startswith("survey_unit/") & (planted["column"] != "permit"), "key"])
    sources = _table(folder, "2019Q4/risk_sources")
    unrated = sources[sources["unit_id"].isin(ids) & (sources["review_state"] == "confirmed")]
    assert len(unrated)
    assert unrated["reviewed_level"].isna().all()
    assert (unrated["self_level"] == "general").all()


def test_unknown_size_and_no_standard_are_told(tmp_path, standards, rate) -> None:
    with pytest.raises(KitError, match="did you mean pilot"):
        make_sample(tmp_path, standards=standards, rate=rate, size="pilots")
    with pytest.raises(KitError, match="no sector standard"):
        make_sample(tmp_path, standards={}, rate=rate)
    assert not list(tmp_path.iterdir())


def test_profile_with_a_field_the_standard_lacks_is_told(tmp_path, standards, rate) -> None:
    fake = standards["park"]
    wrong = type(fake)("taxi", fields=fake.fields, checklist=fake.checklist)
    with pytest.raises(KitError, match=r"taxi\.yaml: standard taxi has no field 'fleet_size'"):
        make_sample(tmp_path, standards={"taxi": wrong}, rate=rate, size="tiny")


def test_shipped_profiles_load_and_a_misspelt_key_is_told() -> None:
    for name in ("taxi", "catering", "hazardous_chemicals", "emergency_capability"):
        assert load_profile(name).fields
    data, locate = read_yaml_text("fields:\n  age: {quantile: [[0, 1], [1, 2]]}\n", "park.yaml")
    with pytest.raises(ProblemsError, match="did you mean quantiles"):
        validate_model(SampleProfile, data, locate, "park.yaml")


def test_normal_distribution_and_interpolation_against_tables() -> None:
    z = np.array([-2.3263479, -1.0, 0.0, 1.0, 1.959964])
    np.testing.assert_allclose(normal_cdf(z), [0.01, 0.158655, 0.5, 0.841345, 0.975], rtol=0, atol=1e-6)
    np.testing.assert_allclose(interpolate(np.array([0.0, 0.25, 1.0]), [(0, 1), (0.5, 3), (1, 10)]), [1, 2, 10])
