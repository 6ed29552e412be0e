"""`kit data read` and `kit data registers`: what is printed, written, refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from kit.registers import load_schema, schema_names
from tests.chinese import english_left
from tests.cli.running import kit

HEAD = "示例区互助协议台账\n协议编号,支援方单位编号,受援方单位编号,资源小类,签订日期,有效期至,备注\n"
ROWS = "A001,U001,U002,专职应急队伍,2019-01-01,2022-01-01,\nA002,U001,U003,专职应急队伍,去年,2022-01-01,<b>x</b>\n"


@pytest.fixture
def agreements(tmp_path: Path) -> Path:
    path = tmp_path / "互助协议.csv"
    path.write_bytes((HEAD + ROWS).encode("gbk"))
    return path


def test_accepted_and_rejected_rows_are_written_and_told(tmp_path: Path, agreements: Path) -> None:
    out = tmp_path / "agreements.parquet"
    done = kit("data", "read", "agreements", str(agreements), "-o", str(out))
    assert (done.code, done.err) == (1, "")
    assert "互助协议" in done.out
    for words in ("表头在第2行", "备注", "退回 1 行", "第4行", "不是日期"):
        assert words in done.out
    frame = pd.read_parquet(out)
    assert frame["agreement_id"].tolist() == ["A001"]
    assert frame["class"].tolist() == ["team_fulltime"]
    assert "去年" in (tmp_path / "agreements.rejects.csv").read_text(encoding="utf-8-sig")
    shown = done.out.replace(str(tmp_path), "").replace("agreements.rejects.csv", "").replace("agreements.parquet", "")
    assert not english_left(shown)


def test_json(tmp_path: Path, agreements: Path) -> None:
    out = tmp_path / "a.csv"
    done = kit("data", "read", "agreements", str(agreements), "-o", str(out), "--json")
    summary = json.loads(done.out)
    assert (summary["n_read"], summary["n_accepted"], summary["n_rejected"]) == (2, 1, 1)
    assert summary["encoding"] == "gb18030"
    assert summary["rejects"] == str(tmp_path / "a.rejects.csv")
    assert out.read_text(encoding="utf-8-sig").startswith("agreement_id,from_unit")


def test_answers_to_a_standard(tmp_path: Path) -> None:
    from kit.facade import load_standard

    std = load_standard("taxi")
    labels = {name: spec.label.zh for name, spec in std.fields.items() if spec.per == "unit"}
    path = tmp_path / "出租.csv"
    path.write_text(
        "单位编号," + ",".join(labels.values()) + "\nU1," + "," * (len(labels) - 1) + "\n", encoding="utf-8"
    )
    done = kit("data", "read", "survey_unit/taxi", str(path), "-o", str(tmp_path / "taxi.parquet"))
    assert (done.code, done.err) == (0, "")
    assert list(pd.read_parquet(tmp_path / "taxi.parquet").columns) == ["unit_id", *labels]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("unit", "a.csv"), "units"),
        (("units", "a.csv"), "找不到文件"),
        (("units", "nosuchdb://a:secret@host/x"), "这不是数据库地址"),
        (("survey_unit/taxii", "a.csv"), "taxi"),
    ],
)
def test_what_is_refused(tmp_path: Path, monkeypatch, arguments: tuple[str, str], words: str) -> None:
    monkeypatch.chdir(tmp_path)
    done = kit("data", "read", *arguments, "-o", "o.parquet")
    assert done.code == 2
    assert words in done.err
    assert "secret" not in done.err
    assert not list(tmp_path.iterdir())


def test_registers_are_listed_and_described() -> None:
    listed = kit("data", "registers")
    assert listed.code == 0
    for name in schema_names():
        assert name in listed.out
    one = kit("data", "registers", "assessors")
    assert all(spec.label.zh in one.out for spec in load_schema("assessors").fields.values())
    schemas = json.loads(kit("data", "registers", "--json").out)
    assert set(schemas) == set(schema_names())
