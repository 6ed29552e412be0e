"""Training slides: all numbers and words of the standard are there, nothing from outside, and no slide is too full."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.checking import run_cases
from kit.errors import ProblemsError
from kit.reports import check_parameters, load_kind, render
from kit.reports.batching import plan
from kit.reports.catalogue import file_stem
from kit.reports.slides import exercises
from kit.reports.slides.blocks import (
    BODY_HEIGHT,
    GAP,
    Answer,
    Band,
    Block,
    Bullets,
    Facts,
    Indicator,
    Table,
    Text,
    cut_text,
    text_lines,
)
from kit.reports.slides.layout import Slide, flow
from kit.reports.slides.words import in_words, ink_on, total_words
from kit.reports.training_slides import Deck, file_name, slides_of, training_slides, write_slides
from kit.scoring.wording import plain_number
from kit.standard import Standard, load_all, load_standard
from kit.standard.loader import standards_folder
from kit.standard.tree import KINDS
from kit.standard.variants import variant
from tests.cli.running import kit
from tests.scoring.tiny import CUTS, HEAD, tiny
from tests.shipped import NAMES, some_standards

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ["catering", "emergency_capability", "gb18218", "hazardous_chemicals", "taxi"]
NAMES = [*SHIPPED, "hdi", "lec_construction", "example_taxi", "example_gb18218", "example_capability"]
# A score tree with every kind of node.
EVERYTHING = (Path(__file__).parent / "every_kind_of_node.yaml").read_text(encoding="utf-8")
LEVEL_TABLE = """\
level:
  table:
    inputs: [s, b]
    hit: first
    rows: [{when: [">=4", true], level: major, note: {zh: 户内}}, {when: ["[2, 4)", "-"], level: general}]
    otherwise: none
