"""Totals over child rows: a sum over some of the rows would be too low, so it is all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from kit.errors import KitError, ProblemsError
from kit.scoring import score
from kit.standard import Standard, load_standard
from tests.scoring.tiny import HEAD, Engine, records, tiny

BODY = """\
children:
  tanks:
    label: {zh: 储罐}
    key: plant
    fields:
      q: {label: {zh: 量}, type: number, range: [0, 100], required: true}
      r: {label: {zh: 系数}, type: number}
    totals:
      load: {label: {zh: 总量}, sum: q}
      product: {label: {zh: 总积}, sum: q * r}
scores:
  s: {formula: load}
"""
PLANTS = ["full", "none", "gap", "wrong", "tens", "half"]
TANKS: list[tuple[str, float | None, float | None]] = [
    ("tens", 0.1, 1),
    ("full", 1, 1),
    ("gap", 1, 1),
    ("half", 2, None),
    ("wrong", 1, 1),
    ("full", 2, 3),
    ("gap", None, 1),
    ("wrong", 101, 1),
    ("tens", 0.2, 1),
    ("half", 1, 1),
    ("stranger", 50, 1),
]


def _frames(kind: str, plants: list[Any], tanks: list[tuple[Any, ...]]) -> tuple[Any, Any]:
    import duckdb

    parents = pl.DataFrame({"plant": plants})
    rows = pl.DataFrame(tanks, schema={"plant": parents["plant"].dtype, "q": pl.Float64, "r": pl.Float64}, orient="row")
    if kind == "pandas":
        return parents.to_pandas(), rows.to_pandas()
    if kind == "polars_lazy":
        return parents.lazy(), rows.lazy()
    if kind == "pyarrow":
        return parents.to_arrow(), rows.to_arrow()
    if kind == "duckdb":
        connection = duckdb.connect()
        connection.register("parents", parents.with_row_index("row").to_arrow())
        connection.register("tanks", rows.to_arrow())
        return connection.sql("from parents"), connection.sql("from tanks")
    return parents, rows


def _scored(
    engine: Engine, standard: Standard, plants: list[Any], tanks: list[tuple[Any, ...]]
) -> list[dict[str, Any]]:
    parents, rows = _frames(engine.name, plants, tanks)
    return records(score(standard, parents, children={"tanks": rows}))


def test_totals(tmp_path: Path, engine: Engine) -> None:
    got = _scored(engine, tiny(tmp_path, BODY), PLANTS, TANKS)
    assert [row["plant"] for row in got] == PLANTS, "the order of the rows is kept"
    assert [row["s"] for row in got] == [3, None, None, None, 0.3, 3]
    reasons = [row["reason"] for row in got]
    assert reasons[1:4] == ["child_none:tanks", "child_fault:tanks", "child_fault:tanks"]
    assert reasons[0] is None and got[0]["level"] == "considerable"
    assert got[5]["level"] == "considerable", "the other total is not needed for the level"


def test_a_total_that_cannot_be_computed(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, BODY.replace("formula: load", "formula: product"))
    got = _scored(engine, standard, ["full", "half"], TANKS)
    assert [(row["s"], row["level"]) for row in got] == [(7, "major"), (None, None)]
    assert got[1]["reason"] == "not_computable:product"


def test_an_unknown_key_of_a_lookup_table(engine: Engine) -> None:
    import duckdb

    standard = load_standard("gb18218")
    parents = pd.DataFrame({"installation_id": ["a", "b"], "residents_500m": [60, 60], "row": [0, 1]})
    rows = pd.DataFrame(
        {"installation_id": ["a", "b", "b"], "cas": ["7446-09-5", "7446-09-5", "nonsense"], "q": [200.0, 200, 1]}
    )
    make: dict[str, Any] = {
        "pandas": lambda frame: frame,
        "polars": pl.from_pandas,
        "polars_lazy": lambda frame: pl.from_pandas(frame).lazy(),
        "duckdb": duckdb.from_df,
        "pyarrow": lambda frame: pl.from_pandas(frame).to_arrow(),
    }
    convert = make[engine.name]
    got = records(score(standard, convert(parents), children={"substances": convert(rows)}))
    assert [(row["R"], row["level"], row["reason"]) for row in got] == [
        (30, "grade_3", None),
        (None, None, "child_fault:substances"),
    ]


@pytest.fixture
def standard(tmp_path: Path) -> Standard:
    return tiny(tmp_path, BODY)


def _children(**columns: Any) -> dict[str, pd.DataFrame]:
    return {"tanks": pd.DataFrame({"plant": ["a"], "q": [3.0], "r": [1.0]} | columns)}


def test_whole_number_keys_stay_exact(standard: Standard) -> None:
    """As doubles both keys would be the same."""
    plants = pd.DataFrame({"plant": [2**53, 2**53 + 1]})
    rows = pd.DataFrame({"plant": [2**53, 2**53 + 1], "q": [1.0, 3.0], "r": [1.0, 1.0]})
    assert score(standard, plants, children={"tanks": rows})["s"].tolist() == [1, 3]


def test_whole_number_and_double_keys_meet(standard: Standard) -> None:
    plants = pd.DataFrame({"plant": [1.0, None]})
    assert score(standard, plants, children=_children(plant=[1]))["level"].tolist()[0] == "considerable"


def test_null_keys_never_meet(standard: Standard) -> None:
    scored = score(standard, pd.DataFrame({"plant": [None, "a"]}), children=_children(plant=[None]))
    assert scored["reason"].tolist() == ["child_none:tanks"] * 2


def test_no_child_rows_at_all(standard: Standard) -> None:
    none = {"tanks": _children()["tanks"].iloc[:0]}
    assert score(standard, pd.DataFrame({"plant": ["a"]}), children=none)["reason"].tolist() == ["child_none:tanks"]


@pytest.mark.parametrize(
    ("plants", "children", "words"),
    [
        (pd.DataFrame({"plant": ["a"]}), None, "given: none"),
        (pd.DataFrame({"plant": ["a"]}), {"tnaks": _children()["tanks"]}, "tnaks"),
        (pd.DataFrame({"plant": ["a"]}), {"tanks": [1]}, "a list is no table"),
        (pd.DataFrame({"plnt": ["a"]}), _children(), "the table has no column 'plant'"),
        (pd.DataFrame({"plant": ["a"]}), {"tanks": pd.DataFrame({"q": [1.0]})}, "have no column 'plant'"),
        (pd.DataFrame({"plant": [1]}), _children(), "holds numbers in the table and text in the child rows"),
        (pd.DataFrame({"plant": ["a"]}), {"tanks": pd.DataFrame({"plant": ["a"]})}, "no column 'q'"),
        (pd.DataFrame({"plant": ["a"]}), _children(q=["three"]), "column 'q'"),
        (
            pd.DataFrame({"plant": ["a"]}),
            {"tanks": pd.concat([_children()["tanks"], _children()["tanks"][["q"]]], axis=1)},
            "q stand more than once",
        ),
    ],
)
def test_wrong_use(standard: Standard, plants: pd.DataFrame, children: Any, words: str) -> None:
    with pytest.raises(KitError, match=words):
        score(standard, plants, children=children)


def test_doubled_and_odd_names_of_totals_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="already the name of a field"):
        tiny(tmp_path, BODY.replace("load:", "x:").replace("formula: load", "formula: x"), head=HEAD)


def test_the_highest_and_the_lowest_of_the_rows(tmp_path: Path, engine: Engine) -> None:
    body = (
        BODY.replace("sum: q}", "max: q}")
        .replace("sum: q * r}", "min: q * r}")
        .replace("load}", "load + 10 * product}")
    )
    body = body.replace("      product:", '      count: {label: {zh: 行数}, sum: "1"}\n      product:')
    got = _scored(engine, tiny(tmp_path, body), PLANTS, TANKS)
    # full: max(1, 2) + 10 min(1, 6); tens: 0.2 + 10 * 0.1; half: a row without r has no product.
    assert [row["s"] for row in got] == [12, None, None, None, 1.2, None]
    assert got[5]["reason"] == "not_computable:product" and got[2]["reason"] == "child_fault:tanks"


@pytest.mark.parametrize(
    "total", ["{label: {zh: 量}, sum: q, max: q}", "{label: {zh: 量}}"], ids=["two figures", "no figure"]
)
def test_a_total_is_one_figure(tmp_path: Path, total: str) -> None:
    with pytest.raises(ProblemsError, match="exactly one of sum:, max:, min:"):
        tiny(tmp_path, BODY.replace("{label: {zh: 总量}, sum: q}", total))


@pytest.mark.parametrize(("how", "word"), [("max", "proved"), ("min", "proved")])
def test_proofs_over_the_highest_of_any_number_of_rows(tmp_path: Path, how: str, word: str) -> None:
    from kit.checking import prove

    body = BODY.replace("type: number, range: [0, 100]", "type: number, range: [0, 100], worse: higher")
    standard = tiny(tmp_path, body.replace("sum: q}", f"{how}: q}}"))
    report = prove(standard)
    assert [proof.outcome.word for proof in report.of("monotone", "tanks.q")] == [word]
    assert report.of("total")[0].outcome.word == "proved"
