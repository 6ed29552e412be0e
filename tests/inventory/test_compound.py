"""Compound risks: against a plain double loop over all pairs, and what is never taken for low."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kit.errors import KitError
from kit.inventory.compound import Compound, compound_risks, settings
from kit.registers.codes_list import load_codes

COLUMNS = ["source_id", "unit_id", "lon", "lat", "accident_class", "level"]
METRE = 1 / 111_320
KIND_OF = {code: name for name, kind in settings()["kinds"].items() for code in kind["classes"]}


def sources(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Return sources from unit, metres north and east of one place, accident class and level."""
    east = METRE / np.cos(np.radians(39.9))
    made = [
        (f"R{at:03d}", unit, 116.4 + dx * east, 39.9 + dy * METRE, code, level)
        for at, (unit, dx, dy, code, level) in enumerate(rows)
    ]
    return pd.DataFrame(made, columns=COLUMNS)


def many(seed: int, number: int = 400) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    unit = random.integers(0, number // 3, number)
    frame = sources(*[("", 0, 0, "08", "low")] * number)
    frame["unit_id"] = [f"U{at:04d}" for at in unit]
    frame["lon"], frame["lat"] = 116.4 + (unit * 37 % 101) * 3e-4, 39.9 + (unit * 53 % 97) * 3e-4
    own = random.random(number) < 0.2
    frame.loc[own, "lon"] += random.normal(0, 1e-3, own.sum())
    frame["accident_class"] = random.choice(["08", "17", "X1", "02", "19", "20"], number)
    levels = ["major", "considerable", "general", "low", "pending", "insufficient"]
    frame["level"] = random.choice(levels, number, p=[0.1, 0.3, 0.2, 0.2, 0.1, 0.1])
    return frame


def by_hand(frame: pd.DataFrame, metres: float) -> dict[str, tuple[int, int, set[str], float]]:
    """Return for each source the number of its neighbours, of their units, their kinds and the distance, pair by pair.

    The distance is the great circle's; pairs within half a per cent of the limit are left to the grid.
    """
    rows = frame[frame["level"].isin(["major", "considerable"]) & frame["accident_class"].isin(KIND_OF)]
    found = {}
    kinds = rows["accident_class"].map(KIND_OF)
    lon, lat = np.radians(rows["lon"].to_numpy()), np.radians(rows["lat"].to_numpy())
    for at, row in enumerate(rows.itertuples()):
        half = np.sin((lat - lat[at]) / 2) ** 2 + np.cos(lat) * np.cos(lat[at]) * np.sin((lon - lon[at]) / 2) ** 2
        away = 2 * 6_371_000 * np.arcsin(np.sqrt(half))
        other = (kinds != KIND_OF[row.accident_class]) & (rows["unit_id"] != row.unit_id) & (away <= metres)
        if other.any():
            near = rows[other.to_numpy()]
            found[row.source_id] = (len(near), near["unit_id"].nunique(), set(kinds[other]), float(away[other].min()))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_neighbours_are_those_of_a_double_loop(seed: int) -> None:
    frame = many(seed)
    found = compound_risks(frame, metres=250).near.set_index("source_id")
    expected = by_hand(frame, 250)
    # The sphere and the ellipsoid differ by up to three per mille: a pair at the very limit may be on either side.
    less, more = by_hand(frame, 248), by_hand(frame, 252)
    sure = {name for name in expected if less.get(name) == more.get(name)}
    assert len(sure) > 40 and set(found.index) >= sure
    labels = {name: kind["label"] for name, kind in settings()["kinds"].items()}
    for name in sure:
        row, (number, units, kinds, away) = found.loc[name], expected[name]
        assert (row["n_near"], row["n_units_near"], row["n_kinds_near"]) == (number, units, len(kinds))
        assert set(row["kinds_zh"].split("、")) == {labels[kind] for kind in kinds}
        assert row["nearest_metres"] == pytest.approx(away, rel=0.004, abs=1e-3)


def test_only_other_kinds_of_other_units_count() -> None:
    frame = sources(
        ("A", 0, 0, "08", "major"), ("A", 0, 0, "X1", "major"),  # one unit
        ("B", 100, 0, "08", "considerable"),  # the kind of A's first, another kind than A's second
        ("C", 2000, 0, "08", "major"), ("D", 2050, 0, "08", "major"),  # two units, one kind
        ("E", 5000, 0, "08", "major"), ("F", 5050, 0, "X1", "general"),  # not serious
        ("G", 9000, 0, "08", "major"), ("H", 9310, 0, "X1", "major"),  # too far
    )  # fmt: skip
    found = compound_risks(frame)
    assert found.near["source_id"].tolist() == ["R001", "R002"]
    assert found.near["nearest_source_id"].tolist() == ["R002", "R001"]
    assert found.near["nearest_metres"].to_numpy() == pytest.approx([100, 100], rel=0.005)
    assert found.areas[["n_sources", "n_major", "n_units", "n_kinds"]].to_numpy().tolist() == [[3, 2, 2, 2]]
    assert found.counts["compound"] == 2 and found.counts["serious"] == 8


def test_unknown_levels_are_counted_beside_and_never_low() -> None:
    frame = sources(
        ("A", 0, 0, "08", "major"), ("B", 50, 0, "X1", "major"),
        ("C", 60, 0, "17", "pending"), ("D", 70, 0, "17", "insufficient"), ("E", 80, 0, "17", None),
        ("F", 90, 0, "17", "low"), ("G", 90, 0, "20", "major"),
    )  # fmt: skip
    found = compound_risks(frame)
    assert found.areas["n_unknown"].tolist() == [3]
    assert found.counts["unknown"] == 3 and found.counts["serious_of_no_kind"] == 1
    # A unit whose only known level is low, with one unknown, is neither marked nor unmarked.
    assert found.counts["units_tested"] == 4, "A, B, F, G"


def test_sources_without_a_place_are_counted() -> None:
    frame = sources(("A", 0, 0, "08", "major"), ("B", 50, 0, "X1", "major"), ("C", 0, 0, "X1", "major"))
    frame.loc[2, "lon"] = np.nan
    found = compound_risks(frame)
    assert (found.counts["read"], found.counts["located"], found.counts["not_located"]) == (3, 2, 1)
    assert len(found.near) == 2


def test_areas_do_not_grow_together_in_chains() -> None:
    """A row of sources 200 m apart over 10 km: no area is larger than its circle, each source is in one at most."""
    frame = sources(*[(f"U{at}", 200 * at, 0, ("08", "X1")[at % 2], "major") for at in range(50)])
    found = compound_risks(frame, metres=300)
    assert len(found.near) == 50
    assert found.areas["n_sources"].max() <= 3
    assert found.areas["area"].tolist() == list(range(1, len(found.areas) + 1))
    assert found.near["area"].dropna().value_counts().to_dict() == dict(
        zip(found.areas["area"], found.areas["n_sources"], strict=True)
    )


def test_cells_have_two_kinds_of_two_units() -> None:
    import h3

    frame = many(5)
    found = compound_risks(frame).cells
    serious = frame[frame["level"].isin(["major", "considerable"]) & frame["accident_class"].isin(KIND_OF)]
    cell = [h3.latlng_to_cell(lat, lon, 9) for lat, lon in zip(serious["lat"], serious["lon"], strict=True)]
    groups = serious.assign(kind=serious["accident_class"].map(KIND_OF)).groupby(np.array(cell))
    expected = {
        name: (len(part), part["unit_id"].nunique(), part["kind"].nunique(), int((part["level"] == "major").sum()))
        for name, part in groups
        if part["kind"].nunique() >= 2 and part["unit_id"].nunique() >= 2
    }
    columns = ["n_sources", "n_units", "n_kinds", "n_major"]
    assert len(expected) > 5
    assert {row["cell"]: tuple(row[columns]) for _, row in found.iterrows()} == expected


def same(first: Compound, second: Compound) -> None:
    for name in ("near", "areas", "cells", "spots", "hot_areas"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    assert first.counts == second.counts


@hypothesis_settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 1000))
def test_order_of_rows_does_not_matter(seed: int, order: int) -> None:
    frame = many(seed, 150)
    same(compound_risks(frame), compound_risks(frame.sample(frac=1, random_state=order)))


