"""Form -> import -> form loses nothing: whatever is written into a form is read back, and gives the same form again."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kit.registers import FormData, form_layout, read_form, write_form
from kit.registers.cells import parse_column
from kit.registers.form.layout import FormColumn, FormSheet
from kit.standard import Standard, load_standard
from tests.registers.form.form_standards import write_standard
from tests.shipped import NAMES

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{2,12}", fullmatch=True)
LABELS = ["面积", "人数（含临时）", "比例(%)", "是否合格", "说明*", "日期", "备注 一", "单位名称", "A", "燃料/能源"]
KINDS = ["number", "integer", "boolean", "category", "text", "date"]
CATEGORIES = ["燃气（一）", "无", "其他", "其他", "Ⅴ级", "=A1", "a1", "100%", "①", "是"]
# Blanks at the ends of a cell are not data, and neither is what no XML file can hold.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff"), min_size=1, max_size=60),
    st.sampled_from(
        ["=1+1", "+86", "-", "@x", "'=1", "0", "007", "1.0", "true", "nan", "None", "第一行\n第二行",
         "a\r\nb\tc", "_x000D_", "_x005F_x000D_", "<b>&amp;", "2019-10-01", "1e5", "是", "长" * 32_000, "\x0b\x01z",
         "😀", "#REF", "85%"]
    ),
).map(str.strip).filter(lambda text: text != "")  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-(10**15), 10**15).map(float),
    st.decimals(-(10**5), 10**5, places=9, allow_nan=False).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just(0.0),
)
DAYS = st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))


# Shrinking a case with several workbooks takes minutes and shows little that the first failure does not.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]


@st.composite
def fields(draw: st.DrawFn, most: int = 6) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {"area": {"label": {"zh": "基本面积"}, "type": "number", "required": True}}
    for at in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(KINDS))
        spec: dict[str, Any] = {"label": {"zh": draw(st.sampled_from(LABELS))}, "type": kind}
        if kind == "category":
            texts = draw(st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=5))
            spec["values"] = {f"a{place}": text for place, text in enumerate(texts)}
        if kind in ("number", "integer"):
            spec |= draw(
                st.sampled_from([{}, {"unit": "%"}, {"unit": "m²", "range": [-1000, 1000]}, {"unit": "起/百车·年"}])
            )
        spec["required"] = draw(st.booleans())
        spec["per"] = draw(st.sampled_from(["unit", "source"]))
        made[f"f{at}"] = spec
    return made


def column_values(draw: st.DrawFn, column: FormColumn, count: int) -> pd.Series:
    kind = column.spec.type
    if column.options and kind != "boolean":
        values: st.SearchStrategy[Any] = st.sampled_from(list(column.options))
    else:
        values = {
            "number": NUMBERS, "integer": st.integers(-(10**12), 10**12), "boolean": st.booleans(), "text": TEXTS,
            "date": DAYS,
        }[kind]  # fmt: skip
    given_values = draw(st.lists(st.none() | values, min_size=count, max_size=count))
    if kind == "date":
        return pd.Series([None if day is None else pd.Timestamp(day) for day in given_values], dtype="datetime64[ms]")
    dtypes = {"number": "float64", "integer": "float64", "boolean": "boolean", "text": "str", "category": "str"}
    return pd.Series(given_values, dtype=dtypes[kind])


@st.composite
def frames(draw: st.DrawFn, standard: Standard) -> dict[str, pd.DataFrame]:
    made: dict[str, pd.DataFrame] = {}
    for sheet in form_layout(standard).sheets:
        keys = draw(st.lists(IDS, unique=True, max_size=4))
        if sheet.kind == "child":
            above = form_layout(standard).sheet(sheet.column(sheet.key).parent or "")
            keys = draw(st.lists(st.sampled_from(list(made[above.id][above.key]) or ["-"]), max_size=5))
            keys = [key for key in keys if key != "-"]
        if sheet.kind == "sources" and made["units"].empty:
            keys = []
        columns = {column.id: column_values(draw, column, len(keys)) for column in sheet.columns}
        columns[sheet.key] = pd.Series(keys, dtype="str")
        if sheet.kind == "sources":
            owners = [draw(st.sampled_from(list(made["units"]["unit_id"]))) for _ in keys]
            columns["unit_id"] = pd.Series(owners, dtype="str")
        made[sheet.id] = pd.DataFrame(columns, index=range(len(keys)))
    return made


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], bool]:
    kind = draw(st.sampled_from(["risk_source", "unit", "installation", "area"]))
    key = {"risk_source": "source_id", "unit": "unit_id", "installation": "installation_id", "area": "area_id"}[kind]
    changes: dict[str, Any] = {"object": kind, "fields": draw(fields())}
    if draw(st.booleans()):
        rows = {name: {**spec, "per": "unit"} for name, spec in draw(fields(3)).items()}
        changes["children"] = {"parts": {"key": key, "fields": rows, "totals": {"total": {"sum": "area"}}}}
    return changes, draw(st.booleans())


def everything(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every cell of a workbook with its type and look, and the rules of every sheet."""
    book = openpyxl.load_workbook(path)
    found: dict[str, list[tuple[Any, ...]]] = {}
    for page in book:
        cells = [
            (cell.coordinate, cell.value, cell.data_type, cell.number_format, cell.quotePrefix)
            for row in page.iter_rows()
            for cell in row
        ]
        rules = [
            (str(rule.sqref), rule.type, rule.formula1, rule.prompt) for rule in page.data_validations.dataValidation
        ]
        found[page.title] = [*cells, *rules]
    return found


