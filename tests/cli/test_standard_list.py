"""`kit standard list`, `new` and `index` as a drafter types them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import kit


def test_the_register_is_shown_whole() -> None:
    done = kit("standard", "list", "--on", "2019-09-30")
    assert done.code == 0, done.err
    for words in ("附件1", "附件2", "市住房城乡建设委", "道路建设及养护项目", "building_construction", "示意性标准"):
        assert words in done.out
    assert "…" not in done.out, "no cell is cut"


def test_the_register_for_a_program() -> None:
    done = kit("standard", "list", "--json")
    rows = {row["id"]: row for row in json.loads(done.out)}
    assert len([row for row in rows.values() if row["sector"]]) == 41
    assert rows["taxi"]["due"] == "2019-09-30" and rows["taxi"]["progress"] == "试行"
    assert kit("standard", "list", "--on", "yesterday").code == 2


def test_new_and_index(tmp_path: Path) -> None:
    done = kit("standard", "new", "lodging", "--from", "catering", "--folder", str(tmp_path))
    assert done.code == 0 and "【待填】" in done.out
    assert kit("standard", "check", str(tmp_path / "culture_tourism" / "lodging")).code == 1
    assert kit("standard", "index", "--folder", str(tmp_path)).code == 0
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "[住宿业](culture_tourism/lodging/standard.yaml)" in page and "待填" in page
    assert "没有一份是主管部门发布的文本" in page
    again = kit("standard", "new", "lodging", "--folder", str(tmp_path))
    assert again.code == 2 and "已经有标准" in again.err
