"""Writing tables: what is read back equals what was written, and no text runs as a formula."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kit.errors import KitError
from kit.registers import read_table, write_table
from kit.standard.fields import FieldSpec

FIELDS = {
    name: FieldSpec.model_validate({"label": {"zh": label}, "type": kind})
    for name, label, kind in [
        ("name", "名称", "text"),
        ("n", "数", "number"),
        ("ok", "是否", "boolean"),
        ("d", "日期", "date"),
    ]
}
EVIL = ["=1+1", "+86", "-5", "@SUM(A1)", "\tx", "'=1", "<script>alert(1)</script>", 'a,"b"\nc', "示例"]


def _frame() -> pd.DataFrame:
    count = len(EVIL)
    return pd.DataFrame(
        {
            "name": pd.Series(EVIL, dtype="str"),
            "n": [1.5, float("nan"), *([-3.0] * (count - 2))],
            "ok": pd.array([True, None, *([False] * (count - 2))], dtype="boolean"),
            "d": pd.Series([pd.Timestamp("2019-12-31"), *([pd.NaT] * (count - 1))], dtype="datetime64[ms]"),
        }
    )


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_round_trip(tmp_path: Path, suffix: str) -> None:
    path = write_table(_frame(), tmp_path / f"t.{suffix}")
    back = read_table(path, FIELDS).frame
    expected = _frame()
    # Leading and trailing blanks of a cell are not data.
    expected["name"] = expected["name"].str.strip()
    pd.testing.assert_frame_equal(back, expected)


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    path = write_table(_frame().rename(columns={"n": "=cmd"}), tmp_path / "t.xlsx")
    cells = [cell for row in openpyxl.load_workbook(path).active.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]


def test_no_cell_of_a_csv_begins_like_a_formula(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=a": ["=1", "+1", "-1", "@1", "\t1", "\r1"]})
    table = pd.read_csv(write_table(frame, tmp_path / "t.csv"), encoding="utf-8-sig", dtype=str)
    assert all(text.startswith("'") for text in [*table.columns, *table.iloc[:, 0]])


def test_unknown_format_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="cannot write"):
        write_table(_frame(), tmp_path / "t.ods")
    assert not list(tmp_path.iterdir())
