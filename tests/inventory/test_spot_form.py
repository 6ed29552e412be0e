"""The spot check form: what is written, what is read back, and every way in which a filled-in copy can be wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from kit.errors import KitError, ProblemsError
from kit.inventory.spot_checks import SpotSample, draw_sample, estimate
from kit.inventory.spot_form import write_spot_form
from kit.inventory.spot_results import write_spot_results
from kit.inventory.spot_return import read_spot_forms
from tests.inventory.small_quarters import quarter, source, unit

ON = dt.date(2019, 12, 31)
FORM, FIRST = "抽查表", 5


@pytest.fixture(scope="module")
def sample() -> SpotSample:
    units = [unit("U1", name="=1+1"), unit("U2", name="示例<b>二&", district="110105", street="110105001")]
    levels = ("low", "major", "general", None)
    sources = [source(f"S{n:02}", f"U{n % 2 + 1}", levels[n % 4]) for n in range(40)]
    return draw_sample(quarter(units, sources), "2019Q4", 16, 11, emphasis={"major": 2}, made=True)


@pytest.fixture
def form(sample: SpotSample, tmp_path: Path) -> Path:
    return write_spot_form(sample, tmp_path / "抽查表.xlsx")


class Copy:
    """A copy of the form that is filled in by column and source."""

    def __init__(self, form: Path) -> None:
        self.book = openpyxl.load_workbook(form)
        self.page = self.book[FORM]
        self.columns = {str(cell.value): cell.column for cell in self.page[2]}
        self.rows = {str(self.cell(row, "source_id").value): row for row in range(FIRST, self.page.max_row + 1)}

    def cell(self, row: int, column: str):
        return self.page.cell(row, self.columns[column])

    def fill(self, source: str, **values: object) -> None:
        for name, value in values.items():
            self.cell(self.rows[source], name).value = value

    def fill_all(self) -> None:
        for name in self.rows:
            self.fill(
                name, outcome="已检查", exists="是", level="是", measures="是", owner="√", checked_at="2019-12-05"
            )

    def save(self, path: Path) -> Path:
        self.book.save(path)
        return path


def _problems(*files: Path) -> list[str]:
    with pytest.raises(ProblemsError) as caught:
        read_spot_forms(list(files), on=ON)
    assert all(problem.message_zh != problem.message for problem in caught.value.problems)
    return [f"{problem.file}: {problem.message_zh}" for problem in caught.value.problems]


def test_the_form_says_how_it_was_drawn(form: Path, sample: SpotSample) -> None:
    book = openpyxl.load_workbook(form)
    assert book.sheetnames[:3] == ["填表说明", FORM, "分层与抽取数"]
    assert [book[name].sheet_state for name in book.sheetnames[3:]] == ["hidden", "hidden"]
    notes = "\n".join(str(cell.value) for row in book["填表说明"].iter_rows() for cell in row)
    for words in ("40个安全风险源中分层随机抽取16个", "种子：11", sample.fingerprint, "重大按2倍", "示例数据"):
        assert words in notes
    page = book[FORM]
    assert "示例数据" in page["A1"].value
    assert page.max_row - FIRST + 1 == 16
    assert page.print_title_rows == "$3:$4" and page.row_dimensions[2].hidden
    choices = {rule.promptTitle: rule.formula1 for rule in page.data_validations.dataValidation if rule.type == "list"}
    assert choices["等级相符"] == '"是,否"' and choices["现场核定等级"] == '"重大,较大,一般,低"'


def test_text_stays_text(form: Path) -> None:
    page = openpyxl.load_workbook(form)[FORM]
    column = [str(cell.value) for cell in page[2]].index("unit_name") + 1
    cells = {page.cell(row, column).value: page.cell(row, column).data_type for row in range(FIRST, page.max_row + 1)}
    assert cells == {"=1+1": "s", "示例<b>二&": "s"}


def test_the_same_sample_gives_the_same_cells(form: Path, sample: SpotSample, tmp_path: Path) -> None:
    again = write_spot_form(sample, tmp_path / "again.xlsx")
    books = [openpyxl.load_workbook(path) for path in (form, again)]
    values = [[[cell.value for cell in row] for page in book for row in page.iter_rows()] for book in books]
    assert values[0] == values[1]


def test_what_was_filled_in_comes_back(form: Path, sample: SpotSample, tmp_path: Path) -> None:
    copy = Copy(form)
    copy.fill_all()
    first, second, third, *_ = copy.rows
    copy.fill(first, measures="否", note="报警器失效", checker="甲、乙", checked_at=dt.date(2019, 12, 6))
    copy.fill(second, outcome="未能检查", exists=None, level=None, measures=None, owner=None, note="停业")
    copy.fill(third, outcome=None, exists=None, level=None, measures=None, owner=None, checked_at=None)
    found = read_spot_forms(copy.save(tmp_path / "filled.xlsx"), on=ON)
    assert (found.period, found.seed, found.fingerprint, found.made) == ("2019Q4", 11, sample.fingerprint, True)
    assert found.strata["drawn"].tolist() == sample.strata["drawn"].tolist()
    assert found.strata["stratum"].tolist() == sample.strata["stratum"].tolist()
    rows = found.rows.set_index("source_id")
    assert not rows.loc[first, "measures"] and rows.loc[first, "owner"]
    assert rows.loc[first, "checked_at"] == pd.Timestamp("2019-12-06") and rows.loc[first, "checker"] == "甲、乙"
    assert rows.loc[second, "outcome"] == "unreached" and pd.isna(rows.loc[second, "exists"])
    assert pd.isna(rows.loc[third, "outcome"])
    result = estimate(found.strata, found.rows)
    whole = result[(result["question"] == "any") & (result["group"] == "all")].iloc[0]
    assert (whole["checked"], whole["missing"], whole["failing"]) == (14, 2, 1)


def test_an_empty_form_says_nothing(form: Path) -> None:
    found = read_spot_forms(form, on=ON)
    result = estimate(found.strata, found.rows)
    assert set(result["method"]) == {"unknown"} and result["share"].isna().all()
    assert (result["low"] == 0).all() and (result["high"] == 1).all()


def test_copies_are_put_together(form: Path, tmp_path: Path) -> None:
    one, two = Copy(form), Copy(form)
    names = list(one.rows)
    for copy, mine in ((one, names[:9]), (two, names[9:])):
        for name in mine:
            copy.fill(name, outcome="已检查", exists="是", level="是", measures="否", owner="是")
    found = read_spot_forms([one.save(tmp_path / "1.xlsx"), two.save(tmp_path / "2.xlsx")], on=ON)
    assert found.rows["measures"].eq(False).all() and len(found.rows) == 16
    two.fill(names[0], measures="是")
    [problem] = _problems(one.save(tmp_path / "1.xlsx"), two.save(tmp_path / "2.xlsx"))
    assert names[0] in problem and "填得不一样" in problem


def test_lines_put_in_above_and_columns_moved_do_no_harm(form: Path, tmp_path: Path) -> None:
    copy = Copy(form)
    copy.fill_all()
    copy.page.insert_rows(1, 2)
    found = read_spot_forms(copy.save(tmp_path / "moved.xlsx"), on=ON)
    assert found.rows["exists"].all() and len(found.rows) == 16


def test_everything_that_is_wrong_is_told_at_once(form: Path, tmp_path: Path) -> None:
    copy = Copy(form)
    copy.fill_all()
    a, b, c, d, e, f, *_, last = copy.rows
    level = {name: copy.cell(row, "level_zh").value for name, row in copy.rows.items()}
    other = {name: "重大" if "重大" not in str(shown) else "低" for name, shown in level.items()}
    copy.fill(a, exists="也许")
    copy.fill(b, checked_at="去年冬天")
    copy.fill(c, outcome="未能检查")
    copy.fill(d, level_found=other[d])
    copy.fill(e, checked_at="2020-06-01")
    copy.fill(f, level="否", level_found="很高")
    copy.fill(last, source_id="S99")
    told = "\n".join(_problems(copy.save(tmp_path / "wrong.xlsx")))
    for words in (
        "“也许”读不出；应填：是、否", "“去年冬天”读不出；应填：如 2019-12-05 的日期", f"{c}选了“未能检查”却有答案",
        f"{c}未能检查，请在备注写明原因", f"{d}的“等级相符”与“现场核定等级”矛盾", "2020-06-01在今天以后",
        "“很高”读不出；应填：重大、较大、一般、低", "“S99”不在抽取的风险源中", f"被删行：{last}",
        f"row {copy.rows[a]}",
    ):  # fmt: skip
        assert words in told, words


def test_rows_that_are_double_or_gone(form: Path, tmp_path: Path) -> None:
    copy = Copy(form)
    copy.fill_all()
    first, second, *_ = copy.rows
    copy.fill(second, source_id=first)
    told = "\n".join(_problems(copy.save(tmp_path / "double.xlsx")))
    assert f"{first}在本表出现两次" in told and f"被删行：{second}" in told


def test_sheets_and_columns_that_are_gone(form: Path, tmp_path: Path) -> None:
    copy = Copy(form)
    copy.page.title = "表一"
    assert any("缺少“抽查表”表" in text for text in _problems(copy.save(tmp_path / "renamed.xlsx")))
    copy = Copy(form)
    copy.page.delete_cols(copy.columns["owner"])
    assert any("缺少列：责任人明确" in text for text in _problems(copy.save(tmp_path / "narrow.xlsx")))


def test_copies_of_another_sample_and_other_workbooks_are_refused(
    form: Path, sample: SpotSample, tmp_path: Path
) -> None:
    tables = quarter([unit("U1")], [source(f"S{n:02}", "U1") for n in range(20)])
    other = write_spot_form(draw_sample(tables, "2019Q4", 5, 1), tmp_path / "other.xlsx")
    assert any("不是同一次抽样" in text for text in _problems(form, other))
    openpyxl.Workbook().save(tmp_path / "plain.xlsx")
    with pytest.raises(KitError, match="no spot check form of the kit"):
        read_spot_forms(tmp_path / "plain.xlsx")
    with pytest.raises(KitError, match=r"name it 抽查表\.xlsx"):
        write_spot_form(sample, tmp_path / "抽查表.csv")


def test_results_are_written_with_seed_and_mark(form: Path, tmp_path: Path) -> None:
    copy = Copy(form)
    copy.fill_all()
    returned = read_spot_forms(copy.save(tmp_path / "filled.xlsx"), on=ON)
    found = estimate(returned.strata, returned.rows, confidence=0.9)
    book = openpyxl.load_workbook(write_spot_results(tmp_path / "结果.xlsx", returned, found, confidence=0.9))
    assert book.sheetnames == ["推断结果", "分层与抽取数", "现场记录"]
    shown = "\n".join(str(cell.value) for row in book["推断结果"].iter_rows() for cell in row)
    assert "示例数据" in shown and "随机种子11" in shown and "90%区间上限" in shown and returned.fingerprint in shown
    answers = [[cell.value for cell in row] for row in book["现场记录"].iter_rows(min_row=3)]
    assert len(answers) == 16 and answers[0][2:5] == ["已检查", "是", "是"]
