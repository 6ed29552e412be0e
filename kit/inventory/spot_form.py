"""The spot check form (抽查表) as an Excel workbook, and reading filled-in copies back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from kit.errors import KitError, Problem, ProblemsError, cut
from kit.files import whole_file
from kit.inventory.spot_checks import KEPT, SpotSample, level_names, texts
from kit.registers.cells import parse_column
from kit.registers.form.cells import COLOURS, FONT, MARK_SHEET, TRIGGERS, lines, put, unescape
from kit.registers.form.file import open_workbook
from kit.registers.sources import excel_value
from kit.standard.fields import FieldSpec, Label
from kit.standard.loader import read_scales

if TYPE_CHECKING:
    from openpyxl import Workbook

FORMAT = 1
SAMPLE_SHEET = "_sample"
_TITLE, _IDS, _HEADINGS, _HINTS, _FIRST = 1, 2, 3, 4, 5


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


def _options() -> dict[str, dict[str, str]]:
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
    last = _FIRST - 1 + len(sample.rows)
    for at, (name, column) in enumerate(columns.items(), start=1):
        letter = get_column_letter(at)
        page.column_dimensions[letter].width = column["width"] + 1
        put(page, _IDS, at, name)
        dress(put(page, _HEADINGS, at, column["label"]), "key_head" if name in given else "required_head",
              bold=True, ink="FFFFFF", across="center")  # fmt: skip
        dress(put(page, _HINTS, at, column.get("hint")), "hint", size=8, ink="595959", across="center")
        options = _options().get(name)
        kind = column.get("kind", "text")
        if "how" in column:
            rule = DataValidation(allow_blank=True)
            if options:
                rule.type, rule.formula1 = "list", f'"{",".join(options.values())}"'
                rule.error, rule.errorTitle, rule.showErrorMessage = "、".join(options.values()), column["label"], True
            rule.prompt, rule.promptTitle, rule.showInputMessage = column["how"], column["label"], True
            rule.add(f"{letter}{_FIRST}:{letter}{last}")
            page.add_data_validation(rule)
        for row in range(_FIRST, last + 1):
            value = sample.rows[name].iloc[row - _FIRST] if name in given else None
            value = None if value is None or pd.isna(value) else int(value) if name == "position" else str(value)
            cell = put(page, row, at, value)
            colour = "key" if name in given else "required" if kind in ("choice", "question") else "optional"
            dress(cell, colour, across="left" if name in given or kind == "text" else "center")
            cell.number_format = "General" if name == "position" else "yyyy-mm-dd" if kind == "date" else "@"
            cell.quotePrefix = isinstance(value, str) and value.startswith(TRIGGERS)
    page.row_dimensions[_IDS].hidden = True
    page.row_dimensions[_HEADINGS].height = 30
    page.row_dimensions[_HINTS].height = 16
    for row in range(_FIRST, last + 1):
        shown = sample.rows.iloc[row - _FIRST]
        most = max(lines(str(shown[name]), column["width"], 10) for name, column in given.items())
        page.row_dimensions[row].height = max(30, 14 * most + 3)
    page.freeze_panes = page.cell(_FIRST, 4)
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
    rows = [(row.label, int(row.population), int(row.drawn)) for row in sample.strata.itertuples()]
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


@dataclass(frozen=True)
class SpotReturn:
    """Filled-in forms of one sample, read back.

    Attributes
    ----------
    period, seed, fingerprint, made : of the sample.
    strata : as the sample has them.
    rows : one row for each drawn source with its stratum and level, and what was filled in: `outcome` (`checked`,
        `unreached`, null where nothing was filled in), `exists`, `level_right`, `measures`, `owner` (booleans),
        `level_found`, `checked_at`, `checker`, `note`.
    """

    period: str
    seed: int
    fingerprint: str
    made: bool
    strata: pd.DataFrame
    rows: pd.DataFrame


def read_spot_forms(paths: str | Path | Sequence[str | Path], *, on: dt.date | None = None) -> SpotReturn:
    """Return what was filled into one or several copies of a form; rows may be spread over the copies.

    Parameters
    ----------
    on : day after which a check cannot have been made; today by default.

    Raises
    ------
    KitError
        When a file is no spot check form.
    ProblemsError
        With every cell that cannot be read, answers that contradict each other, rows that are missing, strange or
        double, and copies of another sample.
    """
    files = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    if not files:
        raise KitError("no spot check form was given; give one or more .xlsx files")
    problems: list[Problem] = []
    mark, drawn, filled = {}, pd.DataFrame(), []
    for file in files:
        book = open_workbook(file)
        its_mark, its_drawn = _mark(book, file)
        if mark and its_mark != mark:
            problems.append(_problem("other_sample", str(file), first=files[0].name))
            continue
        mark, drawn = its_mark, its_drawn
        filled.append(_answers(book, file, problems))
    rows = _together(drawn, filled, files, problems)
    _consistent(rows, on or dt.date.today(), problems)
    if problems:
        raise ProblemsError(problems, f"{len(problems)} problem(s) in the spot check form; mend them and read it again")
    strata = pd.DataFrame(json.loads(mark["strata"]), columns=["stratum", "label", "level", "population", "drawn"])
    rows = rows.drop(columns=["place"])
    return SpotReturn(mark["period"], int(mark["seed"]), mark["fingerprint"], mark["made"] == "yes", strata, rows)


def _mark(book: Any, file: Path) -> tuple[dict[str, str], pd.DataFrame]:
    found: dict[str, str] = {}
    if MARK_SHEET in book.sheetnames:
        for row in book[MARK_SHEET].iter_rows(values_only=True):
            if row and row[0] is not None:
                found[str(row[0])] = unescape("".join(str(part) for part in row[1:] if part is not None))
    if "kit_spot_check" not in found or SAMPLE_SHEET not in book.sheetnames:
        raise KitError(
            f"{file}: this is no spot check form of the kit (its hidden sheets are missing); fill in the file that "
            "kit inventory spot-check draw wrote"
        )
    head, *body = list(book[SAMPLE_SHEET].iter_rows(values_only=True, max_col=1 + len(KEPT)))
    drawn = pd.DataFrame([row for row in body if row[0] is not None], columns=[str(name) for name in head])
    found.pop("kit", None)
    return found, drawn


def _spec(column: dict[str, Any], options: dict[str, str] | None) -> FieldSpec:
    label = Label(zh=column["label"])
    if column["kind"] == "question":
        return FieldSpec(label=label, type="boolean")
    if options:
        return FieldSpec(label=label, type="category", values=options)
    return FieldSpec(label=label, type="date" if column["kind"] == "date" else "text")


def _answers(book: Any, file: Path, problems: list[Problem]) -> pd.DataFrame:
    """Return the filled-in rows of one copy, with the place of each."""
    words = texts()
    title = words["sheets"]["form"]
    page = book[title] if title in book.sheetnames else None
    asked = words["asked"]
    empty = pd.DataFrame(columns=["source_id", *asked, "place"])
    if page is None:
        problems.append(_problem("no_sheet", str(file), title=title))
        return empty
    top = [[str(cell.value or "") for cell in row] for row in page.iter_rows(max_row=15)]
    # Lines that were put in above move the table down.
    moved = next((at for at, row in enumerate(top) if "source_id" in row and "outcome" in row), _IDS - 1) - (_IDS - 1)
    ids = top[_IDS - 1 + moved] if len(top) >= _IDS + moved else []
    missing = [name for name in ("source_id", *asked) if name not in ids]
    if missing:
        labels = "、".join({**words["given"], **asked}[name]["label"] for name in missing)
        problems.append(_problem("no_column", str(file), labels=labels))
        return empty
    rows: dict[str, list[Any]] = {name: [] for name in ("source_id", *asked)}
    places: list[str] = []
    for number, cells in enumerate(page.iter_rows(min_row=_FIRST + moved), start=_FIRST + moved):
        values = [unescape(value) if isinstance(value := excel_value(cell), str) else value for cell in cells]
        if not any(value is not None and str(value).strip() for value in values):
            continue
        places.append(f"{file}, sheet '{title}', row {number}")
        for name in rows:
            rows[name].append(values[ids.index(name)])
    frame = pd.DataFrame({"source_id": [str(value or "").strip() for value in rows["source_id"]]})
    for name, column in asked.items():
        options = _options().get(name)
        parsed, bad = parse_column(rows[name], _spec(column, options))
        frame[name] = parsed.astype("object").where(parsed.notna(), None)
        wrong = {fault.position for fault in bad}
        if options and column["kind"] != "question":
            wrong |= {at for at, value in enumerate(frame[name]) if value is not None and value not in options}
        for at in sorted(wrong):
            allowed = "、".join(options.values()) if options else words["allowed_date"]
            value = cut(rows[name][at])
            problems.append(_problem("unreadable", places[at], column["label"], value=value, allowed=allowed))
            frame.loc[at, name] = None
    frame["place"] = places
    return frame


def _together(
    drawn: pd.DataFrame, filled: Sequence[pd.DataFrame], files: Sequence[Path], problems: list[Problem]
) -> pd.DataFrame:
    """Return one row for each drawn source with the answers of all copies."""
    asked = texts()["asked"]
    known = set(drawn["source_id"])
    answers: dict[str, dict[str, Any]] = {}
    for frame in filled:
        inside: set[str] = set()
        for row in frame.to_dict("records"):
            source, place = str(row["source_id"]), str(row["place"])
            if source not in known:
                problems.append(_problem("not_drawn" if source else "no_number", place, source=source))
                continue
            if source in inside:
                problems.append(_problem("twice", place, source=source))
                continue
            inside.add(source)
            given = {name: row[name] for name in asked if row[name] is not None}
            before = answers.setdefault(source, {"place": place})
            for name, value in given.items():
                if name in before and before[name] != value:
                    label = asked[name]["label"]
                    problems.append(_problem("different", place, label, source=source, other=before["place"]))
            answers[source] = given | before if given else before
    gone = sorted(known - set(answers))
    if gone and any(len(frame) for frame in filled):
        shown = "、".join(gone[:10]) + (f" … ({len(gone)})" if len(gone) > 10 else "")
        problems.append(_problem("deleted", str(files[0]), sources=shown))
    rows = pd.DataFrame([{name: answers.get(str(s), {}).get(name) for name in (*asked, "place")} for s in drawn["source_id"]],
                        columns=[*asked, "place"], dtype="object")  # fmt: skip
    for name, column in asked.items():
        if column["kind"] == "question":
            rows[name] = rows[name].astype("boolean")
    rows = rows.rename(columns={"level": "level_right"})
    return pd.concat([drawn.reset_index(drop=True), rows], axis=1)


def _consistent(rows: pd.DataFrame, on: dt.date, problems: list[Problem]) -> None:
    """Add what cannot all be true at once."""
    questions = ["exists", "level_right", "measures", "owner"]
    labels = level_names()
    for row in rows.to_dict("records"):
        place, source = row["place"], row["source_id"]
        answered = [name for name in questions if not pd.isna(row[name])]
        if row["outcome"] == "unreached" and (answered or row["level_found"]):
            problems.append(_problem("unreached_answers", place, source=source))
        if row["outcome"] == "unreached" and not row["note"]:
            problems.append(_problem("unreached_reason", place, source=source))
        right, registered, found = row["level_right"], row["registered_level"], row["level_found"]
        gone = not pd.isna(row["exists"]) and not row["exists"]
        if found and not pd.isna(right) and bool(right) != (found == registered) and not gone:
            was = labels.get(str(registered), texts()["level_none"])
            problems.append(_problem("levels", place, source=source, was=was, found=labels[found]))
        day = row["checked_at"]
        if day is not None and not pd.isna(day) and pd.Timestamp(day).date() > on:
            problems.append(_problem("future", place, source=source, day=pd.Timestamp(day).date()))


def _problem(kind: str, place: str | None, column: str | None = None, **values: object) -> Problem:
    words = texts()["problems"][kind]
    return Problem(words["en"].format(**values), place, key=column, zh=words["zh"].format(**values))
