"""`kit score`: formats in and out, rejected rows, messages and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.cli.running import kit

LEC = Path(__file__).resolve().parents[1] / "cases" / "lec_construction"
TABLE = pd.DataFrame(
    {
        "hazard": ["无交底", "=HYPERLINK(1)", "<script>alert(1)</script>"],
        "basis": ["Ⅴ", "Ⅴ", "Ⅰ"],
        "L": ["3", "6", None],
        "E": ["2", "6", None],
        "C": ["15", "7", None],
    }
)


def write(folder: Path, suffix: str, table: pd.DataFrame = TABLE) -> Path:
    path = folder / f"table{suffix}"
    if suffix == ".csv":
        table.to_csv(path, index=False)
    elif suffix == ".xlsx":
        table.to_excel(path, index=False)
    else:
        numbers = {name: pd.to_numeric(table[name]) for name in "LEC"}
        table.assign(**numbers).to_parquet(path)
    return path


def read(path: Path) -> pd.DataFrame:
    return {".csv": pd.read_csv, ".xlsx": pd.read_excel, ".parquet": pd.read_parquet}[path.suffix](path)


@pytest.mark.parametrize("suffix_in", [".csv", ".xlsx", ".parquet"])
@pytest.mark.parametrize("suffix_out", [".csv", ".xlsx", ".parquet"])
def test_formats(tmp_path: Path, suffix_in: str, suffix_out: str) -> None:
    out = tmp_path / f"levels{suffix_out}"
    done = kit("score", str(LEC), str(write(tmp_path, suffix_in)), "-o", str(out))
    assert (done.code, done.err) == (0, "")
    scored = read(out)
    assert scored["level"].tolist() == ["general", "major", "major"]
    assert scored["D"].astype(float).tolist()[:2] == [90, 252]
    assert "重大" in done.out and "示意性标准" in done.out
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {f"table{suffix_in}", out.name}, "nothing half-written, no reject file without rejects"


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    out = tmp_path / "levels.xlsx"
    assert kit("score", str(LEC), str(write(tmp_path, ".csv")), "-o", str(out)).code == 0
    sheet = openpyxl.load_workbook(out).active
    assert sheet is not None
    cells = {cell.value: cell for row in sheet.iter_rows() for cell in row}
    assert cells["=HYPERLINK(1)"].data_type == "s"
    assert "<script>alert(1)</script>" in cells, "data is data; it is escaped where it is shown"
    assert not any(cell.data_type == "f" for cell in cells.values())
    flat = tmp_path / "levels.csv"
    assert kit("score", str(LEC), str(write(tmp_path, ".csv")), "-o", str(flat)).code == 0
    assert "'=HYPERLINK(1)" in flat.read_text(encoding="utf-8-sig")


def test_a_text_in_a_number_column_is_a_rejected_row(tmp_path: Path) -> None:
    table = TABLE.assign(L=["三", "6", None])
    out = tmp_path / "levels.csv"
    done = kit("score", str(LEC), str(write(tmp_path, ".xlsx", table)), "-o", str(out))
    assert done.code == 1
    assert read(out)["level"].tolist() == ["major", "major"]
    rejects = pd.read_csv(tmp_path / "levels.rejects.csv")
    assert len(rejects) == 1
    row = rejects.iloc[0]
    assert (row["row"], row["column"], row["value"]) == (2, "L", "三")
    assert "不是数" in row["reason"] and row["hazard"] == "无交底"
    assert "退回 1 行" in done.out
    again = kit("score", str(LEC), str(write(tmp_path, ".csv")), "-o", str(out))
    assert again.code == 0 and not (tmp_path / "levels.rejects.csv").exists(), "yesterday's rejects are gone"


def test_a_missing_column_in_excel(tmp_path: Path) -> None:
    path = write(tmp_path, ".xlsx", TABLE.rename(columns={"basis": "bassis"}))
    done = kit("score", str(LEC), str(path), "-o", str(tmp_path / "levels.csv"))
    assert done.code == 2
    for words in ("table.xlsx", "sheet 'Sheet1'", "required column 'basis' (判别依据) is missing", "'bassis'"):
        assert words in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "levels.csv").exists()


def test_insufficient_rows_are_shown(tmp_path: Path) -> None:
    out = tmp_path / "levels.csv"
    path = write(tmp_path, ".csv", TABLE.assign(C=[None, "7", None]))
    done = kit("score", str(LEC), str(path), "-o", str(out))
    assert done.code == 0 and "数据不足" in done.out
    first = read(out).iloc[0]
    assert pd.isna(first["level"]) and first["reason"] == "missing:C" and first["reason_text"] == "事故的后果未填报"


def test_json_and_english(tmp_path: Path) -> None:
    out = tmp_path / "levels.csv"
    done = kit("score", str(LEC), str(write(tmp_path, ".csv")), "-o", str(out), "--json")
    summary = json.loads(done.out)
    assert summary["levels"] == {"low": 0, "general": 1, "considerable": 0, "major": 2}
    assert (summary["read"], summary["scored"], summary["rejected"], summary["insufficient"]) == (3, 3, 0, 0)
    assert summary["standard"] == "lec_construction@0.1.0" and summary["provenance"] == "illustrative"
    english = kit("score", str(LEC), str(write(tmp_path, ".csv")), "-o", str(out), "--lang", "en")
    assert "not enough data" in english.out and "等级" not in english.out
    assert set(read(out)["provenance"]) == {"illustrative standard"}


@pytest.mark.parametrize(
    ("standard", "words"),
    [("taxy", "did you mean taxi?"), ("taxi@9.9.9", "no version '9.9.9'"), ("nowhere.yaml", "file not found")],
)
def test_unknown_standards(tmp_path: Path, standard: str, words: str) -> None:
    done = kit("score", standard, str(write(tmp_path, ".csv")), "-o", str(tmp_path / "levels.csv"))
    assert done.code == 2 and words in done.err and "Traceback" not in done.err


def test_a_damaged_standard(tmp_path: Path) -> None:
    damaged = tmp_path / "standard.yaml"
    text = (LEC / "standard.yaml").read_text(encoding="utf-8")
    damaged.write_text(text.replace("range: [0.1, 10]", "range: [0.1, 10"), encoding="utf-8")
    done = kit("score", str(damaged), str(write(tmp_path, ".csv")), "-o", str(tmp_path / "levels.csv"))
    assert done.code == 2 and "damaged YAML" in done.err and "standard.yaml:" in done.err


@pytest.mark.parametrize("name", ["nowhere.csv", "empty.csv", "broken.xlsx", "odd.docx"])
def test_files_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name != "nowhere.csv":
        path.write_bytes(b"" if name == "empty.csv" else b"no workbook")
    done = kit("score", str(LEC), str(path), "-o", str(tmp_path / "levels.csv"))
    assert done.code == 2 and name in done.err and "Traceback" not in done.err


def test_an_unknown_output_format(tmp_path: Path) -> None:
    done = kit("score", str(LEC), str(write(tmp_path, ".csv")), "-o", str(tmp_path / "levels.doc"))
    assert done.code == 2 and "allowed: .csv, .xlsx, .parquet" in done.err


def test_child_rows(tmp_path: Path) -> None:
    plants, substances, out = tmp_path / "plants.csv", tmp_path / "substances.csv", tmp_path / "out.csv"
    plants.write_text("installation_id,residents_500m\np1,60\n", encoding="utf-8")
    substances.write_text("installation_id,cas,q\np1,7446-09-5,200\n", encoding="utf-8")
    arguments = ["score", "gb18218", str(plants), "-o", str(out)]
    assert kit(*arguments, "--child", f"substances={substances}").code == 0
    assert read(out)[["R", "level"]].iloc[0].tolist() == [30, "grade_3"]
    without = kit(*arguments)
    assert without.code == 2 and "needs the child rows substances" in without.err
    wrong = kit(*arguments, "--child", f"substance={substances}")
    assert wrong.code == 2 and "has the child rows: substances" in wrong.err
    substances.write_text("installation_id,cas,q\np1,7446-09-5,很多\n", encoding="utf-8")
    unreadable = kit(*arguments, "--child", f"substances={substances}")
    assert unreadable.code == 2 and "cannot be read" in unreadable.err and "很多" in unreadable.err


def test_standard_commands(tmp_path: Path) -> None:
    listed = kit("standard", "list", "--json")
    assert {row["id"] for row in json.loads(listed.out)} >= {"taxi", "gb18218"}
    assert kit("standard", "test", "taxi").code == 0


def test_the_console_script_exits_as_it_should(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kit.cli.main", "score", "taxy", "x.csv", "-o", str(tmp_path / "y.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "did you mean taxi?" in done.stderr and "Traceback" not in done.stderr
