"""A standard with every kind of node and a level table, none of which may lose a number or a writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.reports.standard_text import StandardDocument
from kit.standard.tree import KINDS
from tests.reports.standard_text.texts import TEXTS, numbers_in, standard_numbers
from tests.scoring.tiny import tiny

EVERYTHING = (Path(__file__).resolve().parents[1] / "every_kind_of_node.yaml").read_text(encoding="utf-8")
LEVEL_TABLE = """\
level:
  table:
    inputs: [s, b]
    hit: first
    rows: [{when: [">=4", true], level: major, note: {zh: 户内}}, {when: ["[2, 4)", "-"], level: general}]
    otherwise: none
"""
INDEX = """\
scores:
  s:
    label: {zh: 指数s}
    enough: {share: 0.6}
    weighted_mean:
      a: {weight: 2, label: {zh: 甲项}, normalise: {of: x, percentile_rank: {among: [1.5, 2.5, 7.25]}}}
      b: {weight: 3, label: {zh: 乙项}, normalise: {of: n, rank: {ties: dense, among: [11, 13, 17]}}}
"""


@pytest.mark.parametrize("form", ["html", "docx", "pdf"])
def test_every_kind_of_node_keeps_its_numbers(form: str, tmp_path: Path) -> None:
    standard = tiny(tmp_path, EVERYTHING, level=LEVEL_TABLE)
    assert {node.kind.key for node in standard.nodes.values()} == set(KINDS)
    text = TEXTS[form](StandardDocument(standard).data(form))
    printed = {float(number) for number in numbers_in(text)}
    assert sorted(standard_numbers(standard) - printed) == []


def test_every_kind_of_node_is_said_in_words(tmp_path: Path) -> None:
    text = StandardDocument(tiny(tmp_path, EVERYTHING, level=LEVEL_TABLE)).book.text()
    for said in (
        "“甲项”（权重2）", "未填报时，按最不利的分值计。", "未填报时，该项退出上一级的计算", "未填报时，按2.5分计。",
        "广义平均值（幂次3）", "几何平均值", "调和平均值", "得分中的最高值", "得分中的最低值", "得分之和", "得分之积",
        "比值乘以100", "满分12分", "扣0.5", "是否为否", "仅当是否为是时适用", "有几行符合的，取最不利的一行。",
        "自上而下，取首先符合的一行。", "户内", "2≤x＜4", "不计分", "相同的值取名次的平均值。", "向下舍去，保留2位小数",
    ):  # fmt: skip
        assert said in text, said


def test_an_index_without_levels(tmp_path: Path) -> None:
    standard = tiny(tmp_path, INDEX, level="level: {scores_only: true}\n")
    document = StandardDocument(standard)
    text = document.book.text()
    assert "本文件只给出分值，不划分等级。" in text and "适用的各项中已知的不足0.6的，不计算。" in text
    assert "取在固定数值中的百分位。比较的对象为下列固定数值：1.5、2.5、7.25。" in text
    for form, read in TEXTS.items():
        printed = {float(number) for number in numbers_in(read(document.data(form)))}
        assert {0.6, 1.5, 2.5, 7.25, 11.0, 13.0, 17.0} <= printed, form
