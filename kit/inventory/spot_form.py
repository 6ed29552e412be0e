"""The spot check form (抽查表) as an Excel workbook; `kit.inventory.spot_return` reads it back."""

from __future__ import annotations

import datetime as dt
import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from kit.errors import KitError
from kit.files import whole_file
from kit.inventory.spot_checks import KEPT, SpotSample, level_names, texts
from kit.registers.form.cells import COLOURS, FONT, MARK_SHEET, TRIGGERS, lines, put
from kit.standard.loader import read_scales

if TYPE_CHECKING:
    from openpyxl import Workbook

FORMAT = 1
SAMPLE_SHEET = "_sample"
_TITLE, ID_ROW, _HEADINGS, _HINTS, FIRST_ROW = 1, 2, 3, 4, 5


def write_spot_form(sample: SpotSample, path: str | Path) -> Path:
    """Write the form of a drawn sample as an .xlsx file, whole or not at all, and return the path.

    Sheets: 填表说明 (how it was drawn, with seed and fingerprint), 抽查表 (one row for each source, to be filled in),
    分层与抽取数 (the strata); hidden ones keep what the estimate needs. The same sample gives the same cells.

    Raises
    ------
    KitError
        When the name does not end in .xlsx.
    """
    file = Path(path)
    if file.suffix.lower() != ".xlsx":
        raise KitError(f"{path}: the spot check form is an Excel workbook; name it {file.stem}.xlsx")
    book = _workbook(sample)
    with whole_file(file) as target:
        book.save(target)
    return file


def _workbook(sample: SpotSample) -> Workbook:
    import openpyxl

    words = texts()
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    notes.title = words["sheets"]["notes"]
    _form_page(book.create_sheet(words["sheets"]["form"]), sample)
    _strata_page(book.create_sheet(words["sheets"]["strata"]), sample)
    _notes_page(notes, sample)
    mark = book.create_sheet(MARK_SHEET)
    kept = {
        "kit_spot_check": str(FORMAT), "period": sample.period, "seed": str(sample.seed), "size": str(sample.size),
        "emphasis": json.dumps(sample.emphasis), "fingerprint": sample.fingerprint,
        "left_out": json.dumps(sample.left_out), "made": "yes" if sample.made else "no", "kit": version("kit"),
        "strata": sample.strata.to_json(orient="records", force_ascii=False),
    }  # fmt: skip
    for row, (key, value) in enumerate(kept.items(), start=1):
        put(mark, row, 1, key)
        # A cell holds 32,767 characters; long values go on to the right.
        for at in range(0, max(len(value), 1), 30_000):
            put(mark, row, 2 + at // 30_000, value[at : at + 30_000])
    mark.sheet_state = "hidden"
    drawn = book.create_sheet(SAMPLE_SHEET)
    for at, column in enumerate(("source_id", *KEPT), start=1):
        put(drawn, 1, at, column)
        for row, value in enumerate(sample.rows[column], start=2):
            put(drawn, row, at, None if pd.isna(value) else str(value))
    drawn.sheet_state = "hidden"
    book.properties.title = words["file_title"].format(period=sample.period)
    book.properties.creator = "kit"
    book.properties.created = book.properties.modified = dt.datetime(2019, 1, 1)
    book.active = 1
    notes.sheet_view.tabSelected = False
    return book


def _title(sample: SpotSample) -> str:
    words = texts()
    title: str = words["title"].format(period=sample.period, mark=words["mark_made"] if sample.made else "")
    return title


def options_of() -> dict[str, dict[str, str]]:
    """Return the choices of each column that has some, id to Chinese word."""
    words = texts()
    levels = {name: label for name, label in level_names().items() if name in read_scales()["risk"].names}
    kinds = {"question": dict(words["answers"]), "level": levels}
    return {
        name: dict(column.get("values") or kinds[column["kind"]])
        for name, column in words["asked"].items()
        if column["kind"] in ("choice", "question", "level")
    }


def _form_page(page: Any, sample: SpotSample) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    words = texts()
    thin = Side(style="thin", color="BFBFBF")
    border = Border(left=thin, right=thin, top=thin, bottom=thin)

    def dress(cell: Any, colour: str, *, size: int = 10, bold: bool = False, ink: str = "000000", across: str) -> None:
        cell.font, cell.border = Font(name=FONT, size=size, bold=bold, color=ink), border
        cell.fill = PatternFill("solid", fgColor=COLOURS[colour])
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal=across)

    title = put(page, _TITLE, 1, _title(sample))
    title.font = Font(name=FONT, size=14, bold=True, color="C00000" if sample.made else "000000")
    page.row_dimensions[_TITLE].height = 26
    given, asked = words["given"], words["asked"]
    columns = {**given, **asked}
    last = FIRST_ROW - 1 + len(sample.rows)
    for at, (name, column) in enumerate(columns.items(), start=1):
        letter = get_column_letter(at)
        page.column_dimensions[letter].width = column["width"] + 1
        put(page, ID_ROW, at, name)
        dress(put(page, _HEADINGS, at, column["label"]), "key_head" if name in given else "required_head",
              bold=True, ink="FFFFFF", across="center")  # fmt: skip
        dress(put(page, _HINTS, at, column.get("hint")), "hint", size=8, ink="595959", across="center")
        options = options_of().get(name)
        kind = column.get("kind", "text")
        if "how" in column:
            rule = DataValidation(allow_blank=True)
            if options:
                rule.type, rule.formula1 = "list", f'"{",".join(options.values())}"'
                rule.error, rule.errorTitle, rule.showErrorMessage = "、".join(options.values()), column["label"], True
            rule.prompt, rule.promptTitle, rule.showInputMessage = column["how"], column["label"], True
            rule.add(f"{letter}{FIRST_ROW}:{letter}{last}")
            page.add_data_validation(rule)
        for row in range(FIRST_ROW, last + 1):
            value = sample.rows[name].iloc[row - FIRST_ROW] if name in given else None
            value = None if value is None or pd.isna(value) else int(value) if name == "position" else str(value)
            cell = put(page, row, at, value)
            colour = "key" if name in given else "required" if kind in ("choice", "question") else "optional"
            dress(cell, colour, across="left" if name in given or kind == "text" else "center")
            cell.number_format = "General" if name == "position" else "yyyy-mm-dd" if kind == "date" else "@"
            cell.quotePrefix = isinstance(value, str) and value.startswith(TRIGGERS)
    page.row_dimensions[ID_ROW].hidden = True
    page.row_dimensions[_HEADINGS].height = 30
    page.row_dimensions[_HINTS].height = 16
    for row in range(FIRST_ROW, last + 1):
        shown = sample.rows.iloc[row - FIRST_ROW]
        most = max(lines(str(shown[name]), column["width"], 10) for name, column in given.items())
        page.row_dimensions[row].height = max(30, 14 * most + 3)
    page.freeze_panes = page.cell(FIRST_ROW, 4)
    _printing(page, sample, f"{_HEADINGS}:{_HINTS}")


