"""Levels rolled up: 数据不足 never becomes a low risk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

from kit.errors import KitError, ProblemsError
from kit.scoring import rollup, score, unit_levels
from kit.standard import read_scales
from tests.scoring.tiny import records, tiny

SOURCES = [
    ("A", "low", 1.0), ("A", "major", 3.0),
    ("B", None, 1.0),
    ("C", "low", 9.0), ("C", "pending", 1.0),
    ("D", "general", 99.0), ("D", "insufficient", 1.0),
    ("E", "low", 2.0), ("E", "low", 1.0),
    ("F", "major", 1.0), ("F", None, 50.0),
]  # fmt: skip
TABLE = pl.DataFrame(SOURCES, schema=["unit", "level", "people"], orient="row")
MAKE: dict[str, Any] = {
    "pandas": lambda: pd.DataFrame(SOURCES, columns=["unit", "level", "people"]),
    "pandas_object": lambda: pd.DataFrame(SOURCES, columns=["unit", "level", "people"], dtype=object).astype(
        {"people": "float64"}
    ),
    "polars": lambda: TABLE,
    "polars_lazy": TABLE.lazy,
    "pyarrow": TABLE.to_arrow,
    "duckdb": lambda: duckdb.connect().from_arrow(TABLE.to_arrow()),
}


def rolled(make: str, **options: Any) -> dict[str, dict[str, Any]]:
    frame = rollup(MAKE[make](), "unit", **options)
    rows = frame.pl().to_dicts() if make == "duckdb" else records(frame)
    return {row.pop("unit"): row for row in rows}


@pytest.mark.parametrize("make", MAKE)
def test_the_highest(make: str) -> None:
    got = rolled(make)
    assert {unit: row["level"] for unit, row in got.items()} == {
        "A": "major", "B": "insufficient", "C": "insufficient", "D": "general", "E": "low", "F": "major",
    }  # fmt: skip
    assert {unit for unit, row in got.items() if row["at_least"]} == {"B", "C", "D"}, "nothing is worse than F"
    assert got["A"] == {
        "n": 2, "n_low": 1, "n_general": 0, "n_considerable": 0, "n_major": 1, "n_insufficient": 0, "level": "major",
        "at_least": False,
    }  # fmt: skip


@pytest.mark.parametrize("make", MAKE)
def test_shares_by_weight(make: str) -> None:
    """A: (1*0 + 3*3) / 4 = 2.25. C, D: one in ten, one in a hundred at the worst changes nothing. F: 50 of 51 do."""
    got = rolled(make, how="share_weighted", weight="people")
    assert {unit: row["level"] for unit, row in got.items()} == {
        "A": "considerable", "B": "insufficient", "C": "low", "D": "general", "E": "low", "F": "insufficient",
    }  # fmt: skip
    assert got["B"]["at_least"] and not got["C"]["at_least"]
    alike = rolled(make, how="share_weighted")
    assert alike["A"]["level"] == "considerable", "1.5 is rounded half up"
    assert alike["C"]["level"] == "insufficient", "half of the rows may be anything"


@pytest.mark.parametrize("make", MAKE)
def test_counts(make: str) -> None:
    got = rolled(make, how="count")
    assert got["D"] == {"n": 2, "n_low": 0, "n_general": 1, "n_considerable": 0, "n_major": 0, "n_insufficient": 1}
    assert sum(row["n"] for row in got.values()) == len(SOURCES)


@pytest.mark.parametrize("how", ["highest", "share_weighted"])
def test_insufficient_data_is_never_the_mildest_by_default(how: str) -> None:
    levels = ["low", "general", "considerable", "major"]
    for known in [[], ["low"], ["low", "low"], *[[level] for level in levels]]:
        frame = pd.DataFrame({"unit": "A", "level": [*known, None]})
        assert rollup(frame, "unit", how)["level"].iloc[0] != "low"


def test_a_row_without_a_weight_counts_as_unknown() -> None:
    frame = pd.DataFrame({"unit": ["A", "A", "B"], "level": "low", "people": [5.0, None, 0.0]})
    got = rollup(frame, "unit", "share_weighted", weight="people").set_index("unit")
    assert got["level"].to_dict() == {"A": "insufficient", "B": "insufficient"}


def test_a_scale_whose_worst_level_is_the_first() -> None:
    frame = pd.DataFrame({"unit": ["A", "A", "B", "B"], "level": ["poor", "excellent", "excellent", None]})
    got = rollup(frame, "unit", scale=read_scales()["capability"]).set_index("unit")
    assert got["level"].to_dict() == {"A": "poor", "B": "insufficient"}
    assert got.columns.tolist()[1:5] == ["n_poor", "n_fair", "n_good", "n_excellent"]


def test_several_columns_and_units_of_units() -> None:
    frame = pd.DataFrame(
        {"district": ["x", "x", "y"], "unit": ["A", "B", "C"], "level": ["low", "major", "insufficient"]}
    )
    units = rollup(frame, ["district", "unit"])
    districts = rollup(units[["district", "unit", "level"]], "district").set_index("district")
    assert districts["level"].to_dict() == {"x": "major", "y": "insufficient"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "units"}, "no column 'units'.*did you mean unit"),
        ({"by": []}, "by names no column"),
        ({"by": "unit", "how": "worst"}, "no way 'worst'"),
        ({"by": "unit", "weight": "level"}, "the weight 'level' holds .*, not numbers"),
        ({"by": "unit", "level": "colour"}, "holds 'red', no level of the scale 风险等级"),
        ({"by": "unit", "how": "share_weighted", "weight": "debt"}, "the weight 'debt' is -1 in some row"),
    ],
)
def test_mistakes(options: dict[str, Any], message: str) -> None:
    frame = pd.DataFrame({"unit": ["A"], "level": ["low"], "colour": ["red"], "debt": [-1.0]})
    with pytest.raises(KitError, match=message):
        rollup(frame, **options)


def test_as_the_standard_declares(tmp_path: Path) -> None:
    body = "scores:\n  s: {formula: x}\nrollup: {how: share_weighted, weight: n}\n"
    standard = tiny(tmp_path, body)
    frame = pd.DataFrame({"unit_id": ["A", "A", "B"], "x": [1.0, 4.0, 2.5], "n": [1.0, 3.0, 1.0]})
    found = unit_levels(standard, score(standard, frame)).sort_values("unit_id")
    # A: (1 * 0 + 3 * 3) / 4 = 2.25, so the third of the four levels; B: general.
    assert found["level"].tolist() == ["considerable", "general"]
    plain = tiny(tmp_path, "scores:\n  s: {formula: x}\n")
    assert unit_levels(plain, score(plain, frame)).sort_values("unit_id")["level"].tolist() == ["major", "general"]


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("{how: share_weighted, weight: m}", "no field 'm'"),
        ("{weight: n}", "the highest level needs no weight"),
        ("{how: share_weighted, weight: k}", "must be a number from 0 on"),
        ("{how: average}", "'average' is not allowed; allowed: highest, share_weighted"),
    ],
)
def test_mistakes_in_a_declared_roll_up(tmp_path: Path, declared: str, words: str) -> None:
    with pytest.raises(ProblemsError, match=words):
        tiny(tmp_path, f"scores:\n  s: {{formula: x}}\nrollup: {declared}\n")
