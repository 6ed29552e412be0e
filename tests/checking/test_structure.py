"""What follows from the build of a standard alone, held against scored rows; and rows found by looking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from kit.checking import prove
from kit.checking.proofs import CounterExample, Proved, Undecided
from kit.checking.proofs.structure import Structure, sign_of, together, turned
from kit.scoring import score
from kit.standard import Standard, load_standard
from tests.cases.test_composite_indices import HERE as CASES
from tests.properties.test_engines import standards
from tests.scoring.tiny import tiny


def complete_rows(standard: Standard, count: int = 300, seed: int = 7) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for name, spec in standard.fields.items():
        if spec.type == "boolean":
            columns[name] = draw.random(count) < 0.5
        elif spec.values:
            columns[name] = draw.choice(list(spec.values), count)
        else:
            low, high = spec.range or (0, 10)
            values = draw.uniform(low, high, count)
            values = np.where(draw.random(count) < 0.3, draw.choice([low, high, (low + high) / 2], count), values)
            columns[name] = np.floor(values) if spec.type == "integer" else np.round(values, 2)
    return pd.DataFrame(columns)


def violations(standard: Standard, field: str, way: int, rows: pd.DataFrame, levels: pd.Series) -> list[Any]:
    """Return rows which, changed in the field only, move their level against `way`."""
    order = {name: place for place, name in enumerate(standard.scale.names)}
    moved = rows.copy()
    moved[field] = rows[field].sample(frac=1, random_state=3).to_numpy()
    before, after = levels.map(order), score(standard, moved, nodes=False)["level"].map(order)
    step = moved[field].astype(float) - rows[field].astype(float)
    change = (after - before) * np.sign(step)
    wrong = change * way < 0 if way else change.abs() > 0
    return rows[wrong.fillna(False)].to_dict("records")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=standards())
def test_claims_hold_for_scored_rows(tmp_path: Path, data: dict[str, Any]) -> None:
    path = tmp_path / "standard.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    standard = load_standard(path)
    structure, rows = Structure(standard), complete_rows(standard)
    scored = score(standard, rows)
    if structure.level_known():
        assert scored["level"].notna().all()
    for name in standard.nodes:
        if structure.applies(name) is True and structure.node_known(name):
            assert scored[name].notna().all(), name
    for field, spec in standard.fields.items():
        way = structure.level_way(field) if spec.type != "category" else None
        if way is not None:
            assert violations(standard, field, way, rows, scored["level"]) == [], (field, way)


def test_signs() -> None:
    assert (sign_of([1, 2, 2, 5]), sign_of([3, 1]), sign_of([2, 2]), sign_of([1, 3, 2])) == (1, -1, 0, None)
    assert (together([1, 0, 1]), together([1, -1]), together([]), together([0, None])) == (1, None, 0, None)
    assert (turned(1, -1), turned(0, None), turned(1, None), turned(None, 1)) == (-1, 0, None, None)


@pytest.mark.parametrize(
    ("formula", "way", "known"),
    [
        ("x * 2 - 3", 1, True), ("10 - x", -1, True), ("x * x", 1, True), ("x - x", None, True),
        ("sqrt(x)", 1, True), ("log(x)", 1, False), ("log(x + 1)", 1, True), ("1 / (x + 1)", -1, True),
        ("1 / x", -1, False), ("x ** 2", 1, True), ("(x - 5) ** 2", None, True), ("(x - 5) ** 3", 1, True),
        ("x ** (1 / 3)", 1, True), ("(x + 1) ** -0.5", -1, True), ("abs(x - 20)", -1, True), ("abs(x - 5)", None, True),
        ("max(x, 3) + min(x, 4)", 1, True), ("3 if b else 1", 0, True), ("x if b else 1", 1, True),
        ("1 if x > 3 else 0", None, True), ("exp(x)", 1, True), ("round(x, 1)", 1, True),
        ("(x + 1) / (16 - x)", 1, True), ("x / (x - 20)", -1, True), ("x * (x - 20)", None, True),
    ],
)  # fmt: skip
def test_formulas(tmp_path: Path, formula: str, way: int | None, known: bool) -> None:
    """x runs from 0 to 15. Where the parts pull in two directions nothing is said."""
    standard = tiny(tmp_path, f"scores:\n  s: {{formula: '{formula}'}}")
    structure = Structure(standard)
    assert structure.way(standard.names.parse(formula), "x") == way
    assert structure.known(standard.names.parse(formula)) is known
    scored = score(standard, pd.DataFrame({"x": np.arange(0, 15.01, 0.25), "b": True}))["s"]
    assert scored.notna().all() or not known
    if way is not None:
        steps = scored.dropna().diff().dropna()
        assert (steps * way >= 0).all() if way else (steps == 0).all()


def test_what_stands_for_an_unknown_value_need_not_fit(tmp_path: Path) -> None:
    """x / n is unknown for n = 0 and then counts as 3: from 0 to 1 the score falls, though the bands are all alike."""
    node = "{bands: {of: x / n, at: [0], scores: [1, 1]}, missing: {value: 3}}"
    structure = Structure(tiny(tmp_path, f"scores:\n  s: {node}"))
    assert structure.node_known("s") and structure.node_way("s", "n") is None


def test_a_condition_reads_its_fields_through_other_scores(tmp_path: Path) -> None:
    """From x = 3 on the second node leaves the mean, and the score falls."""
    body = (
        "scores:\n  first: {formula: x}\n"
        "  s: {weighted_mean: {a: {weight: 1, formula: '1'}, b: {weight: 1, formula: '5', applies_when: first < 3}}}\n"
    )
    structure = Structure(tiny(tmp_path, body))
    assert structure.node_way("s.b", "x") is None and structure.node_way("s", "x") is None
    assert structure.node_way("s", "y") == 0


def test_indices_with_logarithms_and_roots_are_proved() -> None:
    standard = load_standard(CASES / "inform")
    report = prove(standard, timeout_s=2)
    assert report.of("total")[0].outcome.word == "proved"
    monotone = {proof.subject: proof.outcome for proof in report.of("monotone")}
    assert len(monotone) == 10 and all(isinstance(outcome, Proved) for outcome in monotone.values())
    for proof in report.of("level"):
        assert isinstance(proof.outcome, Proved) and proof.outcome.example is not None
        row = pd.DataFrame([proof.outcome.example.values]).astype("float64")
        assert score(standard, row)["level"].tolist() == [proof.subject], "found by looking, confirmed by scoring"


def test_counter_examples_are_found_where_z3_cannot_look(tmp_path: Path) -> None:
    """The level needs the logarithm of a share that may be 0; and it falls although a high share is the worse."""
    head = (CASES / "inform" / "standard.yaml").read_text(encoding="utf-8").split("scores:")[0]
    body = "scores:\n  risk: {formula: 12 - log(poverty) - log(poverty + 1)}\n"
    (tmp_path / "standard.yaml").write_text(
        head + body + "level:\n  cuts: {of: risk, at: [4, 6, 9], levels: [low, general, considerable, major]}\n",
        encoding="utf-8",
    )
    report = prove(load_standard(tmp_path), timeout_s=2)
    (total,) = report.of("total")
    assert isinstance(total.outcome, CounterExample) and total.outcome.rows[0].values["poverty"] == 0
    (falls,) = report.of("monotone", "poverty")
    assert isinstance(falls.outcome, CounterExample)
    good, bad = falls.outcome.rows
    assert bad.values["poverty"] > good.values["poverty"]
    order = ["low", "general", "considerable", "major"]
    assert order.index(bad.level or "") < order.index(good.level or "")
    assert report.failed


def test_overrides_and_cells_are_found_by_looking(tmp_path: Path) -> None:
    head = (CASES / "inform" / "standard.yaml").read_text(encoding="utf-8").split("scores:")[0]
    body = (
        "scores:\n  l: {formula: log(poverty + 1), round: {digits: 0, mode: half_up}}\n"
        "  s: {formula: sqrt(gini - 19), round: {digits: 0, mode: half_up}}\n"
        "level:\n  matrix: {use: ls_5x5, likelihood: l, severity: s}\n"
        "overrides:\n  - {id: many, clause: '6.1', when: log(poverty + 1) > 4.6, at_least: major, reason: {zh: 多}}\n"
    )
    (tmp_path / "standard.yaml").write_text(head + body, encoding="utf-8")
    report = prove(load_standard(tmp_path), timeout_s=2)
    for question, subject in (("override_fires", "many"), ("override_decides", "many"), ("matrix_cell", "3×2")):
        (proof,) = report.of(question, subject)  # type: ignore[arg-type]
        assert isinstance(proof.outcome, Proved) and proof.outcome.example is not None, proof
    (total,) = report.of("total")
    assert isinstance(total.outcome, CounterExample), "log(1) = 0 is not on the matrix"


def test_looking_proves_nothing_impossible(tmp_path: Path) -> None:
    head = (CASES / "inform" / "standard.yaml").read_text(encoding="utf-8").split("scores:")[0]
    body = "scores:\n  risk: {formula: log(gini) + log(poverty + 1)}\n"
    (tmp_path / "standard.yaml").write_text(
        head + body + "level:\n  cuts: {of: risk, at: [2.9, 3, 90], levels: [low, general, considerable, major]}\n",
        encoding="utf-8",
    )
    (major,) = prove(load_standard(tmp_path), timeout_s=2).of("level", "major")
    assert isinstance(major.outcome, Undecided)
