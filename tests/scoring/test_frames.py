"""What goes in comes out: type, rows, columns, index; and what a frame must not be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from kit.errors import KitError, ProblemsError
from kit.scoring import provenance, reason_text, score
from kit.standard import Standard
from tests.scoring.tiny import HEAD, Engine, records, tiny

BODY = """\
scores:
  s:
    weighted_mean:
      one: {weight: 1, formula: x}
      two: {weight: 2, map: {of: k, to: {a: 1, b: 2, c: 3}}}"""
REQUIRED = HEAD.replace("range: [0, 15]}", "range: [0, 15], required: true}")


@pytest.fixture
def standard(tmp_path: Path) -> Standard:
    return tiny(tmp_path, BODY)


def test_the_type_is_kept(standard: Standard, engine: Engine) -> None:
    frame = engine.frame([{"x": 3, "k": "a"}])
    scored = score(standard, frame)
    assert type(scored) is type(frame)
    assert records(scored)[0]["level"] == "low"


def test_an_empty_frame(standard: Standard, engine: Engine) -> None:
    frame = engine.frame([{"x": 3, "k": "a"}])
    empty = {
        "pandas": lambda: frame.iloc[:0],
        "duckdb": lambda: frame.filter("false"),
        "pyarrow": lambda: frame.slice(0, 0),
    }.get(engine.name, lambda: frame.head(0))()
    scored = score(standard, empty)
    assert records(scored) == []
    if isinstance(scored, pl.LazyFrame):
        scored = scored.collect()
    assert "level" in (scored.column_names if isinstance(scored, pa.Table) else list(scored.columns))


def test_nothing_is_known(standard: Standard) -> None:
    """Columns of nulls and no columns at all still have their rows."""
    for columns in ({"x": [None, None], "k": [None, None]}, {"note": ["a", "b"]}):
        for convert in (pd.DataFrame, pl.DataFrame, pa.table):
            got = records(score(standard, convert(columns)))
            assert [row["reason"] for row in got] == ["missing:x;missing:k"] * 2


def test_one_row_is_scored_as_among_others(standard: Standard, engine: Engine) -> None:
    rows = [{"x": value / 7, "k": kind} for value, kind in zip(range(0, 60, 7), "abcabcabc", strict=True)]
    together = engine.score(standard, rows)
    assert [engine.score(standard, [row])[0]["s"] for row in rows] == [row["s"] for row in together]


def test_other_columns_and_their_order_stay(standard: Standard) -> None:
    frame = pd.DataFrame(
        {"note": ["=1+1"], "k": ["b"], "when": [pd.Timestamp("2019-12-31")], "x": [3.0], "none": [None]}
    )
    scored = score(standard, frame)
    assert list(scored.columns[:5]) == list(frame.columns)
    pd.testing.assert_frame_equal(scored[frame.columns], frame)
    assert scored.columns[5:].tolist() == [
        "s.one", "s.two", "s", "level_before_overrides", "override", "overrides_fired", "level", "reason",
    ]  # fmt: skip
    assert "level" not in frame.columns, "the frame that was given is not changed"


@pytest.mark.parametrize(
    "index",
    [
        [7, 3],
        ["same", "same"],
        pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]),
        pd.DatetimeIndex(["2019-01-01", "2018-01-01"]),
    ],
)
def test_the_index_of_pandas_stays(standard: Standard, index: Any) -> None:
    frame = pd.DataFrame({"x": [3.0, 6.0], "k": ["a", "c"]}, index=index)
    scored = score(standard, frame)
    pd.testing.assert_index_equal(scored.index, frame.index)
    assert scored["s"].tolist() == [5 / 3, 4]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([3, 6, None], dtype="Int64"),
        pd.Series([3, 6, None], dtype="float32"),
        pd.Series([3, 6, None], dtype=object),
        pd.Series([3, 6, None], dtype="double[pyarrow]"),
        pd.Series([3, 6, pd.NA], dtype=object),
    ],
)
def test_flavours_of_pandas_numbers(standard: Standard, column: pd.Series) -> None:
    frame = pd.DataFrame({"x": column, "k": pd.Categorical(["a", "c", "b"])})
    scored = score(standard, frame)
    assert scored["s"].tolist()[:2] == [5 / 3, 4]
    assert scored["reason"].tolist()[2] == "missing:x"


@pytest.mark.parametrize("convert", [pd.DataFrame, pl.DataFrame, pa.table])
def test_whole_numbers_beyond_doubles(standard: Standard, convert: Any) -> None:
    scored = records(score(standard, convert({"x": [2**60 + 1, 3], "k": ["a", "a"]})))
    assert scored[0]["level"] is None and scored[0]["reason"] == "out_of_range:x"
    assert scored[0]["x"] == 2**60 + 1 and scored[1]["s"] == 5 / 3


def test_result_columns_that_are_there_already(standard: Standard, engine: Engine) -> None:
    frame = engine.frame([{"x": 3, "k": "a", "level": 1, "s.one": 2}])
    with pytest.raises(KitError, match=r"already has the column\(s\) s.one, level"):
        score(standard, frame)


def test_doubled_and_internal_columns(standard: Standard) -> None:
    frame = pd.DataFrame({"x": [3.0], "k": ["a"]})
    with pytest.raises(KitError, match="x stand more than once"):
        score(standard, pd.concat([frame, frame[["x"]]], axis=1))
    with pytest.raises(KitError, match="raw:x begin like columns of the kit's own"):
        score(standard, frame.rename(columns={"x": "raw:x"}))


@pytest.mark.parametrize("thing", [[1, 2], {"x": 1}, pd.Series([1.0]), "table.csv"])
def test_what_is_no_table(standard: Standard, thing: Any) -> None:
    with pytest.raises(KitError, match="is no table"):
        score(standard, thing)


def test_a_required_column_is_missing(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, BODY, head=REQUIRED)
    with pytest.raises(ProblemsError, match=r"no column 'x' \(值x\), which is required; .*did you mean xx\?"):
        score(standard, engine.frame([{"xx": 3, "k": "a"}]))


def test_an_optional_column_is_missing(standard: Standard, engine: Engine) -> None:
    got = engine.score(standard, [{"k": "a"}])[0]
    assert (got["level"], got["reason"]) == (None, "missing:x")


def test_wrong_types_are_told_together(standard: Standard, engine: Engine) -> None:
    frame = engine.frame([{"checklist_item": "three", "n": 4}])
    if engine.name == "duckdb":
        frame = frame.project("row, checklist_item as x, n as k")
    elif engine.name == "pandas":
        frame = frame.rename(columns={"checklist_item": "x", "n": "k"})
    elif engine.name == "pyarrow":
        frame = frame.rename_columns(["x", "k"])
    else:
        frame = frame.rename({"checklist_item": "x", "n": "k"})
    with pytest.raises(ProblemsError) as caught:
        score(standard, frame)
    assert len(caught.value.problems) == 2
    assert "column 'x'" in str(caught.value) and "a number is needed" in str(caught.value)
    assert "column 'k'" in str(caught.value) and "allowed: a, b, c" in str(caught.value)


def test_truths_given_as_numbers(tmp_path: Path, engine: Engine) -> None:
    standard = tiny(tmp_path, "scores:\n  s: {map: {of: b, to: {true: 4, false: 1}}}")
    frame = pd.DataFrame({"b": [1.0, 0.0, 2.0, None]})
    assert score(standard, frame)["level"].tolist()[:2] == ["major", "low"]
    assert score(standard, frame)["reason"].tolist()[2:] == ["not_allowed:b", "missing:b"]


def test_only_levels_when_asked(standard: Standard) -> None:
    scored = score(standard, pd.DataFrame({"x": [3.0], "k": ["a"]}), nodes=False)
    assert "s" not in scored.columns and scored["level"].tolist() == ["low"]


def test_provenance(standard: Standard) -> None:
    scored = score(standard, pd.DataFrame({"x": [3.0], "k": ["a"]}))
    said = provenance(standard)
    assert scored.attrs["kit"] == said
    assert said["standard"] == "tiny@0.0.1" and said["provenance"] == "illustrative" and len(said["fingerprint"]) == 64


def test_reasons_in_words(standard: Standard) -> None:
    assert (
        reason_text(standard, "missing:x;out_of_range:x;not_integer:n") == "值x未填报；值x超出值域[0, 15]；个数应为整数"
    )
    assert reason_text(standard, "not_on_matrix:s,t", "en") == "the scores are not on the matrix"
    assert reason_text(standard, None) == "" and reason_text(standard, float("nan")) == ""  # type: ignore[arg-type]
