"""A published table of a construction company, reproduced to the last row; source in its README."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kit.facade import load_standard
from kit.registers import read_table
from tests.cli.running import kit

FOLDER = Path(__file__).parent / "lec_construction"
LEVELS = {"一般": "general", "重大": "major"}


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "case.csv")


def agrees(scored: pd.DataFrame, published: pd.DataFrame) -> None:
    direct = published["basis"] == "Ⅰ"
    assert len(scored) == 12 and direct.sum() == 2
    assert scored["level"].tolist() == [LEVELS[level] for level in published["level_published"]]
    assert scored["D"][~direct].astype(float).tolist() == published["D_published"][~direct].tolist()
    assert scored["D"][direct].isna().all(), "a row judged directly has no product"
    assert scored["override"][direct].tolist() == ["legal", "legal"]
    assert scored["override"][~direct].isna().all()


def test_through_python(published: pd.DataFrame) -> None:
    standard = load_standard(FOLDER)
    read = read_table(FOLDER / "case.csv", standard.fields)
    assert len(read.rejects) == 0
    agrees(standard.score(read.frame), published)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_through_the_command(published: pd.DataFrame, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    done = kit("score", str(FOLDER), str(FOLDER / "case.csv"), "-o", str(out))
    assert done.code == 0, done.err
    read = {".csv": pd.read_csv, ".xlsx": pd.read_excel, ".parquet": pd.read_parquet}[suffix]
    scored = read(out)
    agrees(scored, published)
    assert (scored["provenance"] == "示意性标准").all() and (scored["standard"] == "lec_construction@0.1.0").all()
    assert not out.with_name("out.rejects.csv").exists()


def test_rows_without_a_printed_rule_get_no_level() -> None:
    table = pd.DataFrame(
        {
            "basis": ["Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "Ⅴ", "Ⅵ"],
            "L": [None, None, None, 3.0, 11.0, 3.0],
            "E": 6.0,
            "C": [7.0] * 3 + [None, 7, 7],
        }
    )
    scored = load_standard(FOLDER).score(table)
    assert scored["level"].isna().all()
    assert scored["reason"].tolist()[3:] == ["missing:C", "out_of_range:L", "not_allowed:basis"]


def test_the_cut_belongs_to_the_level_above() -> None:
    table = pd.DataFrame({"basis": ["Ⅴ"] * 3, "L": [1.0, 10, 3], "E": [2.0, 1, 6], "C": [80.0, 15.9999, 7]})
    assert load_standard(FOLDER).score(table)["level"].tolist() == ["major", "general", "general"]
