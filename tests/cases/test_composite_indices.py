"""Composite indices written in the language, against the same formulas in plain Python on made values."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from scipy.stats import rankdata

from kit.checking import check_standard, coverage, prove
from kit.scoring import explain, score
from kit.standard import Standard, load_standard

HERE = Path(__file__).parent
Row = dict[str, float | None]


def rounded(value: float, digits: int = 1) -> float:
    nine = Decimal(repr(value)).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    return float(nine.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


# -- gender inequality -------------------------------------------------------------------------------------


def gii_of(row: dict[str, float]) -> float:
    seats = max(row["seats_f"], 0.1) / 100
    health = math.sqrt(10 / min(max(row["mmr"], 10), 1000) / row["abr"])
    power_f = math.sqrt(seats * row["school_f"] / 100)
    power_m = math.sqrt((1 - seats) * row["school_m"] / 100)
    work_f, work_m = row["labour_f"] / 100, row["labour_m"] / 100
    female, male = (health * power_f * work_f) ** (1 / 3), (power_m * work_m) ** (1 / 3)
    harmonic = 2 / (1 / female + 1 / male)
    equal = ((health + 1) / 2 * (power_f + power_m) / 2 * (work_f + work_m) / 2) ** (1 / 3)
    return rounded(1 - harmonic / equal, 3)


def gii_rows(count: int = 60) -> list[dict[str, float]]:
    draw = random.Random(20191231)
    rows = [
        {
            "mmr": draw.choice([3.0, 10.0, 70.0, 640.0, 1500.0]), "abr": round(draw.uniform(1, 180), 1),
            "seats_f": draw.choice([0.0, 12.5, 47.3]), "school_f": round(draw.uniform(5, 100), 1),
            "school_m": round(draw.uniform(5, 100), 1), "labour_f": round(draw.uniform(10, 80), 1),
            "labour_m": round(draw.uniform(40, 90), 1),
        }
        for _ in range(count)
    ]  # fmt: skip
    return [*rows, rows[0]]  # one tie


def test_gender_inequality_index() -> None:
    standard = load_standard(HERE / "gii")
    rows = gii_rows()
    found = score(standard, pd.DataFrame(rows))
    wanted = [gii_of(row) for row in rows]
    assert found["gii"].tolist() == wanted
    assert found["place"].tolist() == rankdata(wanted, method="min").tolist()
    assert found["level"].isna().all() and found["reason"].isna().all(), "no class is no fault"


# -- the risk index ----------------------------------------------------------------------------------------


def share(value: float | None, low: float, high: float) -> float | None:
    return None if value is None else min(max((value - low) / (high - low), 0.0), 1.0) * 10


def mean(values: list[tuple[float, float | None]], least: float) -> float | None:
    known = [(weight, value) for weight, value in values if value is not None]
    if len(known) < least or not known:
        return None
    return rounded(sum(weight * value for weight, value in known) / sum(weight for weight, _ in known))


def natural(row: Row) -> float | None:
    if row["quake"] is None or row["flood"] is None:
        return None
    turned = [
        10 - 9 * min(max(math.log(people / 1000) / math.log(10_000), 0.0), 1.0)
        for people in (row["quake"], row["flood"])
    ]
    return rounded((10 - math.sqrt(turned[0] * turned[1])) / 9 * 10)


def turned(value: float | None) -> float | None:
    return None if value is None else 10 - value


def index_of(row: Row) -> float | None:
    parts = natural(row), row["conflict"]
    hazard = None if None in parts else rounded(max(rounded(part) for part in parts if part is not None))
    economic = mean(
        [(0.5, share(row["poverty"], 0, 60)), (0.25, share(row["gini"], 25, 65)), (0.25, share(row["aid"], 0, 15))], 1.8
    )
    groups = share(row["displaced"], 0, 10)
    vulnerability = None
    if economic is not None and groups is not None:
        vulnerability = rounded((economic + rounded(groups)) / 2)
    ruling = None if row["governance"] is None else rounded((2.5 - row["governance"]) / 5 * 10)
    built = mean([(1, turned(share(row["phones"], 5, 190))), (1, turned(share(row["doctors"], 0, 40)))], 1)
    capacity = None if ruling is None else rounded(ruling if built is None else (ruling + built) / 2)
    if hazard is None or vulnerability is None or capacity is None:
        return None
    return rounded((hazard * vulnerability * capacity) ** (1 / 3))


def index_rows(count: int = 150) -> list[Row]:
    draw = random.Random(20200630)

    def some(low: float, high: float, missing: float, digits: int = 1) -> float | None:
        return None if draw.random() < missing else round(draw.uniform(low, high), digits)

    return [
        {
            "quake": round(10 ** draw.uniform(0, 8)), "flood": round(10 ** draw.uniform(2, 8)) or None,
            "conflict": some(0, 10, 0.03), "poverty": some(0, 100, 0.3), "gini": some(20, 70, 0.3),
            "aid": some(0, 60, 0.3), "displaced": some(0, 30, 0.03), "governance": some(-2.5, 2.5, 0.03, 2),
            "phones": some(0, 250, 0.4), "doctors": some(0, 100, 0.4),
        }
        for _ in range(count)
    ]  # fmt: skip


def frames() -> list[tuple[str, Callable[[pd.DataFrame], Any], Callable[[Any], pd.DataFrame]]]:
    def duck(frame: pd.DataFrame) -> Any:
        connection = duckdb.connect()
        connection.register("given", pl.from_pandas(frame.reset_index()).to_arrow())
        return connection.sql("select * from given")

    return [
        ("pandas", lambda frame: frame, lambda frame: frame),
        ("polars", pl.from_pandas, lambda frame: pd.DataFrame(frame.to_dicts())),
        ("duckdb", duck, lambda relation: relation.order("index").df()),
    ]


@pytest.mark.parametrize(("engine", "give", "take"), frames())
def test_risk_index(engine: str, give: Any, take: Any) -> None:
    standard = load_standard(HERE / "inform")
    rows = index_rows()
    found = take(score(standard, give(pd.DataFrame(rows, dtype="float64"))))
    wanted = [index_of(row) for row in rows]
    got = [None if value is None or value != value else value for value in found["risk"].tolist()]
    assert got == wanted, engine
    known = [value for value in wanted if value is not None]
    assert 60 < len(known) < 150, "rows with and without an index"
    places = [value for value in found["place"].tolist() if value == value and value is not None]
    assert places == rankdata([-value for value in known], method="average").tolist()
    mid = [(sum(v < x for v in known) + sum(v <= x for v in known)) / 2 / len(known) * 100 for x in known]
    percentiles = [value for value in found["percentile"].tolist() if value == value and value is not None]
    assert percentiles == [rounded(value) for value in mid]


def test_too_few_indicators_are_told() -> None:
    standard = load_standard(HERE / "inform")
    row = dict.fromkeys(standard.fields, 1.0) | {"quake": 5000.0, "flood": 5000.0, "gini": None, "aid": None}
    found = score(standard, pd.DataFrame([row], dtype="float64")).iloc[0]
    assert pd.isna(found["vulnerability.economic"]) and pd.isna(found["level"])
    assert found["reason"] == "too_few:vulnerability.economic"
    told = explain(standard, pd.DataFrame([row], dtype="float64"), 0)
    assert told.reason_zh == "vulnerability.economic可用的指标太少"
    both = row | {"gini": 30.0}
    assert score(standard, pd.DataFrame([both], dtype="float64")).iloc[0]["vulnerability.economic"] == 0.5


@pytest.mark.parametrize("name", ["gii", "inform"])
def test_indices_are_checked_proved_and_explained(name: str) -> None:
    standard = load_standard(HERE / name)
    assert [one.text() for one in check_standard(standard) if one.severity == "error"] == []
    words = {proof.outcome.word for proof in prove(standard, timeout_s=2).proofs}
    assert "counter_example" not in words
    rows = gii_rows() if name == "gii" else index_rows()
    frame = pd.DataFrame(rows, dtype="float64")
    assert coverage(standard, frame).to_json()
    told = explain(standard, frame, 3)
    assert {score.path for score in told.scores} == set(standard.document.scores)
    assert isinstance(standard, Standard)
