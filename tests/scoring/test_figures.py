"""Relative nodes frozen into numbers: the same scores for the rows they were frozen from, a fixed place for others."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.errors import KitError
from kit.scoring import score
from kit.scoring.figures import fixed_figures
from kit.standard import Standard, variant
from tests.scoring.tiny import Engine, tiny

HOWS = [
    "min_max: {}",
    "min_max: {}, direction: down, log: true, to: [0, 10]",
    "z_score: {}",
    "z_score: {deviation: population}, direction: down, log: true",
    "percentile_rank: {definition: below}",
    "percentile_rank: {definition: at_most}, direction: down",
    "percentile_rank: {definition: mid}, log: true",
    "rank: {ties: min}, direction: down",
    "rank: {ties: max}",
    "rank: {ties: average}",
    "rank: {ties: dense}, direction: down",
]


def body(hows: list[str]) -> str:
    lines = [f"  m{place}: {{normalise: {{of: x * 2, {how}}}}}" for place, how in enumerate(hows)]
    return "scores:\n  s: {formula: x}\n" + "\n".join(lines)


def frozen(standard: Standard, frame: pd.DataFrame) -> Standard:
    changes = {}
    for path, block in fixed_figures(standard, frame).items():
        method = standard.nodes[path].kind.method  # type: ignore[attr-defined]
        changes[f"scores.{path}.normalise.{method}"] = block
    return variant(standard, changes)


@pytest.fixture(scope="module")
def relative(tmp_path_factory: pytest.TempPathFactory) -> Standard:
    return tiny(tmp_path_factory.mktemp("relative"), body(HOWS))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([None, 0.1, 0.3, 1.0, 2.5, 2.5000000001, 7.0, 15.0]), min_size=3, max_size=12))
def test_rows_keep_their_scores(relative: Standard, values: list[float | None]) -> None:
    known = {value for value in values if value is not None}
    if len({round(value, 9) for value in known}) < 2:
        return
    frame = pd.DataFrame({"x": values}, dtype="float64")
    fixed = frozen(relative, frame)
    assert not any(getattr(node.kind, "relative", False) for node in fixed.nodes.values())
    names = [f"m{place}" for place in range(len(HOWS))]
    before, after = score(relative, frame)[names], score(fixed, frame)[names]
    pd.testing.assert_frame_equal(after, before, rtol=0, atol=5e-10)
    # What stands beside a row no longer matters.
    alone = score(fixed, frame.tail(1))[names]
    pd.testing.assert_frame_equal(alone, after.tail(1))


def test_a_value_that_is_none_of_the_fixed_ones(tmp_path: Path, engine: Engine) -> None:
    """Fixed values 2, 4, 4, 10; by hand for 1, 3, 4, 11."""
    hows = {
        "percentile_rank: {among: [4, 2, 10, 4]}": [0, 1 / 3, 1 / 3, 1],
        "percentile_rank: {definition: at_most, among: [4, 2, 10, 4]}": [0, 0.25, 0.75, 1],
        "percentile_rank: {definition: mid, among: [4, 2, 10, 4]}": [0, 0.25, 0.5, 1],
        "percentile_rank: {among: [4, 2, 10, 4]}, direction: down": [1, 1, 1 / 3, 0],
        "rank: {ties: min, among: [4, 2, 10, 4]}": [1, 2, 2, 5],
        "rank: {ties: max, among: [4, 2, 10, 4]}": [1, 2, 3, 5],
        "rank: {ties: average, among: [4, 2, 10, 4]}": [1, 2, 2.5, 5],
        "rank: {ties: dense, among: [4, 2, 10, 4]}": [1, 2, 2, 4],
        "rank: {ties: dense, among: [4, 2, 10, 4]}, direction: down": [4, 3, 2, 1],
        "rank: {ties: min, among: [4, 2, 10, 4]}, direction: down": [5, 4, 2, 1],
    }
    lines = [f"  m{place}: {{normalise: {{of: x, {how}}}}}" for place, how in enumerate(hows)]
    standard = tiny(tmp_path, "scores:\n  s: {formula: x}\n" + "\n".join(lines))
    rows = engine.score(standard, [{"x": value} for value in (1.0, 3.0, 4.0, 11.0)])
    for place, (how, wanted) in enumerate(hows.items()):
        found = [row[f"m{place}"] for row in rows]
        assert found == pytest.approx(wanted, abs=1e-12), how


def test_a_thousand_fixed_values(tmp_path: Path) -> None:
    values = [math.sin(number) * 7 + 7.5 for number in range(1000)]
    standard = tiny(
        tmp_path, f"scores:\n  s: {{normalise: {{of: x, percentile_rank: {{definition: mid, among: {values}}}}}}}"
    )
    found = score(standard, pd.DataFrame({"x": [0.0, 7.5, 15.0]}))["s"].tolist()
    assert found == [sum((v < x) + (v <= x) for v in values) / 2000 for x in (0.0, 7.5, 15.0)]


def test_what_cannot_be_frozen(tmp_path: Path) -> None:
    standard = tiny(tmp_path, body(["min_max: {}"]))
    with pytest.raises(KitError, match=r"all values of m0 in the data are 6; goalposts need two different values"):
        fixed_figures(standard, pd.DataFrame({"x": [3.0, 3.0]}))
    with pytest.raises(KitError, match="the data has no value for m0"):
        fixed_figures(standard, pd.DataFrame({"x": [None, None]}, dtype="float64"))
    ranked = tiny(tmp_path, body(["rank: {ties: min}"]))
    with pytest.raises(KitError, match="6,000 values would have to be written down, allowed are 2 to 5,000"):
        fixed_figures(ranked, pd.DataFrame({"x": [1.5] * 6000}))
