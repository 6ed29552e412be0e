"""Summaries against figures computed by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from kit.quality.summary_tables import agreement, areas, summaries


def test_fleiss_kappa_of_a_table_computed_by_hand() -> None:
    # Three sources, two assessors: agree on low, agree on major, differ. Same pairs 2/3; shares low 1/2, major 1/2.
    given = pd.DataFrame(
        {
            "source_id": ["R1", "R1", "R2", "R2", "R3", "R3", "R4"],
            "assessor": ["a", "b"] * 3 + ["a"],
            "level": ["low", "low", "major", "major", "low", "major", "low"],
        }
    )
    sources = pd.DataFrame({"source_id": ["R1", "R2", "R3", "R4"], "standard": ["taxi@0.1.0"] * 4})
    row = agreement(given, sources).iloc[0]
    assert (row["standard"], row["n_sources"]) == ("taxi@0.1.0", 3)
    assert row["agreement"] == pytest.approx(2 / 3)
    assert row["kappa"] == pytest.approx((2 / 3 - 1 / 2) / (1 - 1 / 2))


def test_areas_count_confirmed_levels_only() -> None:
    units = pd.DataFrame({"unit_id": ["U1", "U2"], "district": ["110101", "110102"]})
    sources = pd.DataFrame(
        {
            "unit_id": ["U1", "U1", "U2", "U2"],
            "reviewed_level": ["major", "low", "low", "major"],
            "review_state": ["confirmed", "confirmed", "confirmed", "sector_reviewed"],
        }
    )
    table = areas(units, sources).set_index("district")
    assert len(table) == 17
    assert table.loc["110101", ["n_units", "n_rated", "n_major"]].tolist() == [1, 2, 1]
    assert table.loc["110102", ["n_units", "n_rated", "n_major"]].tolist() == [1, 1, 0]
    assert table.loc["110102", "chance_of_none"] == pytest.approx(2 / 3)


def test_missing_registers_give_no_summary() -> None:
    assert summaries({"units": pd.DataFrame({"unit_id": ["U1"]})}) == {}
