"""The tables of the data quality report on a small run: parts add up, nothing personal is shown."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest

from kit.errors import ProblemsError
from kit.quality import checks_for, tables, validate

AS_OF = dt.date(2019, 12, 31)


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> tables.Found:
    folder = tmp_path_factory.mktemp("data")
    units = pd.DataFrame(
        {
            "unit_id": ["U0001", "U0002", "U0003"],
            "name": ["示例测试", "示例餐饮一号店", "示例餐饮二号店"],
            "district": ["110101", "110102", None],
            "phone": ["13900000000000", "010-12345678", "无"],
            "headcount": [0.0, 5.0, -3.0],
        }
    )
    result = validate({"units": units}, checks_for(["units"], as_of=AS_OF), as_of=AS_OF)
    units.to_parquet(folder / "units.parquet")
    result.checks.to_parquet(folder / "quality_checks.parquet")
    result.rows.to_parquet(folder / "quality_rows.parquet")
    (folder / "meta.json").write_text(json.dumps({"period": "2019Q4", "rejected_rows": 2}), encoding="utf-8")
    return tables.load_period(folder)


def test_parts_add_up(found) -> None:
    assert (tables.reconciliation(found)["差额"] == 0).all()
    numbers = tables.numbers(found)
    assert numbers["n_checks"] == numbers["n_passed"] + numbers["n_failed"] + numbers["n_not_checked"]
    assert numbers["n_rows"] == numbers["n_errors"] + numbers["n_warnings"] == len(found.rows)
    assert (numbers["n_units"], numbers["n_units_found"], numbers["rows_rejected"]) == (3, 2, 2)


def test_families_in_their_order_with_a_total(found) -> None:
    table = tables.by_family(found)
    assert table.iloc[0, 0].startswith("字段")
    assert table.iloc[-1, 0] == "合计"
    assert table.iloc[-1]["检查项"] == table.iloc[:-1]["检查项"].sum() == len(found.checks)


def test_areas_with_those_of_no_area(found) -> None:
    table = tables.by_area(found).set_index("区")
    assert table.loc["东城区", "有问题的单位（家）"] == 1
    assert table.loc["未填写", "有问题的单位（家）"] == 1
    assert table.loc["西城区", "有问题单位占比（%）"] == 0


def test_phones_are_not_shown_and_errors_come_first(found) -> None:
    shown = tables.examples(found)
    assert not shown["内容"].str.contains("139").any()
    assert "（个人信息不显示）" in shown["内容"].tolist()
    failed = tables.failed(found)
    assert failed["性质"].tolist() == sorted(failed["性质"], key=["错误", "提示"].index)


def test_missing_files_are_all_named(tmp_path) -> None:
    with pytest.raises(ProblemsError, match=r"units.*\n(.*\n)*.*quality_rows"):
        tables.load_period(tmp_path)
