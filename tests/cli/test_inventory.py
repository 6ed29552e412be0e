"""`kit inventory …` as a district office uses it."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kit.registers import write_table
from tests.cli.running import kit
from tests.inventory.store_quarters import Acts, assessed, confirmed, quarter, source
from tests.inventory.test_store import first, second


def write(folder: Path, period: str, tables: dict[str, pd.DataFrame]) -> None:
    for name, frame in tables.items():
        path = folder / period / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path, index=False)


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KIT_LANG", raising=False)
    monkeypatch.setenv("KIT_INVENTORY", str(tmp_path / "i.duckdb"))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    write(folder, "2019Q3", first())
    write(folder, "2019Q4", second())
    return folder


def submit(data: Path, period: str, *more: str) -> tuple[int, str, str]:
    done = kit("inventory", "submit", "--period", period, "--data", str(data), *more)
    return done.code, done.out, done.err


def test_two_quarters_and_the_history(data: Path) -> None:
    code, out, _ = submit(data, "2019Q3", "--by", "某区应急局")
    assert code == 0 and "2019Q3 已提交：第1次提交" in out and "安全风险源清单 4" in out and "新的审核记录 5 条" in out
    assert submit(data, "2019Q4")[0] == 0
    told = kit("inventory", "history", "D1").out
    assert all(word in told for word in ("2019Q3", "2019Q4", "已确认", "重大", "部门审核通过", "区级部门"))
    found = json.loads(kit("inventory", "history", "D1", "--json").out)
    assert [row["reviewed_level"] for row in found["quarters"]] == ["general", "major"] and len(found["acts"]) == 4
    assert "未上报的季度: 2019Q4" in kit("inventory", "history", "D2").out
    status = kit("inventory", "status").out
    assert "某区应急局" in status and "市属国有企业" in status and "待再评估 0 个" in status
    summary = json.loads(kit("inventory", "status", "--period", "2019Q3", "--json").out)
    assert summary["period"] == "2019Q3" and sum(row["n"] for row in summary["status"]) == 4
    unknown = kit("inventory", "history", "D9")
    assert unknown.code == 2 and unknown.err.startswith("清单库中没有风险源“D9”")


def test_a_refusal_names_every_row_and_changes_nothing(data: Path, tmp_path: Path) -> None:
    rows = [confirmed(f"D{at}", "low") for at in range(30)]
    write(data, "2020Q1", quarter(rows))
    code, out, err = submit(data, "2020Q1", "--findings", str(tmp_path / "f.xlsx"))
    assert code == 1 and out == "" and err.startswith("2020Q1未提交：发现30处问题，没有改动任何数据")
    assert "risk_sources:1: D0: 清单的状态为“已确认”，按审核记录应为“已自评”；缺少：部门审核通过、确认" in err
    assert err.count("缺少：") == 20 and "全部 30 处见" in err
    sheet = openpyxl.load_workbook(tmp_path / "f.xlsx").active
    assert sheet is not None and sheet.max_row == 31
    code, out, _ = submit(data, "2020Q1", "--json")
    assert code == 1 and len(json.loads(out)["refused"]) == 30
    english = kit("inventory", "status")
    assert english.code == 2 and "清单库中还没有季度数据" in english.err
    code, out, _ = submit(data, "2020Q1", "--opening")
    assert code == 0


def test_what_is_held_is_told(data: Path, tmp_path: Path) -> None:
    write(data, "2020Q1", quarter([confirmed("D1", "low"), assessed("D2"), source("D3")]))
    code, out, _ = submit(data, "2020Q1", "--hold", "--findings", str(tmp_path / "f.csv"))
    assert code == 1 and "1 处没有审核记录支持，未予采用" in out
    assert pd.read_csv(tmp_path / "f.csv")["kept_state"].tolist() == ["self_assessed"]
    assert "未予采用的填报 1 处" in kit("inventory", "status").out


def test_records_from_a_filled_in_table(data: Path, tmp_path: Path) -> None:
    submit(data, "2019Q3")
    acts = Acts("2019-10-08", "X").add("D3", "sector_accept", "low").add("D3", "confirm").frame()
    path = tmp_path / "审核记录.xlsx"
    write_table(acts.drop(columns="unit_id"), path)
    done = kit("inventory", "review", str(path), "--by", "区交通局")
    assert done.code == 0 and "登记 2 条，库中已有 0 条" in done.out
    assert json.loads(kit("inventory", "review", str(path), "--json").out) == {"read": 2, "new": 0}
    wrong = Acts("2019-10-09", "Y").add("D3", "sector_accept", "major", stage="street").frame()
    write_table(wrong, path)
    refused = kit("inventory", "review", str(path))
    assert refused.code == 1 and "街道（乡镇）只审核单位基本信息" in refused.err


def test_exports(data: Path, tmp_path: Path) -> None:
    submit(data, "2019Q3")
    done = kit("inventory", "export", "-o", str(tmp_path / "清单.xlsx"))
    assert done.code == 0 and (tmp_path / "清单.xlsx").exists() and "安全风险源清单 4" in done.out
    made = json.loads(kit("inventory", "export", "-o", str(tmp_path / "out"), "--format", "geoparquet", "--json").out)
    assert made["rows"]["units"] == 2 and all(Path(path).is_file() for path in made["files"])
    again = kit(
        "inventory",
        "submit",
        "--period",
        "2019Q3",
        "--data",
        str(tmp_path / "out"),
        "--store",
        str(tmp_path / "j.duckdb"),
    )
    assert again.code == 0
    wrong = kit("inventory", "export", "-o", str(tmp_path / "x"), "--format", "shp")
    assert wrong.code == 2 and "shp" in wrong.err


def test_made_data_say_so(data: Path, tmp_path: Path) -> None:
    (data / "MADE_DATA.txt").write_text("示例数据", encoding="utf-8")
    assert "示例数据" in submit(data, "2019Q3")[1]
    assert "示例数据" in kit("inventory", "history", "D1").out and "示例数据" in kit("inventory", "status").out
    assert json.loads(kit("inventory", "history", "D1", "--json").out)["made"] is True
    assert "示例数据" in kit("inventory", "export", "-o", str(tmp_path / "out")).out


def test_no_inventory_yet() -> None:
    for command in (["status"], ["history", "D1"], ["export", "-o", "x"]):
        done = kit("inventory", *command)
        assert done.code == 2 and "这里没有风险清单库" in done.err
