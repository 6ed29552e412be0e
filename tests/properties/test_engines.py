"""One standard on pandas, Polars, DuckDB and a plain-Python oracle: the same scores and levels, to the last bit."""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from kit.scoring import score
from kit.standard import Standard, load_standard
from kit.standard.beside import CHECKLIST_COLUMNS
from tests.scoring.oracle import Oracle

CUTS = [0.0, 0.1, 0.3, 0.5, 1.0, 2.5, 3.0, 7.0]
EDGES = [0.1 + 0.2, 0.3 - 1e-10, 0.3 + 4e-10, 0.3 + 6e-10, 2.5 - 1e-9, math.nextafter(1.0, 0), math.nextafter(3.0, 9)]
SPECIAL = [None, float("nan"), float("inf"), -float("inf"), -1.0, 11.0, 1e308]
LEVELS = ["low", "general", "considerable", "major"]

numbers = st.one_of(
    st.sampled_from(CUTS + EDGES), st.floats(0, 10), st.integers(0, 40).map(lambda n: n / 4), st.sampled_from(SPECIAL)
)
counts = st.one_of(
    st.integers(0, 6).map(float), st.sampled_from([None, float("nan"), 2.5, 1.0 + 1e-12, 99.0, float("inf")])
)
truths = st.sampled_from([True, False, None])
kinds = st.sampled_from(["a", "b", "c", "z", None])
items = st.sampled_from(["i1", "i2", "i3", "other", None])
rows = st.fixed_dictionaries(
    {"x": numbers, "y": numbers, "n": counts, "b": truths, "k": kinds, "checklist_item": items}
)

conditions = st.sampled_from(
    [
        "b",
        "not b",
        "x >= 0.3",
        "k == 'a'",
        "k in ['a', 'b']",
        "b or x > 2.5",
        "b and n >= 2",
        "ratio >= 0.5",
        "not (x < y)",
    ]
)
policies = st.one_of(st.sampled_from(["error", "error", "worst", "best", "skip"]), st.just({"value": 3}))


@st.composite
def leaves(draw: st.DrawFn) -> dict[str, Any]:
    form = draw(st.sampled_from(["bands", "bands", "ratio", "map_k", "map_b"]))
    if form in ("bands", "ratio"):
        at = sorted(draw(st.sets(st.sampled_from(CUTS), min_size=1, max_size=4)))
        scores = [float(draw(st.integers(1, 5))) for _ in range(len(at) + 1)]
        of = "ratio" if form == "ratio" else draw(st.sampled_from(["x", "y", "n", "x + y", "x * 0.1"]))
        node: dict[str, Any] = {"bands": {"of": of, "at": at, "scores": scores}}
    elif form == "map_k":
        node = {"map": {"of": "k", "to": {"a": draw(st.integers(1, 5)), "b": 2, "c": 5}}}
    else:
        node = {"map": {"of": "b", "to": {True: draw(st.integers(1, 5)), False: 1}}}
    node["missing"] = draw(policies)
    if draw(st.booleans()):
        node["applies_when"] = draw(conditions)
    return node