def assert_same(filled: FormData, given_frames: dict[str, pd.DataFrame]) -> None:
    assert filled.rejects.empty, filled.rejects.to_string()
    for name, frame in given_frames.items():
        pd.testing.assert_frame_equal(filled.frames[name], frame, check_exact=True)
        assert filled.counts[name].read == filled.counts[name].accepted == len(frame)


@settings(
    max_examples=40,
    deadline=None,
    phases=PHASES,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_nothing_is_lost(data: st.DataObject) -> None:
    changes, checklist = data.draw(cases())
    with tempfile.TemporaryDirectory() as folder:
        standard = write_standard(Path(folder) / "s", checklist=checklist, **changes)
        first = data.draw(frames(standard))
        one, two = Path(folder) / "one.xlsx", Path(folder) / "two.xlsx"
        write_form(standard, one, data=first)
        filled = read_form(one, standard)
        assert_same(filled, first)
        write_form(standard, two, data=filled.frames)
        assert everything(two) == everything(one)


@settings(
    max_examples=15,
    deadline=None,
    phases=PHASES,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data(), name=st.sampled_from(sorted(NAMES)))
def test_nothing_is_lost_with_the_shipped_standards(data: st.DataObject, name: str) -> None:
    standard = _shipped(name)
    first = data.draw(frames(standard))
    with tempfile.TemporaryDirectory() as folder:
        write_form(standard, Path(folder) / "one.xlsx", data=first)
        assert_same(read_form(Path(folder) / "one.xlsx", standard), first)


@cache
def _shipped(name: str) -> Standard:
    return load_standard(name)


def resave(path: Path, folder: Path) -> Path:
    """Return the workbook as LibreOffice saves it again; the test is skipped where there is none."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not on this machine")
    folder.mkdir()
    profile = folder / "profile"
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx"]
    done = subprocess.run(
        [*command, "--outdir", str(folder), str(path)], capture_output=True, text=True, timeout=180, check=False
    )
    if not (folder / path.name).exists():
        pytest.skip(f"LibreOffice here has no Calc: {done.stderr.strip()[-80:]}")
    return folder / path.name


def _example(sheet: FormSheet, number: int) -> pd.DataFrame:
    """Return rows in which every column has an ordinary value, a null, and the odd ones that people type."""
    texts = ["=1+1", "007", "第一行\n第二行", "  前后空白  ", "<b>&", "2019-10-01", "x" * 3000, "0.10"]
    values: dict[str, list[Any]] = {
        "number": [0.1, 123456.123456789, 0.0, -2.5, 1e-9, 3.0, 99.999999999, 1e12],
        "integer": [0, 1, 2, 30, 4, 5, 6, 700],
        "boolean": [True, False] * 4,
        "text": texts,
        "date": [dt.date(2019, 12, 31), dt.date(1900, 3, 1), dt.date(1899, 1, 2), dt.date(2020, 2, 29)] * 2,
    }
    made: dict[str, Any] = {}
    for at, column in enumerate(sheet.columns):
        kind = column.spec.type
        chosen = list(column.options) if column.options and kind != "boolean" else values[kind]
        cells = [chosen[row % len(chosen)] if (row + at) % 5 else None for row in range(number)]
        made[column.id] = parse_column(cells, column.spec)[0]
    keys = [f"K{row:03d}" for row in range(number)]
    made[sheet.key] = pd.Series(keys, dtype="str")
    if sheet.kind == "sources":
        made["unit_id"] = pd.Series(keys, dtype="str")
    return pd.DataFrame(made)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_saved_again_by_libreoffice_it_is_still_the_form(name: str, tmp_path: Path) -> None:
    standard = load_standard(name)
    layout = form_layout(standard)
    given_frames = {sheet.id: _example(sheet, 8) for sheet in layout.sheets}
    path = write_form(standard, tmp_path / "form.xlsx", data=given_frames)
    again = resave(path, tmp_path / "again")
    filled = read_form(again, standard)
    assert filled.mark is not None and filled.notes == []
    assert_same(filled, given_frames)
    book = openpyxl.load_workbook(again)
    for sheet in layout.sheets:
        covered = {
            str(area) for rule in book[sheet.title].data_validations.dataValidation for area in rule.sqref.ranges
        }
        assert len(covered) >= len(sheet.columns), "the drop-downs and ranges are still there"