def test_blocks_give_what_one_go_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = many(7)
    whole = compound_risks(frame)
    monkeypatch.setattr("kit.inventory.compound._PAIRS", 50)
    same(whole, compound_risks(frame))


def test_a_planted_cluster_is_a_hot_area_with_its_kinds() -> None:
    random = np.random.default_rng(1)
    rows = [(f"U{at}", *random.uniform(-15_000, 15_000, 2), "08", "low") for at in range(1500)]
    rows += [(f"V{at}", *random.uniform(-400, 400, 2), ("08", "17", "X1")[at % 3], "major") for at in range(60)]
    found = compound_risks(sources(*rows))
    assert len(found.hot_areas) == 1
    area = found.hot_areas.iloc[0]
    assert area["n_kinds"] == 3 and area["n_sources"] >= 50 and area["q"] < 1e-6
    assert abs(area["lon"] - 116.4) < 0.005 and abs(area["lat"] - 39.9) < 0.005


def test_nothing_in_nothing_out() -> None:
    empty = sources(("A", 0, 0, "08", "major")).iloc[:0]
    found = compound_risks(empty)
    assert all(getattr(found, name).empty for name in ("near", "areas", "cells", "spots", "hot_areas"))
    assert set(found.counts.values()) == {0}
    alone = compound_risks(sources(("A", 0, 0, "08", "major")))
    assert alone.near.empty and alone.areas.empty and alone.counts["serious"] == 1


def test_every_accident_class_is_of_one_kind_or_knowingly_of_none() -> None:
    classes = [code for kind in settings()["kinds"].values() for code in kind["classes"]]
    assert len(classes) == len(set(classes))
    assert set(load_codes("accident_classes")["code"]) - set(classes) == {"20"}
    assert set(classes) <= set(load_codes("accident_classes")["code"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metres": 0}, "distance 0 m"),
        ({"metres": float("nan")}, "distance nan m"),
        ({"resolution": -1}, "resolution -1"),
        ({"hot_spot_resolution": 99}, "resolution 99"),
        ({"rate": 0.0}, "rate 0"),
    ],
)
def test_wrong_use(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(KitError, match=words):
        compound_risks(sources(("A", 0, 0, "08", "major")), **changes)


def test_wrong_frames() -> None:
    frame = sources(("A", 0, 0, "08", "major"), ("B", 0, 0, "X1", "major"))
    with pytest.raises(KitError, match="no column level"):
        compound_risks(frame.drop(columns="level"))
    with pytest.raises(KitError, match=r"null or stand twice \(R000\)"):
        compound_risks(frame.assign(source_id="R000"))
