"""Required resources, reach and scenarios in a standard's document."""

from __future__ import annotations

from kit.reports.blocks import Table, inline_text
from kit.reports.standard_text import StandardDocument
from kit.standard import load_standard
from tests.chinese import english_left


def test_the_table_has_every_amount_worst_level_first() -> None:
    document = StandardDocument(load_standard("taxi"))
    (table,) = [block for block in document.book.blocks if isinstance(block, Table) and "应急资源" in block.caption]
    heads = [inline_text(cell.runs) for cell in table.head[0]]
    assert heads == ["类型", "名称（单位）", "重大", "较大", "一般", "低", "到位（min）", "依据", "来源"]
    rows = [[inline_text(cell.runs) for cell in row] for row in table.body]
    assert len(rows) == len(document.standard.document.resources) == 6
    assert rows[0][:7] == ["应急队伍", "事故与治安应急小组（人）", "8", "5", "3", "1", "30"]
    # An amount for each vehicle says what it is multiplied by.
    assert "车载灭火器和三角警告牌（套），乘以车辆数" in [row[1] for row in rows]


def test_scenarios_say_that_they_are_made_up() -> None:
    page = StandardDocument(load_standard("taxi")).data("html").decode("utf-8")
    for words in ("影响范围和典型情景", "凌晨疲劳撞墩", "不是真实事故记录", "重大150 m", "换电站电池仓热失控"):
        assert words in page
    start = page.index("影响范围和典型情景")
    assert english_left("凌晨疲劳撞墩") == [] and start


def test_a_standard_without_them_has_no_such_chapter() -> None:
    page = StandardDocument(load_standard("gb18218")).data("html").decode("utf-8")
    assert "应急资源配备" not in page and "典型情景" not in page
