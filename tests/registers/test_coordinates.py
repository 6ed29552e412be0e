"""Coordinate systems: the shifts of the public formulas, the way back, and rows converted by their own system."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import KitError
from kit.registers import convert_coordinates, to_wgs84
from kit.registers.coordinates import SYSTEMS, shiftable

LON = st.floats(73.5, 134.5)
LAT = st.floats(18.5, 53.0)


def test_the_shift_at_tiananmen_is_the_published_one() -> None:
    lon, lat = convert_coordinates(116.391, 39.907, "wgs84", "gcj02")
    assert float(lon) - 116.391 == pytest.approx(0.00624, abs=5e-6)
    assert float(lat) - 39.907 == pytest.approx(0.00140, abs=5e-6)
    east = 0.00624 * 111_320 * np.cos(np.radians(39.907))
    assert np.hypot(east, 0.00140 * 111_000) == pytest.approx(555, abs=5)


def test_bd09_lies_a_kilometre_further() -> None:
    lon, lat = convert_coordinates(116.391, 39.907, "gcj02", "bd09")
    assert float(lon) - 116.391 == pytest.approx(0.0065, abs=3e-4)
    assert float(lat) - 39.907 == pytest.approx(0.0060, abs=4e-4)


@given(LON, LAT, st.sampled_from(["gcj02", "bd09"]))
def test_there_and_back(lon: float, lat: float, system: str) -> None:
    away = convert_coordinates([lon], [lat], "wgs84", system)
    assert 1e-5 < abs(away[0][0] - lon) + abs(away[1][0] - lat) < 0.04
    back = convert_coordinates(*away, system)
    assert back[0][0] == pytest.approx(lon, abs=1e-9)
    assert back[1][0] == pytest.approx(lat, abs=1e-9)


def test_cgcs2000_degrees_stay_and_null_stays_null() -> None:
    lon, lat = convert_coordinates([116.4, np.nan], [39.9, 39.9], "cgcs2000")
    assert lon[0] == 116.4
    assert np.isnan(lon[1])
    lon, lat = convert_coordinates([np.nan, 116.4], [39.9, np.nan], "bd09")
    assert np.isnan(lon[0])
    assert np.isnan(lat[1])


def test_outside_china_nothing_is_shifted() -> None:
    assert [float(v) for v in convert_coordinates(2.35, 48.85, "gcj02")] == [2.35, 48.85]
    assert not shiftable(0.0, 0.0)


def test_unknown_system_names_the_nearest() -> None:
    with pytest.raises(KitError, match="did you mean gcj02"):
        convert_coordinates(116.4, 39.9, "gcj2")


def test_rows_are_converted_by_their_own_system_and_doubtful_ones_left() -> None:
    frame = pd.DataFrame(
        {
            "lon": [116.4, 116.4, 116.4, 116.4, 39.9, np.nan, 0.0, 116.4],
            "lat": [39.9, 39.9, 39.9, 39.9, 116.4, 39.9, 0.0, 39.9],
            "crs": ["wgs84", "gcj02", "bd09", "cgcs2000", "gcj02", "gcj02", "gcj02", None],
        }
    ).astype({"crs": "str"})
    before = frame.copy()
    done, counts = to_wgs84(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert counts == {"cgcs2000": 1, "gcj02": 1, "bd09": 1}
    assert done["crs"].tolist()[:7] == ["wgs84", "wgs84", "wgs84", "wgs84", "gcj02", "gcj02", "gcj02"]
    assert pd.isna(done["crs"].iloc[7])
    assert done.loc[[0, 3, 7], "lon"].tolist() == [116.4] * 3
    assert done.loc[1, "lon"] == pytest.approx(116.4 - 0.00624, abs=2e-5)
    assert done.loc[2, "lon"] < done.loc[1, "lon"] - 0.005
    assert done.loc[4, ["lon", "lat"]].tolist() == [39.9, 116.4]


def test_the_systems_are_those_of_the_registers() -> None:
    from kit.registers import load_schema

    for register in ("units", "risk_sources", "resources"):
        assert set(load_schema(register).fields["crs"].values or {}) == set(SYSTEMS)