def _printing(page: Any, sample: SpotSample, repeat: str | None = None, *, wide: bool = True) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    page.page_setup.orientation, page.page_setup.paperSize = "landscape" if wide else "portrait", 9
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom = 0.8, 0.8
    page.oddHeader.left.text = _title(sample).replace("&", "&&")
    page.oddFooter.left.text = f"{sample.period}  {sample.seed}  {sample.fingerprint[:12]}"
    page.oddFooter.right.text = texts()["page"]
    if repeat:
        page.print_title_rows = repeat


def _strata_page(page: Any, sample: SpotSample) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    words = texts()
    page.cell(1, 1)
    put(page, 1, 1, f"{words['sheets']['strata']}{words['mark_made'] if sample.made else ''}").font = Font(
        name=FONT, size=14, bold=True, color="C00000" if sample.made else "000000"
    )
    for at, (name, label) in enumerate(words["strata_columns"].items(), start=1):
        head = put(page, 2, at, label)
        head.font = Font(name=FONT, size=10, bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor=COLOURS["key_head"])
        head.alignment = Alignment(horizontal="center")
        page.column_dimensions["ABCD"[at - 1]].width = 46 if name == "label" else 12
    rows = [(str(row["label"]), int(row["population"]), int(row["drawn"])) for row in sample.strata.to_dict("records")]
    rows.append((words["overall"], sample.population, sample.size))
    for number, (label, population, drawn) in enumerate(rows, start=3):
        for at, value in enumerate((label, population, drawn, drawn / population), start=1):
            cell = put(page, number, at, value)
            cell.font = Font(name=FONT, size=10, bold=number == len(rows) + 2)
            cell.number_format = "0.0%" if at == 4 else "#,##0" if at > 1 else "@"
    page.freeze_panes = "A3"
    _printing(page, sample, "2:2", wide=False)


def _notes_page(page: Any, sample: SpotSample) -> None:
    from openpyxl.styles import Alignment, Font

    words = texts()
    levels = level_names()
    emphasis = "、".join(
        words["emphasised"].format(level=levels[name], weight=f"{weight:g}") for name, weight in sample.emphasis.items()
    )
    told = {
        "population": f"{sample.population:,}", "size": f"{sample.size:,}", "period": sample.period,
        "seed": sample.seed, "fingerprint": sample.fingerprint, "emphasis": emphasis or words["no_emphasis"],
        "strata": words["sheets"]["strata"], "by": " × ".join(words["variables"][name] for name in sample.by),
    }  # fmt: skip
    notes = [str(note).format(**told) for note in words["notes"]]
    if sample.left_out:
        text = "，".join(
            words["left_out_part"].format(reason=words["left_out"][reason], n=f"{n:,}")
            for reason, n in sample.left_out.items()
        )
        notes.append(words["left_out_note"].format(text=text))
    notes += [
        words["asked_note"].format(label=column["label"], how=column["how"]) for column in words["asked"].values()
    ]
    put(page, 1, 1, _title(sample)).font = Font(
        name=FONT, size=16, bold=True, color="C00000" if sample.made else "000000"
    )
    page.row_dimensions[1].height = 30
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 5, 100
    for number, note in enumerate(notes, start=1):
        put(page, number + 1, 1, number).font = Font(name=FONT, size=11)
        cell = put(page, number + 1, 2, note)
        cell.font, cell.alignment = Font(name=FONT, size=11), Alignment(wrap_text=True, vertical="top")
        page.cell(number + 1, 1).alignment = Alignment(vertical="top", horizontal="center")
        page.row_dimensions[number + 1].height = 16 * lines(note, 108, 11) + 4
    _printing(page, sample, wide=False)
