"""The workbook of a standard: there and back, only what was edited changes."""

from __future__ import annotations

import difflib
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.errors import KitError, ProblemsError
from kit.standard.editing import same
from kit.standard.spreadsheet.export import export_workbook
from kit.standard.spreadsheet.reading import Imported, import_workbook
from kit.standard.yaml_io import read_yaml
from tests.shipped import some_files

CASES = Path(__file__).resolve().parents[2] / "cases"
EVERY = {**some_files(), **{path.parent.name: path for path in sorted(CASES.glob("*/standard.yaml"))}}

# A workbook is the same wherever its standard lies; each is exported once.
EXPORTED: dict[Path, bytes] = {}


def common_of(path: Path) -> Path | None:
    """Return the folder of scales that belongs to a case of its own."""
    return path.parent / "common" if (path.parent / "common").is_dir() else None


class Bench:
    """A copy of a standard with its workbook, which tests edit."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.common = common_of(source)
        self.folder = folder / source.parent.name
        shutil.copytree(source.parent, self.folder)
        self.path = self.folder / "standard.yaml"
        self.workbook = folder / "book.xlsx"
        if source not in EXPORTED:
            export_workbook(self.path, self.workbook, common=self.common)
            EXPORTED[source] = self.workbook.read_bytes()
        self.workbook.write_bytes(EXPORTED[source])
        self.before = {file.name: file.read_bytes() for file in self.folder.iterdir() if file.is_file()}

    def open(self) -> Any:
        return openpyxl.load_workbook(self.workbook)

    def edit(self, work: Callable[[Any], None]) -> None:
        book = self.open()
        work(book)
        book.save(self.workbook)

    def cell(self, page: Any, key: str, head: str) -> Any:
        row = next(cell.row for cell in page["A"] if cell.value == key)
        return page.cell(row, next(cell.column for cell in page[1] if cell.value == head))

    def set(self, title: str, key: str, head: str, value: Any) -> None:
        def work(book: Any) -> None:
            self.cell(book[title], key, head).value = value

        self.edit(work)

    def add(self, title: str, **values: Any) -> int:
        """Fill in the first empty row and return its number."""
        book = self.open()
        page = book[title]
        number = next(n for n in range(2, page.max_row + 2) if all(cell.value is None for cell in page[n]))
        for head, value in values.items():
            page.cell(number, next(cell.column for cell in page[1] if cell.value == head)).value = value
        book.save(self.workbook)
        return number

    def delete(self, title: str, *keys: str) -> None:
        def work(book: Any) -> None:
            page = book[title]
            for key in keys:
                page.delete_rows(next(cell.row for cell in page["A"] if cell.value == key))

        self.edit(work)

    def read(self, **more: Any) -> Imported:
        return import_workbook(self.workbook, self.path, common=self.common, **more)

    def refused(self) -> str:
        with pytest.raises(KitError) as caught:
            self.read()
        assert self.unchanged()
        return str(caught.value)

    def unchanged(self) -> bool:
        return self.before == {file.name: file.read_bytes() for file in self.folder.iterdir() if file.is_file()}

    def lines(self, name: str = "standard.yaml") -> tuple[list[str], list[str]]:
        """Return the lines gone and come."""
        old, new = self.before[name].decode(), (self.folder / name).read_bytes().decode()
        found = list(difflib.ndiff(old.splitlines(True), new.splitlines(True)))
        return [one[2:].strip() for one in found if one[0] == "-"], [one[2:].strip() for one in found if one[0] == "+"]

    @property
    def data(self) -> Any:
        return read_yaml(self.path)[0]


@pytest.fixture
def taxi(tmp_path: Path) -> Bench:
    return Bench(tmp_path, EVERY["taxi"])


@pytest.fixture
def capability(tmp_path: Path) -> Bench:
    return Bench(tmp_path, EVERY["emergency_capability"])


@pytest.mark.parametrize("name", EVERY)
def test_without_edits_no_byte_changes(name: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path, EVERY[name])
    done = bench.read()
    assert done.files == () and done.values == () and not done.written
    assert bench.unchanged()
    bench.edit(lambda book: None)  # written again by another program
    assert bench.read().files == ()


def test_an_illustrative_standard_says_so_on_the_first_sheet(taxi: Bench) -> None:
    page = taxi.open()["说明"]
    texts = [str(cell.value) for cell in page["B"]]
    assert any("示例数据，不是官方阈值" in text for text in texts)
    assert "taxi@0.1.0" in texts


@pytest.mark.parametrize(
    ("title", "key", "head", "value", "gone", "come"),
    [
        ("采集项", "vehicle_age", "上限", 20, "range: [0, 15]", "range: [0, 20]"),
        ("采集项", "vehicle_age", "不利方向", "越低越不利", "worse: higher,", "worse: lower,"),
        ("采集项", "vehicle_age", "名称", "车龄: 平均", "{zh: 平均车龄}, type", '{zh: "车龄: 平均"}, type'),
        ("采集项", "energy", "类别（键=中文）", "petrol=汽油\ncng=天然气\nev=纯电动或换电", "cng: 压缩", "cng: "),
        ("采集项", "fleet_size", "填报对象", "风险源", "required: true,", "required: true, per: source,"),
        ("派生量", "crash_rate", "公式", "crashes_3y / fleet_size * 100", "fleet_size * 100 / 3}", "fleet_size * 100}"),
        ("指标", "likelihood.hazard", "权重", 0.7, "weight: 0.6", "weight: 0.7"),
        ("指标", "likelihood.hazard", "条款", "5.10", 'clause: "5.2"', 'clause: "5.10"'),
        ("指标", "severity.people", "缺失时", "按最不利", "影响人数},", "影响人数}, missing: worst,"),
        ("指标", "severity.people", "缺失时", 4, "影响人数},", "影响人数}, missing: {value: 4},"),
        ("指标", "likelihood", "进位", "向上取整", "mode: half_up", "mode: ceil"),
        ("指标", "severity.people", "来源", None, "provenance: memory, note:", "note:"),
        ("指标", "severity.energy", "依据", "energy ", None, None),
        ("分档", "likelihood.hazard.crash_history#2", "下限（含）", 1.5, "at: [0.5, 1, 2, 5]", "at: [0.5, 1.5, 2, 5]"),
        ("分档", "severity.depot_parked#3", "分值或等级", 5, "scores: [1, 2, 3, 4]", "scores: [1, 2, 3, 5]"),
        ("取值", 'severity.energy#"ev"', "分值", 3.5, "ev: 3}", "ev: 3.5}"),
        ("直接判定", "no_permit", "判定方式", "定为", "at_least: major", "set: major"),
        ("直接判定", "no_permit", "等级", "较大", "at_least: major", "at_least: considerable"),
        ("直接判定", "no_permit", "晚于施行日", "否", "later: true", "later: false"),
        ("管控措施", "low", "复核周期（天）", 60, "review_days: 90", "review_days: 60"),
        ("管控措施", "low", "负责层级（一行一项）", "街乡镇\n生产经营单位", "owner: [unit]", "owner: [street, unit]"),
        ("管控措施", "general", "技术措施（一行一项）", "例检单抽查\n新措施", "[例检单抽查]", "[例检单抽查, 新措施]"),
    ],
)  # fmt: skip
def test_one_edited_cell_is_one_changed_line(
    taxi: Bench, title: str, key: str, head: str, value: Any, gone: str | None, come: str | None
) -> None:
    taxi.set(title, key, head, value)
    done = taxi.read()
    if gone is None or come is None:
        assert taxi.unchanged()
        return
    assert done.written and done.values
    left, right = taxi.lines()
    assert len(left) == len(right) == 1
    assert gone in left[0]
    assert right[0] == left[0].replace(gone, come)
    assert taxi.read().files == ()  # done already


def test_a_dry_run_tells_and_writes_nothing(taxi: Bench) -> None:
    taxi.set("指标", "likelihood.hazard", "权重", 0.7)
    done = taxi.read(dry_run=True)
    assert taxi.unchanged() and not done.written
    assert done.values == ((("scores", "likelihood", "weighted_mean", "hazard", "weight"), 0.6, 0.7),)
    assert "-        weight: 0.6" in done.files[0].diff()


def test_a_new_band_finds_its_place(taxi: Bench) -> None:
    taxi.add("分档", 路径="severity.people", **{"下限（含）": 5, "分值或等级": 2.5})
    taxi.read()
    left, right = taxi.lines()
    assert right == [left[0].replace("[3, 10, 30], scores: [2, 3, 4, 5]", "[3, 5, 10, 30], scores: [2, 3, 2.5, 4, 5]")]


def test_a_deleted_band(taxi: Bench) -> None:
    taxi.delete("分档", "severity.people#2")
    taxi.read()
    assert taxi.data["scores"]["severity"]["max"]["people"]["bands"]["at"] == [3, 30]
    assert taxi.data["scores"]["severity"]["max"]["people"]["bands"]["scores"] == [2, 3, 5]


def test_a_new_indicator_with_its_bands(taxi: Bench) -> None:
    path = "likelihood.hazard.shift"
    taxi.add("采集项", 编号="shift", 名称="双班比例", 类型="数值", 单位="%", 下限=0, 上限=100, 必填="是")
    taxi.add("指标", 路径=path, 名称="双班", 计算方式="分档", 依据="shift", 权重=0.1, 条款="5.2.5")
    taxi.add("分档", 路径=path, **{"分值或等级": 1})
    taxi.add("分档", 路径=path, **{"下限（含）": 50, "分值或等级": 3})
    taxi.read()
    left, right = taxi.lines()
    assert left == []
    assert right == [
        "shift:",
        '{label: {zh: 双班比例}, type: number, unit: "%", range: [0, 100], required: true}',
        "shift:",
        "{label: {zh: 双班}, clause: 5.2.5, weight: 0.1, bands: {of: shift, at: [50], scores: [1, 3]}}",
    ]
    assert list(taxi.data["scores"]["likelihood"]["weighted_mean"]["hazard"]["weighted_mean"])[-1] == "shift"


def test_new_formula_and_map_indicators(taxi: Bench) -> None:
    taxi.add("指标", 路径="severity.size", 计算方式="公式", 依据="fleet_size / 10000")
    taxi.add("指标", 路径="severity.permit", 计算方式="取值", 依据="has_permit")
    taxi.add("取值", 路径="severity.permit", 键="是", 分值=1)
    taxi.add("取值", 路径="severity.permit", 键="否", 分值=5)
    taxi.read()
    found = taxi.data["scores"]["severity"]["max"]
    assert found["size"] == {"formula": "fleet_size / 10000"}
    assert found["permit"] == {"map": {"of": "has_permit", "to": {True: 1, False: 5}}}


def test_a_deleted_indicator_goes_with_its_bands(taxi: Bench) -> None:
    taxi.delete("指标", "severity.depot_parked")
    taxi.read()
    left, right = taxi.lines()
    assert right == [] and len(left) == 4
    assert "depot_parked" not in taxi.data["scores"]["severity"]["max"]


def test_a_branch_is_deleted_only_with_all_below(taxi: Bench) -> None:
    branch = "likelihood.control"
    taxi.delete("指标", branch)
    assert "sheet 指标 B8 (路径): the branch 'likelihood.control' above is deleted" in taxi.refused()
    taxi.delete("指标", *(f"{branch}.{name}" for name in ("monitoring", "training", "inspection_rate")))
    taxi.read()
    assert list(taxi.data["scores"]["likelihood"]["weighted_mean"]) == ["hazard"]


def test_direct_decisions_come_and_go(taxi: Bench) -> None:
    taxi.delete("直接判定", "online_mismatch")
    taxi.add(
        "直接判定", 编号="big", 条款="6.3e", 条件="fleet_size > 9000", 判定方式="不低于", 等级="重大", 理由="规模大"
    )
    taxi.read()
    assert [one["id"] for one in taxi.data["overrides"]] == ["no_permit", "overdue_running", "serious_history", "big"]
    left, right = taxi.lines()
    assert len(left) == 8
    assert right == [
        "- id: big", "clause: 6.3e", "when: fleet_size > 9000", "at_least: major", "reason: {zh: 规模大}"
    ]  # fmt: skip


def test_a_row_copied_with_its_hidden_key_is_a_new_row(taxi: Bench) -> None:
    def work(book: Any) -> None:
        page = book["直接判定"]
        page.insert_rows(3)
        for column in range(1, page.max_column + 1):
            page.cell(3, column).value = page.cell(2, column).value
        page.cell(3, 2).value = "no_permit_2"
        page.cell(3, 4).value = "not has_permit and fleet_size > 10"

    taxi.edit(work)
    taxi.read()
    ids = [one["id"] for one in taxi.data["overrides"]]
    assert ids == ["no_permit", "no_permit_2", "online_mismatch", "overdue_running", "serious_history"]
    assert taxi.lines()[0] == []


def test_sorted_and_moved_rows_change_nothing(taxi: Bench) -> None:
    def work(book: Any) -> None:
        for title in ("采集项", "分档", "直接判定", "清单"):
            page = book[title]
            rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2) if row[0].value]
            for number, values in enumerate(sorted(rows, key=str, reverse=True), start=2):
                for column, value in enumerate(values, start=1):
                    page.cell(number, column).value = value

    taxi.edit(work)
    assert taxi.read().files == ()


def test_the_checklist_keeps_its_other_lines(taxi: Bench) -> None:
    taxi.set("清单", "taxi_s02", "风险源名称", "疲劳,驾驶")
    taxi.delete("清单", "taxi_s05")
    taxi.add("清单", 编号="taxi_s99", 风险源名称="新风险源", 事故类型="08", **{"相关采集项（分号分隔）": "energy"})
    done = taxi.read()
    assert [file.path.name for file in done.files] == ["checklist.csv"]
    left, right = taxi.lines("checklist.csv")
    assert [line[:7] for line in left] == ["taxi_s0", "taxi_s0"]
    assert right == [left[0].replace("疲劳驾驶", '"疲劳,驾驶"', 1), "taxi_s99,新风险源,08,,,,energy,,,,"]
    assert taxi.lines() == ([], [])


def test_deductions_and_level_cuts(capability: Bench) -> None:
    capability.set("扣分", "capability.g41.i411#1", "扣分", 4)
    cut = next(row for row in capability.open()["分档"].iter_rows(values_only=True) if row[0] == "level#1")
    capability.set("分档", "level#1", "下限（含）", cut[4] + 10)
    capability.read()
    left, right = capability.lines()
    assert len(left) == len(right) == 2
    assert right[0] == left[0].replace("points: 5}", "points: 4}")
    assert capability.data["level"]["cuts"]["at"][0] == cut[4] + 10


def test_a_decision_table_there_and_back(taxi: Bench) -> None:
    old = "     map: {of: energy, to: {petrol: 2, cng: 3, ev: 3}},\n"
    new = (
        "     table: {inputs: [vehicle_age, energy, has_permit], hit: first, otherwise: 1,\n"
        '       rows: [{when: [">=8", "-", true], score: 5},   # 老车\n'
        '              {when: ["[3, 8)", [cng, ev], "-"], score: 3.0}]},\n'
    )
    text = taxi.path.read_text(encoding="utf-8")
    assert old.strip() in text
    taxi.path.write_text(text.replace(old.strip(), new.strip()), encoding="utf-8")
    export_workbook(taxi.path, taxi.workbook)
    taxi.before["standard.yaml"] = taxi.path.read_bytes()
    assert taxi.read().files == ()
    path = "severity.energy"
    assert taxi.cell(taxi.open()["决策表"], f"{path}#1", "条件2").value == "cng | ev"
    taxi.set("决策表", f"{path}#1", "条件1", ">=3")
    taxi.set("决策表", f"{path}#0", "条件3", "否")
    taxi.add("决策表", 路径=path, 条件2="petrol", 分值或等级=2, 说明="+1 级")
    taxi.read()
    table = taxi.data["scores"]["severity"]["max"]["energy"]["table"]
    assert table["rows"] == [
        {"when": [">=8", "-", False], "score": 5},
        {"when": [">=3", ["cng", "ev"], "-"], "score": 3.0},
        {"when": ["-", "petrol", "-"], "score": 2, "note": {"zh": "+1 级"}},
    ]
    left, right = taxi.lines()
    assert len(left) == len(right) == 2
    assert right[0] == left[0].replace('"-", true]', '"-", false]') and right[0].endswith("# 老车")
    assert right[1].startswith('{when: [">=3", [cng, ev], "-"], score: 3.0}, {when: ["-", petrol, "-"], score: 2')
    export_workbook(taxi.path, taxi.workbook)
    taxi.delete("决策表", f"{path}#otherwise")
    with pytest.raises(KitError, match="the row 其他 of this table is deleted"):
        taxi.read()


def test_text_that_begins_with_an_equals_sign_stays_text(taxi: Bench) -> None:
    text = taxi.path.read_text(encoding="utf-8").replace("{zh: 车辆台账（网约车按当月接单车辆）}", '{zh: "=1+1"}')
    taxi.path.write_text(text, encoding="utf-8")
    export_workbook(taxi.path, taxi.workbook)
    cell = taxi.cell(taxi.open()["采集项"], "fleet_size", "取数方法")
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert taxi.read().files == ()


def test_whole_numbers_written_as_real_ones_are_no_change(taxi: Bench) -> None:
    def work(book: Any) -> None:
        for title in ("采集项", "指标", "分档", "取值", "管控措施"):
            for row in book[title].iter_rows(min_row=2, min_col=2):
                for cell in row:
                    if isinstance(cell.value, int):
                        cell.value = float(cell.value)

    taxi.edit(work)
    assert taxi.read().files == ()


def test_every_mistake_is_told_with_its_cell(taxi: Bench) -> None:
    taxi.set("采集项", "fleet_size", "类型", "整形")
    taxi.set("采集项", "vehicle_age", "上限", "十五")
    taxi.set("采集项", "daily_hours", "编号", "hours")
    taxi.set("指标", "likelihood.hazard", "条款", 5.1)
    taxi.set("指标", "severity", "依据", "x")
    taxi.set("指标", "severity.people", "缺失时", "=1+1")
    taxi.set("分档", "severity.people#0", "上限（不含）", 4)
    told = taxi.refused()
    assert "sheet 指标 I13 (缺失时) holds a formula; paste its value (given: =1+1)" in told
    taxi.set("指标", "severity.people", "缺失时", "最不利")
    told = taxi.refused()
    for words in (
        "sheet 采集项 D2 (类型): is not allowed; allowed: 数值, 整数, 文本, 日期, 是否, 类别",
        "(given: 整形)",
        "sheet 采集项 G3 (上限): is no number",
        "(given: 十五)",
        "sheet 采集项 B5 (编号): cannot be changed",
        "sheet 指标 H3 (条款): is a number; format the cell as text",
        "sheet 指标 E12 (依据): this kind of indicator has no single source",
        "sheet 指标 I13 (缺失时): is not allowed; allowed or a number: ",
        "did you mean 按最不利?",
        "sheet 分档 F36 (上限（不含）): the upper end is only shown",
    ):
        assert words in told, told


def test_what_the_standard_refuses_is_told_with_its_cell(taxi: Bench) -> None:
    taxi.set("派生量", "crash_rate", "公式", "crashes_3yy / fleet_size")
    taxi.set("分档", "severity.people#2", "下限（含）", 3)
    taxi.set("直接判定", "no_permit", "条件", "not has_permitt")
    taxi.set("清单", "taxi_s02", "相关采集项（分号分隔）", "night_shares")
    told = taxi.refused()
    for words in (
        "sheet 派生量 E2 (公式): ", "did you mean crashes_3y?", "sheet 分档 E38 (下限（含）): cuts must rise",
        "sheet 直接判定 D2 (条件): ", "did you mean has_permit?",
        "sheet 清单 H3 (相关采集项（分号分隔）): 'night_shares'",
    ):  # fmt: skip
        assert words in told, told


def test_bands_that_make_no_list(taxi: Bench) -> None:
    taxi.set("分档", "severity.people#1", "下限（含）", None)
    taxi.set("分档", "severity.depot_parked#1", "分值或等级", None)
    taxi.delete("分档", *(f"likelihood.hazard.vehicle_age#{place}" for place in range(5)))
    taxi.delete("取值", 'severity.energy#"ev"')
    told = taxi.refused()
    assert told.count("2 rows of the indicator have no lower end; exactly the lowest band has none") == 2
    assert "(分值或等级): is empty; every row needs one" in told
    assert "every row of 'likelihood.hazard.vehicle_age' is deleted; delete the indicator in the sheet 指标" in told
    assert told.count("every row of") == 1
    taxi.workbook.write_bytes(EXPORTED[EVERY["taxi"]])
    taxi.delete("取值", 'severity.energy#"ev"')
    told = taxi.refused()
    assert "sheet 指标" in told and "'ev' of energy has no score; every value needs one" in told


def test_emptied_cells_that_are_needed(taxi: Bench) -> None:
    taxi.set("直接判定", "no_permit", "判定方式", None)
    taxi.set("采集项", "fleet_size", "名称", None)
    taxi.set("采集项", "vehicle_age", "上限", None)
    taxi.set("指标", "likelihood.hazard", "权重", None)
    told = taxi.refused()
    for words in (
        "sheet 直接判定 B2 (编号): an override has exactly one of at_least", "采集项 C2 (名称): required key 'label'",
        "采集项 G3 (上限): must be a number",
    ):  # fmt: skip
        assert words in told, told
    taxi.workbook.write_bytes(EXPORTED[EVERY["taxi"]])
    taxi.set("指标", "likelihood.hazard", "权重", None)
    assert "needs weight: because it stands in a weighted_mean" in taxi.refused()


def test_a_part_that_the_text_has_lost(taxi: Bench) -> None:
    text = taxi.path.read_text(encoding="utf-8")
    taxi.path.write_text(text[: text.index("controls:")], encoding="utf-8")
    taxi.before["standard.yaml"] = taxi.path.read_bytes()
    assert "no longer has anything for the sheet '管控措施'" in taxi.refused()


def test_new_rows_that_do_not_fit(taxi: Bench) -> None:
    one = taxi.add("指标", 路径="likelihood.hazrd.x", 计算方式="公式", 依据="1")
    two = taxi.add("指标", 路径="severity.y", 计算方式="加权平均")
    three = taxi.add("分档", 路径="severity.peple", **{"下限（含）": 1, "分值或等级": 1})
    four = taxi.add("采集项", 名称="无编号")
    five = taxi.add("直接判定", 编号="no_permit", 条件="has_permit")
    told = taxi.refused()
    for words in (
        f"指标 B{one} (路径): 'likelihood.hazrd' is no branch of the tree", "did you mean likelihood.hazard?",
        f"指标 D{two} (计算方式): '加权平均' is given; a new indicator is one of: 分档、取值、公式",
        f"分档 B{three} (路径): 'severity.peple' is no indicator of this kind", "did you mean severity.people?",
        f"采集项 B{four} (编号): a new row needs its 编号", f"直接判定 B{five} (编号): 'no_permit' stands twice",
    ):  # fmt: skip
        assert words in told, told


def test_importing_again_changes_nothing(taxi: Bench) -> None:
    path = "likelihood.hazard.shift"
    taxi.add("指标", 路径=path, 名称="双班", 计算方式="分档", 依据="night_share", 权重=0.1)
    taxi.add("分档", 路径=path, **{"分值或等级": 1})
    taxi.add("分档", 路径=path, **{"下限（含）": 50, "分值或等级": 3})
    taxi.add("分档", 路径="severity.people", **{"下限（含）": 5, "分值或等级": 2.5})
    taxi.delete("分档", "severity.depot_parked#2")
    taxi.delete("直接判定", "no_permit")
    taxi.add(
        "直接判定", 编号="big", 条款="6.3e", 条件="fleet_size > 9000", 判定方式="不低于", 等级="重大", 理由="规模大"
    )
    taxi.add("清单", 编号="taxi_s99", 风险源名称="新风险源")
    taxi.delete("清单", "taxi_s06")
    assert len(taxi.read().files) == 2
    assert taxi.read().files == ()
    left, _ = taxi.lines()
    assert "- id: no_permit" in left
    taxi.set("分档", "severity.people#0", "分值或等级", 1)
    with pytest.raises(KitError, match=r"other rows of the same indicator have been changed.*Export again"):
        taxi.read()


def test_missing_sheets_and_columns(taxi: Bench) -> None:
    def work(book: Any) -> None:
        book["分档"].title = "分 档"
        book["采集项"]["D1"].value = "类 型"

    taxi.edit(work)
    told = taxi.refused()
    assert "the sheet '分档' is missing" in told
    assert "sheet 采集项 row 1: the column '类型' is missing" in told


def test_edits_go_into_a_text_changed_since(taxi: Bench) -> None:
    taxi.set("指标", "likelihood.hazard", "权重", 0.7)
    taxi.set("采集项", "vehicle_age", "上限", 20)
    text = taxi.path.read_text(encoding="utf-8")
    later = text.replace("title: 机动车运行安全技术条件", "title: 机动车安全").replace(
        "range: [1, 50]", "range: [1, 60]"
    )
    taxi.path.write_text(later, encoding="utf-8")
    taxi.read()
    expected = later.replace("weight: 0.6", "weight: 0.7").replace("range: [0, 15]", "range: [0, 20]")
    assert taxi.path.read_text(encoding="utf-8") == expected


def test_conflicts_are_told_and_nothing_is_applied(taxi: Bench) -> None:
    taxi.set("指标", "likelihood.hazard", "权重", 0.7)
    taxi.set("采集项", "vehicle_age", "上限", 20)
    taxi.set("分档", "severity.people#1", "分值或等级", 4)
    taxi.delete("直接判定", "serious_history")
    text = taxi.path.read_text(encoding="utf-8")
    text = text.replace("weight: 0.6", "weight: 0.65").replace("at: [3, 10, 30]", "at: [3, 11, 30]")
    taxi.path.write_text(text.replace("crash_rate >= 10", "crash_rate >= 9"), encoding="utf-8")
    taxi.before["standard.yaml"] = taxi.path.read_bytes()
    told = taxi.refused()
    for words in (
        "sheet 指标 F3 (权重): conflict: edited here and in the text since the export; it was '0.6' then, is '0.65'",
        "(given: 0.7)", "sheet 分档 G37 (分值或等级): conflict", "other rows of the same indicator",
        "the row 'serious_history' is deleted here, but was changed",
    ):  # fmt: skip
        assert words in told, told
    assert "上限" not in told


def test_windows_line_ends_and_byte_order_mark_stay(taxi: Bench) -> None:
    text = taxi.path.read_text(encoding="utf-8")
    taxi.path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    export_workbook(taxi.path, taxi.workbook)
    assert taxi.read().files == ()
    taxi.set("指标", "likelihood.hazard", "权重", 0.7)
    taxi.read()
    expected = text.replace("weight: 0.6", "weight: 0.7").replace("\n", "\r\n")
    assert taxi.path.read_bytes() == b"\xef\xbb\xbf" + expected.encode()


def test_frozen_versions_and_other_files_are_refused(taxi: Bench, tmp_path: Path) -> None:
    frozen = taxi.folder / "versions" / "0.1.0"
    shutil.copytree(taxi.folder, tmp_path / "copy")
    shutil.copytree(tmp_path / "copy", frozen)
    with pytest.raises(KitError, match="a published version is never changed"):
        import_workbook(taxi.workbook, frozen / "standard.yaml")
    with pytest.raises(KitError, match=r"holds the standard 'taxi', but .* is 'catering'"):
        import_workbook(taxi.workbook, EVERY["catering"], dry_run=True)
    other = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(other)
    with pytest.raises(KitError, match="not written by 'kit standard export'"):
        import_workbook(other, taxi.path)
    other.write_text("no workbook")
    with pytest.raises(KitError, match="cannot be read as a workbook"):
        import_workbook(other, taxi.path)
    with pytest.raises(KitError, match=r"must be named \.xlsx"):
        export_workbook(taxi.path, tmp_path / "a.ods")


def test_both_files_are_written_or_neither(taxi: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    taxi.set("指标", "likelihood.hazard", "权重", 0.7)
    taxi.set("清单", "taxi_s02", "风险源名称", "疲劳")
    write = Path.write_bytes

    def failing(self: Path, data: bytes) -> int:
        if self.parent == taxi.folder and self.suffix == ".csv":
            raise OSError("disk full")
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", failing)
    with pytest.raises(OSError, match="disk full"):
        taxi.read()
    assert taxi.unchanged()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("shared"), EVERY["taxi"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=st.data())
def test_random_numbers_make_exactly_those_changes(shared: Bench, source: st.DataObject) -> None:
    original, text = shared.workbook.read_bytes(), shared.before["standard.yaml"].decode()
    data = shared.data
    weights = {
        f"likelihood.{branch}.{leaf}": ("scores", "likelihood", "weighted_mean", branch, "weighted_mean", leaf)
        for branch in ("hazard", "control")
        for leaf in data["scores"]["likelihood"]["weighted_mean"][branch]["weighted_mean"]
    }
    numbers = st.one_of(st.integers(1, 50), st.floats(0.001, 99, allow_nan=False).map(lambda x: float(f"{x:.12g}")))
    chosen = source.draw(
        st.dictionaries(st.sampled_from(sorted(weights)), st.tuples(st.booleans(), numbers), max_size=5)
    )
    try:
        book = shared.open()
        touched: set[str] = set()
        for path, (weight, number) in chosen.items():
            record = data
            for step in weights[path]:
                record = record[step]
            plain = int(number) if float(number).is_integer() else number
            if weight:
                shared.cell(book["指标"], path, "权重").value = number
                old, record["weight"] = record["weight"], plain
            else:
                shared.cell(book["分档"], f"{path}#1", "分值或等级").value = number
                old, record["bands"]["scores"][1] = record["bands"]["scores"][1], plain
            if old != plain:
                touched.add(path)
        book.save(shared.workbook)
        done = shared.read()
        kinds = ("scores", "weighted_mean", "weight", "bands", 1)
        assert {".".join(step for step in one[0] if step not in kinds) for one in done.values} == touched
        assert same(shared.data, data) or not touched
        before, after = text.split("\n"), shared.path.read_text(encoding="utf-8").split("\n")
        assert len(before) == len(after)
        assert sum(one != other for one, other in zip(before, after, strict=True)) == len(touched)
    finally:
        shared.workbook.write_bytes(original)
        shared.path.write_text(text, encoding="utf-8")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
@pytest.mark.parametrize("name", ["taxi", "emergency_capability", "lec_construction"])
def test_saved_again_by_libreoffice_nothing_changes(name: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path, EVERY[name])
    out = tmp_path / "saved"
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", str(out), str(bench.workbook)], check=True, capture_output=True, timeout=240)
    done = import_workbook(out / "book.xlsx", bench.path)
    assert done.files == ()


def test_a_problem_is_an_error_of_the_user(taxi: Bench) -> None:
    taxi.set("采集项", "fleet_size", "类型", "整形")
    with pytest.raises(ProblemsError) as caught:
        taxi.read()
    assert caught.value.problems[0].file == str(taxi.workbook)


def test_clauses_of_the_published_text(taxi: Bench) -> None:
    text = taxi.path.read_text(encoding="utf-8")
    clauses = 'clauses:   # 条文\n  "5.2": {title: {zh: 固有危险}, text: [{zh: 一, en: one}, {zh: 二}]}\n'
    without = re.sub(r"^clauses:.*?(?=^\w)", "", text, flags=re.MULTILINE | re.DOTALL)
    taxi.path.write_text(without.replace("\nfields:", f"\n{clauses}\nfields:", 1), encoding="utf-8")
    export_workbook(taxi.path, taxi.workbook)
    taxi.before["standard.yaml"] = taxi.path.read_bytes()
    assert taxi.read().files == ()
    taxi.set("条款", "5.2", "正文（一行一段）", "一\n三")
    taxi.add("条款", 条款号="5.10", 标题="其他", 应有规则="否")
    taxi.read()
    assert taxi.data["clauses"] == {
        "5.2": {"title": {"zh": "固有危险"}, "text": [{"zh": "一", "en": "one"}, {"zh": "三"}]},
        "5.10": {"title": {"zh": "其他"}, "rule": False},
    }
    left, right = taxi.lines()
    assert right == [left[0].replace("二", "三"), '"5.10": {title: {zh: 其他}, rule: false}']
