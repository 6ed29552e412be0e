"""`kit standard document` as a person runs it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from kit.standard import find_standard
from tests.cli.running import kit


def test_one_standard_as_two_formats(tmp_path: Path) -> None:
    done = kit("standard", "document", "gb18218", "-o", str(tmp_path), "--format", "html", "--format", "docx")
    assert done.code == 0, done.err
    assert [Path(line).name for line in done.out.split()] == ["gb18218_0.1.0.html", "gb18218_0.1.0.docx"]
    assert all((tmp_path / Path(line).name).stat().st_size > 10_000 for line in done.out.split())


def test_several_standards_as_json(tmp_path: Path) -> None:
    names = ["taxi", "gb18218", "emergency_capability"]
    done = kit("standard", "document", *names, "-o", str(tmp_path), "--format", "html", "--json")
    rows = json.loads(done.out)
    assert done.code == 0 and len(rows) == 3 and all(not row["failed_examples"] for row in rows)


def test_wrong_use_names_what_is_allowed(tmp_path: Path) -> None:
    done = kit("standard", "document", "taxi", "-o", str(tmp_path), "--format", "word")
    assert done.code == 2 and "docx" in done.err
    assert kit("standard", "document", "taxy", "-o", str(tmp_path)).code == 2
    assert kit("standard", "document", "-o", str(tmp_path)).code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_example_that_does_not_hold_is_told_and_gives_exit_code_1(tmp_path: Path) -> None:
    folder = shutil.copytree(find_standard("taxi").parent, tmp_path / "taxi")
    text = (folder / "standard.yaml").read_text(encoding="utf-8")
    (folder / "standard.yaml").write_text(
        text.replace("weight: 0.35, clause: 5.2.2", "weight: 0.95, clause: 5.2.2"), encoding="utf-8"
    )
    done = kit("standard", "document", str(folder), "-o", str(tmp_path / "out"), "--format", "html")
    assert done.code == 1 and "does not hold" in done.err
    assert "不符：" in (tmp_path / "out" / "taxi_0.1.0.html").read_text(encoding="utf-8")