"""


@cache
def standard(name: str) -> Standard:
    if name in SHIPPED:
        return some_standards()[name]
    if name.startswith("example_"):
        return load_standard(ROOT / "standard" / "examples" / name.removeprefix("example_"))
    folder = ROOT / "cases" / name
    common = folder / "common"
    return load_standard(folder, common=common if common.is_dir() else None)


def words_of(page: str) -> str:
    """Return what a reader of the page sees, without markup, scripts and styles."""
    body = page.partition("<body>")[2]
    body = re.sub(r"<script\b.*?</script>", "", body, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "\n", body))


@cache
def deck(name: str) -> Deck:
    return training_slides(standard(name))


@cache
def slides(name: str) -> list[Slide]:
    return slides_of(standard(name))


@cache
def words(name: str) -> str:
    return words_of(deck(name).page)


def cells(made: Standard, section: str) -> Iterator[str]:
    for slide in slides_of(made):
        for block in slide.blocks:
            if slide.section == section and isinstance(block, Table):
                yield from (cell if isinstance(cell, str) else cell.text for row in block.rows for cell in row)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_on_the_page_comes_from_outside(name: str) -> None:
    page = deck(name).page
    markup = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"(src|href|action|data|poster)\s*=\s*[\"']?\s*(https?:)?//", markup)
    assert not re.search(r"url\(\s*[\"']?(https?:)?//|@import|@font-face", markup)
    assert page.count("<script") == 2 and "<link" not in markup and "<iframe" not in markup


@pytest.mark.parametrize("name", NAMES)
def test_every_field_override_weight_and_cut_is_on_the_slides(name: str) -> None:
    made, shown = standard(name), words(name)
    document = made.document
    specs = [
        *document.fields.values(),
        *(spec for child in document.children.values() for spec in child.fields.values()),
    ]
    for spec in specs:
        assert spec.label.zh in shown
        for value in (spec.values or {}).values():
            assert value in shown
        if spec.range:
            assert f"{plain_number(spec.range[0])}至{plain_number(spec.range[1])}" in shown
    for override in document.overrides:
        assert override.reason.zh in shown and override.clause in shown
        assert in_words(made, override.when) in shown
        assert override.basis is None or override.basis in shown
        assert not override.later or "〔后补依据〕" in shown
    for path, node in made.nodes.items():
        label = node.label.zh if node.label else path.rpartition(".")[2]
        assert label in shown, path
        assert node.weight is None or f"权重 {plain_number(node.weight)}" in shown
        if node.full is not None and not node.kind.is_branch:
            assert f"满分 {plain_number(node.full)}" in shown
        assert node.note is None or node.note.zh in shown
        assert node.clause is None or f"第{node.clause}条" in shown or f"{node.clause} {label}" in shown
        if node.kind.key == "bands":
            for cut in node.kind.at:
                assert re.search(rf"(?<![\d.]){re.escape(plain_number(cut))}(?![\d.])", shown), (path, cut)
            for score in node.kind.scores:
                assert f"{plain_number(score)}分" in shown
    if document.level.cuts:
        bounds = " ".join(cells(made, "level"))
        for cut in document.level.cuts.at:
            assert f"{plain_number(cut)}至不到" in bounds or f"{plain_number(cut)}及以上" in bounds
    for reference in document.references:
        assert reference.id in shown and reference.title in shown
    for item in made.checklist:
        assert item.name_zh in shown and item.consequence_zh in shown


@pytest.mark.parametrize("name", NAMES)
def test_no_slide_is_empty_or_fuller_than_its_box(name: str) -> None:
    assert 10 <= len(slides(name)) < 70
    for slide in slides(name):
        assert slide.blocks and slide.title.strip()
        for block in slide.blocks:
            assert not isinstance(block, Table) or block.rows
        if slide.style != "cover":
            used = sum(block.height for block in slide.blocks) + GAP * (len(slide.blocks) - 1)
            assert used <= BODY_HEIGHT, slide.title


@pytest.mark.parametrize("name", NAMES)
def test_illustrative_standards_say_so_on_every_slide(name: str) -> None:
    footers = re.findall(r"<footer>.*?</footer>", deck(name).page)
    assert len(footers) == deck(name).slides
    assert all("示意性标准：数值不来自官方文件" in footer for footer in footers)


def test_an_official_standard_has_no_mark(tmp_path: Path) -> None:
    head = HEAD.replace("provenance: illustrative", "provenance: official")
    assert "示意性标准" not in words_of(training_slides(tiny(tmp_path, "scores: {s: {formula: x}}", head=head)).page)


def test_every_kind_of_node_and_a_level_table_are_said_in_words(tmp_path: Path) -> None:
    made = tiny(tmp_path, EVERYTHING, level=LEVEL_TABLE)
    assert {node.kind.key for node in made.nodes.values()} == set(KINDS)
    shown = words_of(training_slides(made).page)
    for said in (
        "不到3", "3至不到7.5", "7.5及以上", "从10到40，按比例折算为1到5", "减去平均数6.25，除以标准差1.75",
        "从2走到目标14的路程", "在本批数据中的位次，并列取平均，数值最大的为第一位", "幂平均，幂次3",
        "值x ÷ （个数 + 1）",
        "从12分扣起，扣完为止", "个数每有1扣0.5分", "是否为否，扣8分", "符合几行的，取最不利的一行",
        "实得分 ÷ 适用满分 × 100",
        "总分s：舍去尾数保留2位小数", "缺数时按最不利分值计：甲项", "缺数时退出汇总，其余项的权重按比例放大：乙项",
        "缺数时按2.5分计：丙项", "仅在“是否为是”时适用", "总分s 不低于4", "总分s 2至不到4", "值x 不低于8，是否 是", "不定级", "户内",
    ):  # fmt: skip
        assert said in shown, said
    for slide in slides_of(made):
        last = slide.blocks[-1]
        assert not (isinstance(last, Text) and last.style in ("head", "under", "lead")), slide.title


def test_scores_without_levels_places_among_fixed_values_and_enough_are_said(tmp_path: Path) -> None:
    body = (
        "scores:\n  s:\n    label: {zh: 指数s}\n    enough: {share: 0.6}\n    weighted_mean:\n"
        "      a: {weight: 1, missing: skip, normalise: {of: x, percentile_rank: {among: [1.5, 4, 9]}}}\n"
        "      b: {weight: 1, missing: skip, normalise: {of: y, rank: {ties: dense, among: [2, 3, 8.25]}}}\n"
    )
    made = tiny(tmp_path, body, level="level: {scores_only: true}\n")
    shown = words_of(training_slides(made).page)
    for said in (
        "本标准以得分为结果，不划分等级：指数s。", "在给定的3个数值（最小1.5，最大9）中的百分位次", "并列不占位",
        "在给定的3个数值（最小2，最大8.25）中的位次", "指数s：下面适用的项至少有60%已知才有得分", "不当作0分",
    ):  # fmt: skip
        assert said in shown, said
    assert "等级名称" not in shown and "不当作“低”" not in shown


def test_the_level_of_a_unit_is_said_where_risk_sources_are_assessed(tmp_path: Path) -> None:
    assert "单位的等级取其中最高的一级" in words("taxi") and "单位的等级取" not in words("gb18218")
    rollup = "rollup: {how: share_weighted, weight: n, clause: '6.5'}\n"
    shown = words_of(training_slides(tiny(tmp_path, "scores: {s: {formula: x}}\n" + rollup)).page)
    assert "平均位置四舍五入。各风险源按“个数”计权。见第6.5条" in shown and "列为数据不足" in shown


def test_a_changed_weight_changes_the_slides() -> None:
    taxi = standard("taxi")
    changed = variant(taxi, {"scores.likelihood.hazard.crash_history.weight": 0.55})
    shown = words_of(training_slides(changed).page)
    assert "权重 0.55" in shown and "权重 0.55" not in words("taxi")
    assert changed.label in shown and changed.fingerprint in shown and "在taxi@0.1.0上作了1处改动，仅供比较" in shown
    assert file_name(changed) != file_name(taxi)


def test_a_changed_cut_matrix_cell_and_override_change_the_slides() -> None:
    changed = variant(
        standard("taxi"),
        {
            "scores.likelihood.hazard.vehicle_age.bands.at.3": 9.25,
            "matrix.1.1": "general",
            "overrides.no_permit.at_least": "considerable",
        },
    )
    shown = words_of(training_slides(changed).page)
    assert "9.25年及以上" in shown and "8年及以上" not in shown
    assert "不低于较大" in list(cells(changed, "overrides"))[2]
    (grid,) = [block for slide in slides_of(changed) if slide.title == "查风险矩阵" for block in slide.blocks
               if block.template == "matrix"]  # fmt: skip
    assert grid.rows[-1][1][0].text == "一般"  # type: ignore[attr-defined]


def test_exercises_show_what_the_standard_gives_and_hide_the_answer() -> None:
    for name in SHIPPED:
        made = standard(name)
        results = run_cases(made)
        chosen = exercises.chosen(made, results)
        assert 3 <= len(chosen) <= 4
        outcomes = {result.outcome["level"] for result in chosen}
        assert None in outcomes and len(outcomes) >= 3, name
        if made.document.overrides:
            assert any(result.outcome["override"] for result in chosen)
        answers = [block for slide in slides(name) for block in slide.blocks if isinstance(block, Answer)]
        expected = [
            "数据不足" if result.outcome["level"] is None else made.scale.levels[result.outcome["level"]].label.zh
            for result in chosen
        ]
        assert [answer.chip.text for answer in answers] == expected
        assert deck(name).page.count('class="fragment"') == len(chosen)
        # The name of a case tells its answer, so the question does not show it.
        for slide in slides(name):
            if slide.section == "exercises" and "解答" not in slide.title:
                assert not any(result.case.name in slide.title for result in chosen)


def test_a_case_that_does_not_come_out_is_no_exercise() -> None:
    taxi = standard("taxi")
    changed = variant(taxi, {"overrides.online_mismatch.at_least": "considerable"})
    failing = {result.case.name for result in run_cases(changed) if not result.passed}
    assert "线上线下人车不一致平台" in failing
    chosen = exercises.chosen(changed, run_cases(changed))
    assert chosen and not failing & {result.case.name for result in chosen}


def test_a_standard_without_cases_overrides_controls_has_no_such_slides(tmp_path: Path) -> None:
    made = tiny(tmp_path, "scores: {s: {formula: x}}", level=CUTS)
    sections = {slide.section for slide in slides_of(made)}
    assert not sections & {"exercises", "overrides", "controls", "checklist", "references"}
    contents = slides_of(made)[1]
    assert "练习" not in str(contents.blocks) and "得分怎么汇总" in str(contents.blocks)


def test_missing_data_is_never_low() -> None:
    assert "数据不足单独成一类，不当作“低”，也不当作任何等级。" in words("taxi")
    assert "不当作“优”" in words("emergency_capability")
    assert "不当作“不构成重大危险源”" in words("gb18218")


def test_sums_over_child_rows_are_said_and_shown_with_their_numbers() -> None:
    made = standard("gb18218")
    child = made.document.children["substances"]
    said = total_words(made, child, child.totals["beta_sum"].sum)
    assert said == "临界量和校正系数的β × 设计最大量 ÷ 临界量和校正系数的Q"
    shown = list(cells(made, "exercises"))
    assert "200 ÷ 20" in shown and "2 × 200 ÷ 20" in shown


def test_points_add_up_in_the_solution() -> None:
    shown = list(cells(standard("emergency_capability"), "exercises"))
    assert "实得955 ÷ 适用满分1000 × 1000；四舍五入保留1位小数" in shown
    groups = [cell.split("／") for cell in shown if re.fullmatch(r"\d+／\d+", cell)]
    assert all(int(got) <= int(full) for got, full in groups) and len(groups) > 10


HOSTILE = "<script>window.__hit=1</script>\"'&"


def hostile(folder: Path) -> Standard:
    """Return a standard whose words are markup, with a case and a scale whose colour is none."""
    quoted = json.dumps(HOSTILE)
    head = HEAD.replace("title: {zh: 试题}", f"title: {{zh: {quoted}}}\nmethod: {{zh: {quoted}}}")
    head = head.replace("zh: 值x", f"zh: {quoted}").replace("a: 甲", f"a: {quoted}")
    head = head.replace(
        "department: commerce",
        f"department: commerce\nreferences: [{{id: {quoted}, title: {quoted}, checked: false, note: {quoted}}}]",
    )
    body = f"scores: {{s: {{label: {{zh: {quoted}}}, note: {{zh: {quoted}}}, formula: x}}}}\n"
    body += (
        f"overrides: [{{id: o, clause: {quoted}, when: b, set: major, reason: {{zh: {quoted}}}, basis: {quoted}}}]\n"
    )
    body += f"controls: {{major: {{owner: [{quoted}], review_days: 3, management: [{quoted}]}}}}"
    made = tiny(folder, body, head=head, level=CUTS.replace("level:\n", "level:\n  scale: risk\n"))
    common = made.path.parent / "common"
    shutil.copytree(standards_folder() / "common", common)
    scales = (common / "scales.yaml").read_text(encoding="utf-8")
    scales = scales.replace('colour: "#D7191C"', 'colour: "red;background:url(//example.org/x)"')
    (common / "scales.yaml").write_text(scales, encoding="utf-8")
    case = {
        "name": HOSTILE,
        "story": HOSTILE + "一二三四五",
        "input": {"x": 1, "b": True},
        "expect": {"level": "major"},
    }
    (made.path.parent / "cases.yaml").write_text(json.dumps([case], ensure_ascii=False), encoding="utf-8")
    return load_standard(made.path.parent, common=common)


def test_text_of_the_standard_is_text(tmp_path: Path) -> None:
    page = training_slides(hostile(tmp_path)).page
    assert page.count("<script") == 2 and "&lt;script&gt;window.__hit=1" in page
    assert "example.org" not in page
    assert HOSTILE in words_of(page)


def test_very_long_words_still_fit(tmp_path: Path) -> None:
    long = "很长的说明" * 400
    head = HEAD.replace("zh: 值x", f"zh: {'值x' * 60}").replace(
        "label: {zh: 值y}", f"label: {{zh: 值y}}, how: {{zh: {long}}}"
    )
    bands = ", ".join(str(number) for number in range(1, 31))
    body = (
        f"method: {{zh: {long}}}\n"
        f"scores: {{s: {{label: {{zh: {'总分' * 60}}}, note: {{zh: {long}}}, "
        f"bands: {{of: y, at: [{bands}], scores: [{bands}, 31]}}}}}}\n"
        f"overrides: [{{id: o, clause: '1', when: b, set: major, reason: {{zh: {long}}}, basis: {long}}}]"
    )
    made = tiny(tmp_path, body, head=head)
    for slide in slides_of(made):
        if slide.style != "cover":
            used = sum(block.height for block in slide.blocks) + GAP * (len(slide.blocks) - 1)
            assert used <= BODY_HEIGHT + 0.01, slide.title
    shown = words_of(training_slides(made).page).replace("\n", "")
    assert shown.count("很长的说明") >= 4 * 400


def test_the_ink_is_read_on_every_colour_of_the_scales() -> None:
    assert text_lines("平均车龄", 500, 20) == 1
    for made in some_standards().values():
        for level in made.scale.levels.values():
            assert level.colour is not None
            assert ink_on(level.colour) in ("#FFFFFF", "#1C2B3A")
    assert ink_on("#FFFFFF") == "#1C2B3A" and ink_on("#000000") == "#FFFFFF"


def test_the_same_standard_gives_the_same_file(tmp_path: Path) -> None:
    first = write_slides(standard("taxi"), tmp_path / "a").read_bytes()
    assert first == write_slides(standard("taxi"), tmp_path / "b").read_bytes()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["taxi_0.1.0_培训课件.html"]


def test_the_command_writes_one_file_for_each_and_goes_on_after_a_failure(tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "standard.yaml"
    broken.parent.mkdir()
    broken.write_text("format: 1\nid: broken\n", encoding="utf-8")
    out = tmp_path / "out"
    done = kit("standard", "slides", "taxi", str(broken), "gb18218", "-o", str(out), "--json")
    assert done.code == 1
    told = json.loads(done.out)
    assert [entry["standard"] for entry in told] == ["taxi@0.1.0", str(broken), "gb18218@0.1.0"]
    assert "standard.yaml: level: required key" in told[1]["error"]
    assert "level: 缺少必须写的“level”" in told[1]["error_zh"]
    shown = kit("standard", "slides", str(broken), "-o", str(out))
    assert shown.code == 1 and "缺少必须写的“level”" in shown.err and "required" not in shown.err
    assert sorted(path.name for path in out.iterdir()) == [Path(told[2]["path"]).name, Path(told[0]["path"]).name]
    wrong = kit("standard", "slides", "taxy", "-o", str(out))
    assert wrong.code == 2 and "是不是想写“taxi”？" in wrong.err
    assert kit("standard", "slides", "taxi", "-o", str(tmp_path)).code == 0
    nothing = kit("standard", "slides")
    assert nothing.code == 2 and "--all" in nothing.err


def test_the_kind_of_report_gives_the_slides_themselves(tmp_path: Path) -> None:
    made = render("training_slides", {"standard": "taxi"}, tmp_path)
    assert made == tmp_path / "training_slides" / "taxi_0_1_0.html"
    assert made.read_text(encoding="utf-8") == deck("taxi").page


def test_a_standard_as_parameter_is_found_or_refused() -> None:
    kind = load_kind("training_slides")
    values = check_parameters(kind, {"standard": "taxi@0.1.0"})
    assert values == {"standard": str(standard("taxi").path.resolve())}
    assert file_stem(kind, values) == "taxi_0_1_0"
    with pytest.raises(ProblemsError, match="did you mean taxi"):
        check_parameters(kind, {"standard": "taxy"})


def test_the_batch_of_a_quarter_leaves_kinds_about_a_standard_out(tmp_path: Path) -> None:
    jobs = plan("2019Q4", None, ["110101"], tmp_path, tmp_path)
    assert {job.kind for job in jobs} == {"data_quality", "district_assessment", "district_capability"}
    with pytest.raises(ProblemsError, match="made once for a standard, not for a quarter"):
        plan("2019Q4", ["training_slides"], ["110101"], tmp_path, tmp_path)


_letters = st.text(alphabet="甲乙丙，。；abc 1", max_size=900)
_tables = st.integers(1, 4).flatmap(
    lambda columns: st.lists(st.tuples(*[_letters] * columns), min_size=1, max_size=12).map(
        lambda rows: Table(("头",) * columns, (1.0,) * columns, tuple(rows))
    )
)
_blocks = st.one_of(
    _letters.map(lambda words: Text(words, "plain")),
    st.just(Text("标题", "head")),
    _tables,
    st.lists(_letters, min_size=1, max_size=9).map(lambda items: Bullets(tuple(items))),
    st.lists(st.tuples(st.just("名"), _letters), min_size=1, max_size=9).map(lambda items: Facts(tuple(items))),
    st.builds(
        Indicator,
        st.just("名"),
        st.just("事"),
        st.just("看"),
        st.lists(st.just(Band("值", "1分", 0.5)), max_size=7).map(tuple),
        st.lists(_letters, max_size=5).map(tuple),
        st.lists(_letters, max_size=5).map(tuple),
    ),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(_blocks, min_size=1, max_size=6))
def test_whatever_the_blocks_no_slide_is_too_full_and_no_word_is_lost(blocks: list[Block]) -> None:
    def told(items: Iterable[Block]) -> Counter[str]:
        """Return how often each letter stands in what comes from the text; headings repeat."""
        found: Counter[str] = Counter()
        for block in items:
            for name in ("text", "items", "rows", "lines", "notes"):
                found.update(letter for letter in str(getattr(block, name, "")) if letter in "甲乙丙，。；")
        return found

    made = list(flow("what", "标题", blocks, "{title}（{page}/{pages}）"))
    for slide in made:
        assert sum(block.height for block in slide.blocks) + GAP * (len(slide.blocks) - 1) <= BODY_HEIGHT + 0.01
    assert told(block for slide in made for block in slide.blocks) == told(blocks)


@given(st.text(alphabet="甲，。a1 ", min_size=1, max_size=300), st.floats(20, 400), st.integers(1, 4))
def test_cut_words_are_whole_again_when_put_together(words: str, width: float, lines: int) -> None:
    pieces = cut_text(words, width, 18, lines)
    assert "".join(pieces) == words
    assert all(text_lines(piece, width, 18) <= lines or len(piece) == 1 for piece in pieces)
