"""`kit inventory progress` and `kit inventory spot-check`: from the shipped sample to the result, as a user does it."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import kit


def test_progress_of_the_sample_is_shown_and_written(tmp_path: Path) -> None:
    out = tmp_path / "进度.xlsx"
    done = kit("inventory", "progress", "--period", "2019Q4", "--by", "sector", "-o", str(out))
    assert done.code == 0, done.err
    for words in ("示例数据", "计划目标", "季度更新（行业）", "年度成果一览", "合计", "不明", "逾期未更新风险源"):
        assert words in done.out
    assert "各季度更新率" in openpyxl.load_workbook(out, read_only=True).sheetnames


def test_progress_as_json_adds_up() -> None:
    done = kit("inventory", "progress", "--json", "--by", "district")
    found = json.loads(done.out)
    assert found["made"] is True and found["on"] == "2019-12-31"
    *areas, total = found["updates"]
    assert total["key"] == "total" and sum(area["sources"] for area in areas) == total["sources"]
    assert found["overdue"] == total["overdue"]
    assert {row["part"] for row in found["milestones"]} >= {"assessed", "resources", "capability", "complete"}
    assert all(row["handed_in_at"] is None for row in found["checklist"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--by", "distrikt"), "did you mean district"),
        (("--on", "30.11.2019"), "write it as 2019-11-30"),
        (("-o", "x.csv"), "name it x.xlsx"),
        (("--period", "2025Q1"), "no quarter '2025Q1'"),
    ],
)
def test_wrong_use_is_told(arguments: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIT_LANG", "en")
    done = kit("inventory", "progress", *arguments)
    assert done.code == 2 and words in done.err


def test_a_spot_check_from_draw_to_estimate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    form, filled, result = (tmp_path / name for name in ("抽查表.xlsx", "已填.xlsx", "结果.xlsx"))
    drawn = kit(
        "inventory", "spot-check", "draw", "--size", "100", "--seed", "5", "--emphasis", "major=3", "-o", str(form)
    )
    assert drawn.code == 0, drawn.err
    assert "种子 5" in drawn.out and "示例数据" in drawn.out
    again = kit("inventory", "spot-check", "draw", "--size", "100", "--seed", "5", "--emphasis", "major=3",
                "-o", str(tmp_path / "again.xlsx"), "--json")  # fmt: skip
    summary = json.loads(again.out)
    assert summary["fingerprint"][:12] in drawn.out and summary["seed"] == 5
    assert sum(stratum["drawn"] for stratum in summary["strata"]) == 100
    book = openpyxl.load_workbook(form)
    page = book["抽查表"]
    ids = [cell.value for cell in page[2]]
    for row in range(5, page.max_row + 1):
        for name, value in {
            "outcome": "已检查",
            "exists": "是",
            "level": "是",
            "measures": "否",
            "owner": "是",
        }.items():
            page.cell(row, ids.index(name) + 1).value = value
    book.save(filled)
    done = kit("inventory", "spot-check", "estimate", str(filled), "-o", str(result), "--json")
    assert done.code == 0, done.err
    rows = {row["question"]: row for row in json.loads(done.out)["results"] if row["group"] == "all"}
    assert rows["measures"]["share"] == 1 and rows["measures"]["high"] == 1 and rows["measures"]["method"] == "exact"
    assert rows["exists"]["share"] == 0 and 0 < rows["exists"]["high"] < 0.1
    assert openpyxl.load_workbook(result).sheetnames[0] == "推断结果"
    shown = kit("inventory", "spot-check", "estimate", str(filled))
    assert "任一项" in shown.out and "示例数据" in shown.out


def test_the_inventory_gives_the_same_as_the_folder(tmp_path: Path) -> None:
    from kit.cli.main_job import read_period

    inventory = pytest.importorskip("kit.inventory.store")
    quarter = read_period(None, "2019Q3")
    path = tmp_path / "inventory.duckdb"
    inventory.Store(path).submit("2019Q3", quarter.tables, made=True, opening=True, hold=True)
    told = []
    for source in ((), ("--store", str(path))):
        form = str(tmp_path / f"{len(source)}.xlsx")
        done = kit("inventory", "spot-check", "draw", "--size", "100", "--seed", "5", "--period", "2019Q3",
                   "-o", form, "--json", *source)  # fmt: skip
        assert done.code == 0, done.err
        told.append(json.loads(done.out))
        shown = kit("inventory", "progress", "--period", "2019Q3", "--json", *source)
        assert shown.code == 0, shown.err
        told[-1]["updates"] = json.loads(shown.out)["updates"]
    first, second = ({name: value for name, value in one.items() if name != "form"} for one in told)
    assert first["made"] and first["updates"] == second["updates"] and first["made"] == second["made"]
    assert first["population"] == second["population"]
    both = kit("inventory", "progress", "--data", str(tmp_path), "--store", str(path))
    assert both.code == 2 and "--data" in both.err


def test_a_draw_without_a_seed_says_the_one_it_took(tmp_path: Path) -> None:
    done = kit("inventory", "spot-check", "draw", "--size", "50", "-o", str(tmp_path / "a.xlsx"), "--json")
    seed = json.loads(done.out)["seed"]
    notes = openpyxl.load_workbook(tmp_path / "a.xlsx")["填表说明"]
    assert any(f"种子：{seed}。" in str(cell.value) for row in notes.iter_rows() for cell in row)


def test_wrong_spot_checks_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIT_LANG", "en")
    done = kit("inventory", "spot-check", "draw", "--size", "50", "--emphasis", "major", "-o", str(tmp_path / "a.xlsx"))
    assert done.code == 2 and "write level=weight" in done.err
    done = kit("inventory", "spot-check", "estimate", str(tmp_path / "none.xlsx"))
    assert done.code == 2 and "file not found" in done.err
