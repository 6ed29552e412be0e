"""`kit standard export` and `kit standard import`: what they print, their exit codes."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl

from kit.standard import standard_files
from tests.cli.running import kit


def test_there_and_back_on_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "taxi"
    shutil.copytree(standard_files()["taxi"].parent, folder)
    text = (folder / "standard.yaml").read_text(encoding="utf-8")
    workbook = tmp_path / "a.xlsx"
    done = kit("standard", "export", str(folder), "-o", str(workbook))
    assert (done.code, done.out.strip(), done.err) == (0, str(workbook), "")

    done = kit("standard", "import", str(workbook), "--to", str(folder))
    assert (done.code, done.out) == (0, "工作簿里没有改动，文件不变\n")

    book = openpyxl.load_workbook(workbook)
    page = book["指标"]
    row = next(cell.row for cell in page["A"] if cell.value == "likelihood.hazard")
    column = next(cell.column for cell in page[1] if cell.value == "权重")
    page.cell(row, column).value = 0.7
    book.save(workbook)
    done = kit("standard", "import", str(workbook), "--to", str(folder), "--dry-run")
    assert done.code == 0
    assert "scores.likelihood.weighted_mean.hazard.weight: 0.6 -> 0.7\n" in done.out
    assert "-        weight: 0.6\n+        weight: 0.7\n" in done.out
    assert "没有写入（--dry-run）" in done.out
    assert (folder / "standard.yaml").read_text(encoding="utf-8") == text

    done = kit("standard", "import", str(workbook), "--to", str(folder))
    assert done.code == 0 and f"\n已写入：{folder / 'standard.yaml'}\n" in done.out
    assert (folder / "standard.yaml").read_text(encoding="utf-8") == text.replace("weight: 0.6", "weight: 0.7")

    assert "工作簿里没有改动" in kit("standard", "import", str(workbook), "--to", str(folder)).out
    page.cell(row, column).value = 0.8
    book.save(workbook)
    done = kit("standard", "import", str(workbook), "--to", str(folder))
    assert done.code == 2 and "请重新导出，再改一遍" in done.err

    kit("standard", "export", str(folder), "-o", str(workbook))
    book = openpyxl.load_workbook(workbook)
    book["指标"].cell(row, column).value = "七成"
    book.save(workbook)
    done = kit("standard", "import", str(workbook), "--to", str(folder))
    assert done.code == 2
    assert "工作表指标 F3 (权重)：不是数" in done.err and "七成" in done.err


def test_mistakes_end_with_code_two(tmp_path: Path) -> None:
    done = kit("standard", "export", "taxii", "-o", str(tmp_path / "a.xlsx"))
    assert done.code == 2 and "没有标准“taxii”；是不是想写“taxi”？" in done.err
    done = kit("standard", "import", str(tmp_path / "none.xlsx"))
    assert done.code == 2 and "找不到" in done.err
