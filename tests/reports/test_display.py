"""Text from data is shown as it was written; numbers are printed by the house rules."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from kit.errors import KitError
from kit.inventory import tables
from kit.reports import Document, charts
from kit.reports.display import chip, escape, mask_name, mask_phone, percent, png, table_html
from kit.reports.document import chinese_number, date_text, period_text
from tests.reports.made_period import NASTY

META = {
    "period": "2019Q4", "previous_period": None, "snapshot": "2019-12-31", "kit_version": "0.1.0", "made": True,
    "standards": [{"id": "taxi", "version": "1", "title_zh": "甲", "status": "trial", "provenance": "illustrative",
                   "fingerprint": "ab" * 32}],
}  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
def test_no_text_from_data_becomes_an_element(text: str) -> None:
    html = table_html(pd.DataFrame({"名称": [text], text: [1]}), label="表1", caption=text, denominator=text)
    for tag in ("<script", "<img", "</iframe", "<b>甲"):
        assert tag not in html.replace("<b>表1</b>", "")
    assert escape(text) in html and "\u2028" not in html


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(1, 40, "2.5%"), (3, 12, "3/12"), (0, 0, "—"), (19, 19, "19/19"), (20, 20, "100.0%"), (-4, 40, "-10.0%")],
)
def test_shares_of_a_small_base_are_printed_as_a_fraction(part: float, whole: float, shown: str) -> None:
    assert percent(part, whole) == shown


def test_names_and_phones_are_masked() -> None:
    assert (mask_name("张三丰"), mask_name("李四"), mask_phone("13812345678"), mask_phone("12345")) == (
        "张＊＊", "李＊", "138＊＊＊＊5678", "＊＊＊＊＊",
    )  # fmt: skip


def test_a_class_has_mark_and_name_beside_its_colour() -> None:
    assert "重大</span>" in chip("重大") and "<svg" in chip("重大")
    assert chip("<b>") == "&lt;b&gt;"


def test_cells_are_printed_by_type() -> None:
    frame = pd.DataFrame(
        {"甲": ["x", None, "合计"], "数": [1.0, float("nan"), 2.25], "整": pd.array([1, None, 3], dtype="Int64")}
    )
    html = table_html(frame, label="表1", caption="c", denominator="d", spec={"decimals": {"数": 1}})
    assert '<td class="s">—</td><td class="n">—</td><td class="n">—</td>' in html
    assert '<tr class="total"><td class="s">合计</td><td class="n">2.3</td>' in html
    assert "统计范围：d。" in html


def test_an_empty_table_keeps_its_caption_and_says_so() -> None:
    html = table_html(pd.DataFrame({"甲": []}), label="表1", caption="清单", empty="经审定无重大安全风险源")
    assert "清单" in html and "经审定无重大安全风险源。" in html and "<table" not in html


def test_dates_periods_and_numbers_in_chinese() -> None:
    assert [chinese_number(n) for n in (1, 10, 11, 21)] == ["一", "十", "十一", "二十一"]
    assert period_text("2019Q4") == "2019年第四季度" and date_text("2019-03-05") == "2019年3月5日"


def _document(**numbers: object) -> Document:
    frame = {"n_major": 1, "sources_confirmed": 30, "area_zh": "甲<区>"}
    return Document("district_assessment", {**frame, **numbers}, META)


def test_sentences_take_figures_by_name_and_nothing_else() -> None:
    report = _document(cap=float("nan"))
    assert report.say("{n_major}个，占{share:n_major/sources_confirmed}，{cap:.1f}") == "1个，占3.3%，—"
    with pytest.raises(KitError, match="did you mean n_major"):
        report.say("{n_mayor}")
    with pytest.raises(KitError):
        report.say("{n_major.__class__}")


def test_a_section_without_content_keeps_its_heading() -> None:
    html = _document(n_major=0, n_major_no_owner=0).section_html("major")
    assert html.startswith('<h2 id="s1">一、重大安全风险源</h2>') and "经审定，本期无重大安全风险源" in html
    with pytest.raises(KitError, match="did you mean major"):
        _document().section_html("mayor")


def test_the_title_says_that_the_data_is_made_and_escapes_names() -> None:
    numbers = dict.fromkeys(
        ("sources_total", "sources_pending", "n_considerable", "n_insufficient", "units_done", "units_total"), 1
    )
    html = _document(**numbers).title_html()
    assert "甲&lt;区&gt;安全风险评估报告" in html and "示例数据" in html


def test_a_cut_list_says_how_many_there_are() -> None:
    frame = pd.DataFrame({"编号": ["1", "2"]})
    assert "共7条，列出前2条" in _document(n_changed=7).table_html("change_list", frame)
    assert "列出前" not in _document(n_changed=2).table_html("change_list", frame)


def test_charts_have_every_glyph_and_none_without_data(data_dir: object) -> None:
    data = tables.load_period(str(data_dir))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures = [
            charts.level_bars(tables.levels(data, "street")),
            charts.accident_bars(tables.accidents(data)),
            charts.change_bars(tables.change_counts(data)),
            charts.score_histogram(pd.Series([420.0, 880.0, 1000.0, None])),
            charts.bars(["甲"], [50.0], axis="得分率（%）", limit=100),
        ]
        for figure in figures:
            assert figure is not None and png(figure).startswith(b"\x89PNG")
    assert charts.level_bars(tables.levels(data, "street").iloc[:0]) is None
    assert charts.change_bars(tables.change_counts(data).iloc[:0]) is None
    assert charts.score_histogram(pd.Series([None], dtype=float)) is None


def test_bars_beyond_the_limit_are_added_up_not_dropped(data_dir: object) -> None:
    table = tables.levels(tables.load_period(str(data_dir)), "street")
    figure = charts.level_bars(table, limit=5)
    assert figure is not None
    texts = [text.get_text() for text in figure.axes[0].texts]
    totals = [int(text.removeprefix("合计")) for text in texts if text.startswith("合计")]
    assert len(totals) == 5 and sum(totals) == table["合计"].iloc[-1]
