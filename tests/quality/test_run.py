"""Running checks: three states, every failing row, null passes a range, text stays text."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys

import pandas as pd
import pytest

from kit.quality import Check, checks_for, validate
from kit.quality.run import CHECK_COLUMNS, ROW_COLUMNS
from kit.standard.fields import FieldSpec

AS_OF = dt.date(2019, 12, 31)
FIELDS = {
    name: FieldSpec.model_validate(spec)
    for name, spec in {
        "age": {"label": {"zh": "平均车龄"}, "type": "number", "unit": "年", "range": [0, 15], "required": True},
        "crashes": {"label": {"zh": "事故数"}, "type": "integer", "range": [0, 100]},
        "energy": {"label": {"zh": "动力类型"}, "type": "category", "values": {"ev": "纯电动", "cng": "天然气"}},
        "checked_at": {"label": {"zh": "检查日期"}, "type": "date"},
    }.items()
}
TABLE = "survey_unit/taxi"


def _survey(count: int = 6) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit_id": pd.Series([f"U{at:05d}" for at in range(count)], dtype="str"),
            "age": pd.Series([3.0] * count),
            "crashes": pd.Series([1.0] * count),
            "energy": pd.Series(["ev"] * count, dtype="str"),
            "checked_at": pd.Series([pd.Timestamp("2019-12-31")] * count, dtype="datetime64[ms]"),
        }
    )


def _units(count: int = 6) -> pd.DataFrame:
    return pd.DataFrame({"unit_id": [f"U{at:05d}" for at in range(count)], "district": ["110101"] * count}).astype(
        "str"
    )


def _run(frame: pd.DataFrame, **tables: pd.DataFrame):
    checks = checks_for([TABLE], {TABLE: FIELDS}, as_of=AS_OF)
    return validate({TABLE: frame, "units": _units(len(frame)), **tables}, checks, as_of=AS_OF)


def _states(result) -> dict[str, str]:
    return dict(zip(result.checks["check_id"], result.checks["state"], strict=True))


def test_clean_table_passes_everything() -> None:
    result = _run(_survey())
    assert set(_states(result).values()) == {"passed"}
    assert result.rows.empty
    assert tuple(result.checks.columns) == CHECK_COLUMNS
    assert tuple(result.rows.columns) == ROW_COLUMNS


def test_each_kind_of_breach_is_found_where_it_is() -> None:
    frame = _survey()
    frame.loc[0, "age"] = 99.0
    frame.loc[1, "age"] = None
    frame.loc[2, "crashes"] = 1.5
    frame.loc[3, "energy"] = "煤"
    frame.loc[4, "checked_at"] = pd.Timestamp("2020-01-01")
    frame.loc[5, "unit_id"] = "U00004"
    result = _run(frame)
    found = {(row.check_id, row.row, row.value) for row in result.rows.itertuples()}
    assert found == {
        ("age.range", 1, "99"), ("age.required", 2, ""), ("crashes.integer", 3, "1.5"), ("energy.category", 4, "煤"),
        ("checked_at.past", 5, "2020-01-01"), ("unit_id.unique", 5, "U00004"), ("unit_id.unique", 6, "U00004"),
    }  # fmt: skip
    row = result.rows[result.rows["check_id"] == "age.range"].iloc[0]
    assert row["key"] == "U00000"
    assert row["district"] == "110101"
    assert row["title_zh"] == "“平均车龄”应在允许范围内"
    assert row["allowed_zh"] == "0～15 年"
    counts = result.checks.set_index("check_id")
    assert counts.loc["age.range", ["n_checked", "n_failed"]].tolist() == [5, 1]
    assert counts.loc["age.required", ["n_checked", "n_failed"]].tolist() == [6, 1]


def test_null_passes_range_category_and_integer() -> None:
    frame = _survey()
    frame.loc[0, ["crashes", "energy", "checked_at"]] = None
    states = _states(_run(frame))
    assert states["crashes.range"] == states["energy.category"] == states["crashes.integer"] == "passed"


def test_more_failing_rows_than_a_sample_are_all_listed() -> None:
    frame = _survey(700)
    frame.loc[frame.index[:450], "age"] = 99.0
    result = _run(frame)
    assert result.rows["row"].tolist() == list(range(1, 451))
    assert result.checks.set_index("check_id").loc["age.range", "n_failed"] == 450


def test_absent_column_is_not_checked_and_not_failed() -> None:
    result = _run(_survey().drop(columns="age"))
    line = result.checks.set_index("check_id").loc["age.range"]
    assert (line["state"], line["n_checked"], line["n_failed"]) == ("not_checked", 0, 0)
    assert "age" in line["detail_zh"]
    assert "“平均车龄”" in line["title_zh"]


def test_column_without_values_and_table_without_rows_are_not_checked() -> None:
    frame = _survey()
    frame["crashes"] = float("nan")
    assert _states(_run(frame))["crashes.range"] == "not_checked"
    assert set(_states(_run(_survey(0))).values()) == {"not_checked"}


def test_reference_without_its_table_is_not_checked() -> None:
    checks = checks_for([TABLE], {TABLE: FIELDS}, as_of=AS_OF)
    result = validate({TABLE: _survey()}, checks, as_of=AS_OF)
    line = result.checks.set_index("check_id").loc["unit_id.references"]
    assert line["state"] == "not_checked"
    assert "生产经营单位台账" in line["detail_zh"]


def test_table_that_is_not_given_is_not_checked() -> None:
    result = validate({}, checks_for(["units"], as_of=AS_OF), as_of=AS_OF)
    assert set(result.checks["state"]) == {"not_checked"}


def test_unknown_unit_fails_the_reference() -> None:
    result = _run(_survey(), units=_units(5))
    assert result.rows[["check_id", "value"]].to_numpy().tolist() == [["unit_id.references", "U00005"]]


@pytest.mark.parametrize(
    ("expectation", "column", "kwargs"),
    [
        ("expect_column_values_to_be_between", "energy", {"min_value": 0, "max_value": 1}),
        ("expect_column_values_to_match_regex", "energy", {"regex": "("}),
        ("expect_no_such_thing", "energy", {}),
        ("expect_column_values_to_be_between", "age", {"min_value": "low"}),
    ],
)
def test_broken_expectation_is_not_checked_and_takes_no_other_with_it(
    expectation: str, column: str, kwargs: dict[str, object]
) -> None:
    broken = Check(TABLE, "broken", column, "坏检查", "", "error", expectation, kwargs)
    checks = [broken, *checks_for([TABLE], {TABLE: FIELDS}, as_of=AS_OF)]
    frame = _survey()
    frame.loc[0, "age"] = 99.0
    states = _states(validate({TABLE: frame, "units": _units()}, checks, as_of=AS_OF))
    assert states.pop("broken") == "not_checked"
    assert states.pop("age.range") == "failed"
    assert set(states.values()) == {"passed"}


def test_rule_that_raises_is_not_checked() -> None:
    def marker(frame: pd.DataFrame, context: object) -> pd.Series:
        raise ZeroDivisionError("oops")

    broken = Check(TABLE, "broken", "age", "坏规则", "", "error", "expect_column_values_to_be_in_set", {}, marker)
    result = validate({TABLE: _survey()}, [broken], as_of=AS_OF)
    assert result.checks.loc[0, "state"] == "not_checked"
    assert "ZeroDivisionError" in result.checks.loc[0, "detail_zh"]


def test_values_are_text_cut_to_80_characters() -> None:
    frame = _survey()
    frame.loc[0, "energy"] = "<script>alert(1)</script>" + "长" * 200
    value = _run(frame).rows.loc[0, "value"]
    assert value.startswith("<script>alert(1)</script>")
    assert len(value) == 80


def test_tables_are_not_changed() -> None:
    frame = _survey()
    copy = frame.copy()
    _run(frame)
    pd.testing.assert_frame_equal(frame, copy)


def test_row_index_of_the_frame_does_not_matter() -> None:
    frame = _survey()
    frame.loc[3, "age"] = 99.0
    frame.index = pd.Index([7, 7, 7, 7, 7, 7])
    assert _run(frame).rows["row"].tolist() == [4]


def test_units_register_outside_beijing_and_script_name() -> None:
    frame = _units(2).assign(
        name=["示例<script>alert(1)</script>", "示例店"], lon=[113.26, 116.4], lat=[23.13, 39.9], crs="wgs84"
    )
    result = validate({"units": frame}, checks_for(["units"], as_of=AS_OF), as_of=AS_OF)
    found = result.rows[result.rows["check_id"] == "outside_beijing"].iloc[0]
    assert (found["key"], found["row"], found["value"]) == ("U00000", 1, "113.26")
    assert "115.41" in found["allowed_zh"]
    assert _states(result)["name.required"] == "passed"
    assert _states(result)["headcount.range"] == "not_checked"


def test_importing_the_room_is_light_and_running_prints_nothing() -> None:
    code = (
        "import sys, kit.quality, kit.registers\n"
        "assert 'great_expectations' not in sys.modules and 'pandas' not in sys.modules\n"
        "import pandas as pd, datetime as dt\n"
        "from kit.quality import checks_for, validate\n"
        "frame = pd.DataFrame({'unit_id': ['U0001', 'U0001'], 'headcount': [1.0, -1.0]})\n"
        "validate({'units': frame}, checks_for(['units'], as_of=dt.date(2019, 12, 31)))\n"
        "import great_expectations, os\n"
        "assert os.environ['GX_ANALYTICS_ENABLED'] == 'false'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr == ""