@st.composite
def branches(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    kind = draw(st.sampled_from(["weighted_mean", "weighted_mean", "max", "min", "sum"]))
    children = {}
    for position in range(draw(st.integers(1, 3))):
        child = draw(branches(depth=depth - 1)) if depth > 1 and draw(st.booleans()) else draw(leaves())
        if kind == "weighted_mean":
            child["weight"] = draw(st.sampled_from([0.05, 0.1, 0.2, 0.3, 0.35, 1.0, 2.0]))
        children[f"c{position}"] = child
    node: dict[str, Any] = {kind: children}
    if draw(st.booleans()):
        count = st.builds(lambda least: {"count": least}, st.integers(1, len(children)))
        node["enough"] = draw(count | st.sampled_from([{"share": 0.5}, {"share": 0.6}, {"share": 1.0}]))
    if depth < 2 and draw(st.booleans()):
        node["missing"] = "skip"
    if draw(st.booleans()):
        node["round"] = {
            "digits": draw(st.integers(0, 2)),
            "mode": draw(st.sampled_from(["half_up", "half_even", "floor", "ceil"])),
        }
    return node


@st.composite
def overrides(draw: st.DrawFn, position: int) -> dict[str, Any]:
    key = draw(st.sampled_from(["at_least", "at_most", "set"]))
    return {
        "id": f"o{position}", "clause": f"6.{position}", "when": draw(conditions),
        key: draw(st.sampled_from(LEVELS)), "reason": {"zh": "理由"},
    }  # fmt: skip


@st.composite
def standards(draw: st.DrawFn) -> dict[str, Any]:
    likelihood = draw(branches())
    matrix = draw(st.booleans())
    if matrix:
        likelihood["round"] = {"digits": 0, "mode": draw(st.sampled_from(["half_up", "half_even", "floor", "ceil"]))}
    level: dict[str, Any] = (
        {"matrix": {"use": "ls_5x5", "likelihood": "likelihood", "severity": "severity"}}
        if matrix
        else {"cuts": {"of": "likelihood * severity", "at": [4, 9, 20], "levels": LEVELS}}
    )
    if draw(st.booleans()):
        level["only_when"] = {"formula": draw(conditions), "otherwise": "low"}
    field = {"label": {"zh": "值"}, "type": "number", "range": [0, 10]}
    return {
        "format": 1, "id": "made", "version": "0.0.1", "status": "draft", "provenance": "illustrative",
        "title": {"zh": "随机标准"}, "department": "commerce", "object": "risk_source",
        "fields": {
            "x": field, "y": field | {"range": [-1, 10]},
            "n": {"label": {"zh": "数"}, "type": "integer", "range": [0, 50]},
            "b": {"label": {"zh": "是否"}, "type": "boolean"},
            "k": {"label": {"zh": "类"}, "type": "category", "values": {"a": "甲", "b": "乙", "c": "丙"}},
        },
        "derived": {"ratio": {"formula": "x / n"}},
        "scores": {"likelihood": likelihood, "severity": {"max": {"s0": draw(leaves()), "s1": draw(leaves())}}},
        "level": level,
        "overrides": [draw(overrides(position)) for position in range(draw(st.integers(0, 3)))],
    }  # fmt: skip


CHECKLIST = (
    ",".join(CHECKLIST_COLUMNS)
    + "\n"
    + "i1,一,08,物,处,果,x;k,措施,,,\ni2,二,08,物,处,果,y;ratio,措施,,,\ni3,三,08,物,处,果,,措施,,,\n"
)


def build(text: dict[str, Any], folder: Path, with_items: bool) -> Standard:
    with (folder / "standard.yaml").open("w", encoding="utf-8") as handle:
        YAML().dump(text, handle)
    if with_items:
        (folder / "checklist.csv").write_text(CHECKLIST, encoding="utf-8")
    return load_standard(folder)


def frames(table: list[dict[str, Any]], with_items: bool) -> dict[str, Any]:
    columns = ["x", "y", "n", "b", "k"] + (["checklist_item"] if with_items else [])
    plain = {name: [row[name] for row in table] for name in columns}
    types = {
        "x": pl.Float64,
        "y": pl.Float64,
        "n": pl.Float64,
        "b": pl.Boolean,
        "k": pl.String,
        "checklist_item": pl.String,
    }
    polars = pl.DataFrame({name: pl.Series(name, plain[name], dtype=types[name]) for name in columns})
    pandas = pd.DataFrame(
        {name: pd.Series(plain[name], dtype="float64" if name in "xyn" else object) for name in columns}
    )
    connection = duckdb.connect()
    connection.register("given", polars.with_row_index("row").to_arrow())
    return {"pandas": pandas, "polars": polars, "duckdb": connection.sql("select * from given order by row")}


def results(standard: Standard, frame: Any) -> list[dict[str, Any]]:
    scored = score(standard, frame)
    if isinstance(scored, pd.DataFrame):
        records = scored.astype(object).where(scored.notna(), None).to_dict("records")
    elif isinstance(scored, pl.DataFrame):
        records = scored.to_dicts()
    else:
        records = scored.order("row").pl().to_dicts()
    wanted = [*standard.nodes, "level", "override", "reason", "level_before_overrides", "overrides_fired"]
    return [{name: record[name] for name in wanted} for record in records]


# Shrinking a random standard takes minutes; the failing example is printed whole.
quick = settings(
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MANY = int(os.environ.get("KIT_EXAMPLES", "0"))


@settings(quick, max_examples=MANY or 30)
@given(text=standards(), table=st.lists(rows, min_size=1, max_size=20), with_items=st.booleans())
def test_pandas_agrees_with_the_oracle(text: dict[str, Any], table: list[dict[str, Any]], with_items: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        standard = build(text, Path(folder), with_items)
    for row, got in zip(table, results(standard, frames(table, with_items)["pandas"]), strict=True):
        asked = row if with_items else {name: value for name, value in row.items() if name != "checklist_item"}
        oracle = Oracle(standard, asked)
        level, override, errors = oracle.level()
        assert {path: got[path] for path in standard.nodes} == {path: oracle.score(path) for path in standard.nodes}
        assert (got["level"], got["override"]) == (level, override)
        if level is None:
            assert got["reason"], "a row without a level says why"
            assert errors <= set(got["reason"].split(";"))
        else:
            assert got["reason"] is None


# DuckDB binds a random standard's query in seconds, so it gets fewer examples; KIT_EXAMPLES=200 asks for more.
@settings(quick, max_examples=MANY or 8)
@given(text=standards(), table=st.lists(rows, min_size=1, max_size=20), with_items=st.booleans())
def test_every_engine_gives_the_same(text: dict[str, Any], table: list[dict[str, Any]], with_items: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        standard = build(text, Path(folder), with_items)
    outcome = {engine: results(standard, frame) for engine, frame in frames(table, with_items).items()}
    assert outcome["pandas"] == outcome["polars"]
    assert outcome["polars"] == outcome["duckdb"]
    alone = [results(standard, frames([row], with_items)["polars"])[0] for row in table[:2]]
    assert alone == outcome["polars"][:2], "a row is scored alike whatever stands beside it"


@pytest.mark.parametrize("name", ["taxi", "catering", "hazardous_chemicals"])
def test_shipped_standards_on_random_rows(name: str) -> None:
    """The shipped standards, whose trees are larger than Hypothesis makes them, on seeded rows around every cut."""
    import numpy as np

    standard = load_standard(name)
    random = np.random.default_rng(20191231)
    size = 400
    columns: dict[str, Any] = {}
    for field, spec in standard.fields.items():
        if spec.numeric:
            low, high = spec.range or (0, 100)
            cuts = [
                cut
                for node in standard.nodes.values()
                if node.kind.key == "bands" and node.kind.of == field
                for cut in node.kind.at
            ]
            values = random.choice([*cuts, *[cut - 1e-10 for cut in cuts], low, high, np.nan, high + 1], size)
            values = np.where(
                random.random(size) < 0.4, np.minimum(low + random.exponential(max(cuts or [high]), size), high), values
            )
            columns[field] = np.floor(values) if spec.type == "integer" else values
        elif spec.type == "boolean":
            columns[field] = random.choice(np.array([True, False, None], dtype=object), size, p=[0.7, 0.28, 0.02])
        else:
            columns[field] = random.choice(np.array([*spec.values, None], dtype=object), size)  # type: ignore[misc]
    columns["checklist_item"] = random.choice(
        np.array([*[item.id for item in standard.checklist], None], dtype=object), size
    )
    polars = pl.DataFrame({name: pl.Series(list(values), strict=False) for name, values in columns.items()})
    answers = results(standard, polars)
    assert answers == results(standard, polars.to_pandas())
    for row, got in zip(polars.to_dicts(), answers, strict=True):
        oracle = Oracle(standard, row)
        level, override, _ = oracle.level()
        assert (got["level"], got["override"]) == (level, override)
        assert {path: got[path] for path in standard.nodes} == {path: oracle.score(path) for path in standard.nodes}
