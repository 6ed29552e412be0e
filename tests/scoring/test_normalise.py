"""`normalise`: goalposts, min-max, z-score, percentile rank, rank, distance to target; figures worked out by hand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from kit.errors import ProblemsError
from kit.scoring import build_program, score
from kit.standard.terms import is_relative
from tests.scoring.tiny import Engine, polars_of, tiny

# Mean 5, squared distances 9 + 1 + 1 + 25 = 36.
VALUES = [2.0, 4.0, None, 4.0, 10.0]
ROWS = [{"x": value} for value in VALUES]


def column(folder: Path, engine: Engine, how: str, rows: list[dict[str, float | None]] | None = None) -> list[object]:
    body = f"scores:\n  s: {{normalise: {{of: x, {how}}}}}"
    return engine.column(tiny(folder, body), rows if rows is not None else ROWS)


BY_HAND: list[tuple[str, list[float | None]]] = [
    ("min_max: {}", [0, 0.25, None, 0.25, 1]),
    ("min_max: {}, direction: down", [1, 0.75, None, 0.75, 0]),
    ("min_max: {}, to: [0, 100]", [0, 25, None, 25, 100]),
    ("min_max: {}, to: [100, 0]", [100, 75, None, 75, 0]),
    ("min_max: {goalposts: [3, 8]}", [-0.2, 0.2, None, 0.2, 1.4]),
    ("min_max: {goalposts: [3, 8], outside: clamp}", [0, 0.2, None, 0.2, 1]),
    ("min_max: {goalposts: [3, 8], outside: clamp}, direction: down", [1, 0.8, None, 0.8, 0]),
    ("distance_to_target: {target: 8}", [0.25, 0.5, None, 0.5, 1]),
    ("distance_to_target: {target: 8, outside: keep}", [0.25, 0.5, None, 0.5, 1.25]),
    ("distance_to_target: {target: 2, from: 12}", [1, 0.8, None, 0.8, 0.2]),
    ("z_score: {deviation: population}", [-1, -1 / 3, None, -1 / 3, 5 / 3]),
    ("z_score: {}", [-3 / 12**0.5, -1 / 12**0.5, None, -1 / 12**0.5, 5 / 12**0.5]),
    ("z_score: {}, direction: down", [3 / 12**0.5, 1 / 12**0.5, None, 1 / 12**0.5, -5 / 12**0.5]),
    ("z_score: {about: [4, 2]}", [-1, 0, None, 0, 3]),
    ("percentile_rank: {}", [0, 1 / 3, None, 1 / 3, 1]),
    ("percentile_rank: {}, direction: down", [1, 1 / 3, None, 1 / 3, 0]),
    ("percentile_rank: {definition: at_most}", [0.25, 0.75, None, 0.75, 1]),
    ("percentile_rank: {definition: mid}", [0.125, 0.5, None, 0.5, 0.875]),
    ("rank: {ties: min}", [1, 2, None, 2, 4]),
    ("rank: {ties: max}", [1, 3, None, 3, 4]),
    ("rank: {ties: average}", [1, 2.5, None, 2.5, 4]),
    ("rank: {ties: dense}", [1, 2, None, 2, 3]),
    ("rank: {ties: min}, direction: down", [4, 2, None, 2, 1]),
    ("rank: {ties: max}, direction: down", [4, 3, None, 3, 1]),
    ("rank: {ties: average}, direction: down", [4, 2.5, None, 2.5, 1]),
    ("rank: {ties: dense}, direction: down", [3, 2, None, 2, 1]),
]


def test_figures_worked_out_by_hand(tmp_path: Path, engine: Engine) -> None:
    body = "scores:\n  s: {formula: x}\n" + "".join(
        f"  m{place}: {{normalise: {{of: x, {how}}}}}\n" for place, (how, _) in enumerate(BY_HAND)
    )
    rows = engine.score(tiny(tmp_path, body), ROWS)
    for place, (how, expected) in enumerate(BY_HAND):
        assert [row[f"m{place}"] for row in rows] == pytest.approx(expected, abs=1e-12), how


def test_logarithms(tmp_path: Path, engine: Engine) -> None:
    rows = [{"x": value} for value in (1, 10, 0.1, 0, None)]
    found = column(tmp_path, engine, "log: true, min_max: {goalposts: [0.1, 10]}", rows)
    assert found[:3] == pytest.approx([0.5, 1, 0], abs=1e-8)
    assert found[3:] == [None, None], "nought has no logarithm"


def test_values_alike_at_nine_decimals_share_a_rank(tmp_path: Path, engine: Engine) -> None:
    assert column(tmp_path, engine, "rank: {ties: min}", [{"x": 0.1 + 0.2}, {"x": 0.3}, {"x": 0.31}]) == [1, 1, 3]


@pytest.mark.parametrize("how", ["min_max: {}", "z_score: {}", "percentile_rank: {}"])
def test_where_nothing_tells_rows_apart_there_is_no_score(tmp_path: Path, engine: Engine, how: str) -> None:
    standard = tiny(tmp_path, f"scores:\n  s: {{normalise: {{of: x, {how}}}}}")
    (row,) = engine.score(standard, [{"x": 3}])
    assert row["s"] is None and row["level"] is None and row["reason"] == "not_computable:s"


def test_rows_with_errors_do_not_count(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, "scores:\n  s: {normalise: {of: x, min_max: {}}}")
    rows = engine.score(standard, [{"x": 99}, {"x": 5}, {"x": 15}, {"x": 10}])
    assert [row["s"] for row in rows] == [None, 0, 1, 0.5]
    assert rows[0]["reason"].startswith("out_of_range:x")


def test_a_table_without_rows_or_values(tmp_path: Path, engine: Engine) -> None:
    assert column(tmp_path, engine, "z_score: {}", [{"x": None}, {"x": None}]) == [None, None]
    standard = tiny(tmp_path, "scores:\n  s: {normalise: {of: x, z_score: {}}}")
    assert len(score(standard, pd.DataFrame({"x": pd.Series([], dtype="float64")}))) == 0


def test_order_of_rows_and_threads_do_not_show(tmp_path: Path) -> None:
    """Means and deviations are the same doubles in every order and on every engine."""
    body = (
        "scores:\n  s: {normalise: {of: y, z_score: {}}}\n  p: {normalise: {of: y, z_score: {deviation: population}}}"
    )
    standard = tiny(tmp_path, body)
    values = [((place * 7919) % 10007) / 7 * 10 ** (place % 5) for place in range(40_000)]
    frame = pd.DataFrame({"row": range(len(values)), "y": values})
    plain = score(standard, frame).sort_values("row")
    mixed = score(standard, frame.sample(frac=1, random_state=7)).sort_values("row")
    connection = duckdb.connect()
    connection.register("given", polars_of(frame.to_dict("records")).to_arrow())
    lazy = score(standard, connection.sql("select * from given")).order("row").df()
    for name in ("s", "p"):
        assert plain[name].tolist() == mixed[name].tolist() == lazy[name].tolist()
    series = pd.Series(values)
    assert plain["s"].tolist() == pytest.approx(((series - series.mean()) / series.std()).tolist(), rel=1e-12)


@pytest.mark.parametrize(
    ("how", "relative"),
    [
        ("min_max: {}", True),
        ("min_max: {goalposts: [0, 1]}", False),
        ("z_score: {}", True),
        ("z_score: {about: [0, 1]}", False),
        ("percentile_rank: {}", True),
        ("rank: {ties: min}", True),
        ("distance_to_target: {target: 1}", False),
    ],
)
def test_what_looks_at_other_rows_is_marked(tmp_path: Path, how: str, relative: bool) -> None:
    standard = tiny(tmp_path, f"scores:\n  s: {{normalise: {{of: x, {how}}}}}")
    assert standard.nodes["s"].kind.relative is relative
    steps = build_program(standard, items=False).steps
    assert is_relative(steps["score:s"]) is relative


def test_missing_values_at_the_worst(tmp_path: Path, engine: Engine) -> None:
    body = (
        "scores:\n  s: {normalise: {of: x, min_max: {goalposts: [0, 10], outside: clamp}, to: [1, 5]}, missing: worst}"
    )
    assert engine.column(tiny(tmp_path, body), [{"x": None}, {"x": 5}, {"x": 12}]) == [5, 3, 5]


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ("{of: x}", "exactly one of min_max, z_score, percentile_rank, rank, distance_to_target; none is given"),
        ("{of: x, min_max: {}, rank: {ties: min}}", "min_max, rank are given"),
        ("{of: x, min_max: {goalposts: [8, 3]}}", "goalposts must rise, but 3 comes after 8"),
        ("{of: x, min_max: {goalposts: [0, 3]}, log: true}", "both goalposts must be above 0"),
        ("{of: x, min_max: {outside: clamp}}", "nothing lies beyond the table's own values"),
        ("{of: x, z_score: {about: [1, 0]}}", "standard deviation must be above 0"),
        ("{of: x, distance_to_target: {target: 3, from: 3}}", "no way between them"),
        ("{of: x, distance_to_target: {target: 3}, direction: down}", "remove direction:"),
        ("{of: x, rank: {ties: min}, to: [0, 1]}", "to: has no meaning for rank"),
        ("{of: x, min_max: {}, to: [1, 1]}", "both ends are the same"),
        ("{of: k, min_max: {}}", "a number is needed"),
    ],
)
def test_mistakes(tmp_path: Path, node: str, message: str) -> None:
    with pytest.raises(ProblemsError, match=message):
        tiny(tmp_path, f"scores:\n  s: {{normalise: {node}}}")


def test_worst_needs_limits(tmp_path: Path) -> None:
    with pytest.raises(ProblemsError, match="which z_score does not have"):
        tiny(tmp_path, "scores:\n  s: {normalise: {of: x, z_score: {}}, missing: worst}")
