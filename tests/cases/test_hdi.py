"""A published composite index written in the language; figures by hand, one line as printed. Source in its README."""

from __future__ import annotations

import math
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from kit.standard import Standard, load_standard

FOLDER = Path(__file__).parent / "hdi"
NODES = {"health": "hdi.health", "education": "hdi.education", "living": "hdi.living"}


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(FOLDER, common=FOLDER / "common")


@pytest.fixture(scope="module")
def case() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "case.csv")


def scored(standard: Standard, case: pd.DataFrame, engine: str) -> pd.DataFrame:
    from kit.scoring import score

    given = case[["name", *standard.fields]]
    if engine == "pandas":
        return score(standard, given)
    if engine == "polars":
        return pd.DataFrame(score(standard, pl.from_pandas(given)).to_dicts())
    connection = duckdb.connect()
    connection.register("given", pl.from_pandas(given.reset_index()).to_arrow())
    return score(standard, connection.sql("select * from given")).order("index").df()


def test_figures_of_the_index(standard: Standard, case: pd.DataFrame) -> None:
    found = scored(standard, case, "pandas")
    for name, node in NODES.items():
        assert found[node].round(4).tolist() == case[name].tolist(), name
    assert found["hdi"].tolist() == case["hdi"].tolist(), "rounded to three decimals, as printed"
    assert found["place"].tolist() == case["place"].tolist()
    assert found["level"].tolist() == case["level"].tolist()


def test_every_engine_gives_the_same_doubles(standard: Standard, case: pd.DataFrame) -> None:
    names = [*NODES.values(), "hdi", "place", "level"]
    plain = scored(standard, case, "pandas")[names]
    for engine in ("polars", "duckdb"):
        pd.testing.assert_frame_equal(scored(standard, case, engine)[names], plain, check_dtype=False, rtol=0, atol=0)


def test_against_the_formula(standard: Standard) -> None:
    """The same formula in Python, on a grid inside and outside the goalposts."""
    rows = [
        {"life": life, "expected_schooling": years, "mean_schooling": years / 2, "income": income}
        for life in (15.0, 33.3, 61.7, 84.9)
        for years in (0.0, 4.4, 17.9, 25.0)
        for income in (50.0, 101.0, 7777.7, 80000.0)
    ]
    got = standard_index(standard, rows)
    for row, found in zip(rows, got, strict=True):
        shares = [
            (row["life"] - 20) / 65,
            (min(row["expected_schooling"] / 18, 1) + min(row["mean_schooling"] / 15, 1)) / 2,
            math.log(row["income"] / 100) / math.log(750),
        ]
        bounded = [min(max(share, 0.0), 1.0) for share in shares]
        assert found == pytest.approx(math.prod(bounded) ** (1 / 3), abs=0.00051)


def standard_index(standard: Standard, rows: list[dict[str, float]]) -> list[float]:
    from kit.scoring import score

    values: list[float] = score(standard, pd.DataFrame(rows))["hdi"].tolist()
    return values


def test_a_missing_dimension_is_no_index(standard: Standard) -> None:
    from kit.scoring import score

    row = {"life": 70.0, "expected_schooling": None, "mean_schooling": 10.0, "income": 5000.0}
    found = score(standard, pd.DataFrame([row]).astype("float64")).iloc[0]
    assert pd.isna(found["hdi"]) and pd.isna(found["level"]) and found["reason"] == "missing:expected_schooling"
