"""The city portal: sums, links, and names as text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kit.errors import KitError
from kit.inventory import tables
from kit.reports import portal
from kit.reports.city_portal import RAMP, breaks, colour_class, colours


def _page(rendered: Path) -> str:
    return (rendered / "index.html").read_text(encoding="utf-8")


def _rows(page: str, table: str, part: str) -> list[list[str]]:
    block = re.search(rf'<table id="{table}".*?</table>', page, re.DOTALL)[0]  # type: ignore[index]
    body = re.search(rf"<{part}>(.*?)</{part}>", block, re.DOTALL)[1]  # type: ignore[index]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)]


def test_the_17_areas_add_up_to_the_total_row(rendered: Path, data_dir: Path) -> None:
    rows = _rows(_page(rendered), "t-areas", "tbody")
    total = _rows(_page(rendered), "t-areas", "tfoot")[0]
    assert len(rows) == 17
    for column in range(1, 9):
        assert sum(int(row[column]) for row in rows) == int(total[column])
    assert int(total[8]) == len(tables.load_period(data_dir).sources)
    for row in [*rows, total]:
        five, confirmed, pending, every = [int(cell) for cell in row[1:6]], *map(int, row[6:9])
        assert sum(five) == confirmed and confirmed + pending == every


def test_reports_of_the_city_are_linked(rendered: Path) -> None:
    ((address, title),) = re.findall(r'<b>全市报告</b><a href="([^"]+)">([^<]+)</a>', _page(rendered))
    assert title == "数据质量检查报告" and (rendered / address).is_file()


def test_the_share_counts_insufficient_in_its_denominator(rendered: Path) -> None:
    for row in _rows(_page(rendered), "t-areas", "tbody"):
        high, confirmed = int(row[1]) + int(row[2]), int(row[6])
        assert row[9] == f"{100 * high / confirmed:.1f}%"
    assert "分母含数据不足" in _page(rendered)


def test_links_go_to_reports_that_are_there(rendered: Path) -> None:
    page = _page(rendered)
    links = re.findall(r'<a href="(district_[^"#]+)"', page)
    assert len(links) == 6
    assert all((rendered / link).is_file() for link in links)
    assert page.count("未生成</span>") == 2 * 14


def test_names_are_text_and_people_are_masked(rendered: Path) -> None:
    page = _page(rendered)
    assert "<script>window.__hit" not in page and "<img src=x" not in page
    assert "&lt;script&gt;window.__hit=1&lt;/script&gt;" in page
    assert "张三丰" not in page and "张＊＊" in page


def test_what_is_made_and_illustrative_is_said(rendered: Path) -> None:
    page = _page(rendered)
    for words in (
        "示例数据",
        "标准为示意",
        "不对应任何真实单位",
        "工具包版本 0.1.0",
        "数据截止 2019-12-31",
        "taxi@1.0.0",
    ):
        assert words in page


def test_the_map_data_has_17_areas_and_16_outlines(rendered: Path) -> None:
    told = json.loads(re.search(r'id="data">(.*?)</script>', _page(rendered), re.DOTALL)[1])  # type: ignore[index]
    assert len(told["areas"]) == 17 and len(told["outlines"]["features"]) == 16
    assert [area["code"] for area in told["areas"] if area["href"]] == ["110101", "110105", "110115403"]


def test_colours_by_equal_steps_and_unknown_has_none() -> None:
    limits = breaks([3.0, 24.0, float("nan")])
    assert limits == [5, 10, 15, 20]
    assert [colour_class(share, limits) for share in (3.0, 5.0, 24.0, float("nan"))] == [0, 1, 4, None]
    assert breaks([float("nan")]) == [] == breaks([2.5] * 5)
    assert breaks([0.0, 100.0]) == [20, 40, 60, 80]
    assert all(len(colours(breaks([0.0, high]))) == len(breaks([0.0, high])) + 1 for high in range(1, 100))


def test_areas_that_hardly_differ_do_not_look_far_apart() -> None:
    limits = breaks([19.0, 23.8])
    assert limits == [20, 22] and colours(limits) == list(RAMP[1:4])


def test_data_of_another_period_is_refused(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(KitError, match="has the data of 2019Q4, not of 2019Q3"):
        portal("2019Q3", out=tmp_path, data_dir=data_dir)
    assert list(tmp_path.iterdir()) == []


def test_colour_follows_the_figure_that_is_printed() -> None:
    from kit.reports.city_portal import colour_class
    from kit.reports.display import percent

    assert percent(198, 992) == "20.0%"
    assert colour_class(100 * 198 / 992, [20.0, 22.0]) == 1
    assert colour_class(19.9, [20.0, 22.0]) == 0
