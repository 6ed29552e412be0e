"""Reading a filled-in survey form: typed frames, every row that was not accepted with its reason, nothing dropped."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError
from kit.registers.cells import parse_column
from kit.registers.form.checks import Faults, check_rows
from kit.registers.form.file import FormMark, RawSheet, open_workbook, read_mark, read_sheets
from kit.registers.form.layout import FormLayout, FormSheet, allowed_text, form_layout, words
from kit.registers.form.tables import form_tables
from kit.standard.standard import Standard

if TYPE_CHECKING:
    import pandas as pd

PROBLEM_COLUMNS = ("sheet", "row", "column", "value", "reason", "allowed", "given")


@dataclass(frozen=True)
class SheetCount:
    """How many rows of a sheet were read; always accepted plus rejected."""

    read: int
    accepted: int
    rejected: int


@dataclass
class FormData:
    """What came out of reading a filled-in form.

    Attributes
    ----------
    standard : with which it was read.
    layout : the sheets and columns of its form.
    frames : accepted rows by the id of their sheet, typed; columns by id. They go into `write_form` as they are.
    rejects : one line for each fault of a rejected row: sheet, row (as seen in the file), column, value, reason, what
        is allowed, and the row as it stood. A row may have several lines.
    remarks : the same of accepted rows: values outside their range, empty required cells. They get no level.
    counts : rows read, accepted and rejected, by sheet.
    notes : what a user may want to know: columns not read, merged cells, another text of the standard.
    made : whether the form was filled in with made data.
    mark : by what the form was known; None when it had lost its mark.
    """

    standard: Standard
    layout: FormLayout
    frames: dict[str, pd.DataFrame]
    rejects: pd.DataFrame
    remarks: pd.DataFrame
    counts: dict[str, SheetCount]
    notes: list[str] = field(default_factory=list)
    made: bool = False
    mark: FormMark | None = None

    @property
    def n_rejected(self) -> int:
        """Number of rejected rows of all sheets."""
        return sum(count.rejected for count in self.counts.values())

    @property
    def children(self) -> dict[str, pd.DataFrame]:
        """Return the child rows by register, as `kit.scoring.score` takes them."""
        return {sheet.id: self.frames[sheet.id] for sheet in self.layout.sheets if sheet.kind == "child"}

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the registers that the form fills; see `kit.registers.form.tables.form_tables`."""
        return form_tables(self.standard, self.layout, self.frames)

    def rows(self) -> pd.DataFrame:
        """Return the rows to be scored: of risk sources each with the answers of its unit, else the main sheet."""
        if self.standard.document.object == "risk_source":
            return self.tables()[f"score_input/{self.standard.id}"]
        return self.frames[self.layout.main.id]


def read_form(path: str | Path, standard: Standard, *, accept_version: bool = False) -> FormData:
    """Return what a filled-in survey form says.

    A row with a cell that cannot be read as its type, without its number, with a number that another row has, with an
    unknown checklist item or lookup key, or that belongs to no row of the sheet above, is rejected. A value outside its
    range or categories is read and remarked upon: scoring gives it no level. An empty cell is null. Where a child row
    is rejected, all child rows of the same object are: a sum over the rest would be too low.

    Parameters
    ----------
    path : the filled-in form, as saved by Excel, WPS or LibreOffice.
    standard : the standard it was made from.
    accept_version : read a form of another version although it asks something else, or one that has lost its mark.

    Raises
    ------
    KitError
        When the file is no form, is that of another standard, or of a version that asks something else.
    ProblemsError
        With every sheet and required column that is missing.

    Examples
    --------
    >>> import kit                                                          # doctest: +SKIP
    >>> filled = read_form("出租汽车调查表.xlsx", kit.load_standard("taxi"))  # doctest: +SKIP
    >>> filled.counts["sources"]                                            # doctest: +SKIP
    SheetCount(read=6, accepted=5, rejected=1)
    """
    layout = form_layout(standard)
    book = open_workbook(path)
    try:
        mark = read_mark(book)
        notes = _compare(path, mark, standard, layout, accept_version)
        raw = read_sheets(path, book, layout)
    finally:
        book.close()
    for rows in raw.values():
        if rows.extra:
            notes.append(words()["notes"]["extra"].format(sheet=rows.title, columns="、".join(rows.extra)))
        if rows.merged:
            notes.append(words()["notes"]["merged"].format(sheet=rows.title, ranges="、".join(rows.merged)))
    typed, faults = {}, {}
    for sheet in layout.sheets:
        typed[sheet.id], faults[sheet.id] = _typed(sheet, raw[sheet.id])
    remarks = check_rows(layout, raw, typed, faults)
    frames, counts = {}, {}
    for sheet in layout.sheets:
        frame, found = typed[sheet.id], faults[sheet.id]
        accepted = [at for at in range(len(frame)) if at not in found]
        frames[sheet.id] = frame.iloc[accepted].reset_index(drop=True)
        counts[sheet.id] = SheetCount(len(frame), len(accepted), len(frame) - len(accepted))
    return FormData(
        standard=standard,
        layout=layout,
        frames=frames,
        rejects=_table(layout, raw, faults),
        remarks=_table(layout, raw, remarks),
        counts=counts,
        notes=notes,
        made=bool(mark and mark.made),
        mark=mark,
    )


def _compare(
    path: str | Path, mark: FormMark | None, standard: Standard, layout: FormLayout, accept_version: bool
) -> list[str]:
    """Return what is to be said of the form's version; KitError when it cannot be read with this standard."""
    now = f"{standard.label}（{standard.fingerprint[:12]}）"
    said = words()["notes"]
    if mark is None:
        if accept_version:
            return [said["unmarked"]]
        raise KitError(
            f"{path}: no mark of a survey form found: it was not made by `kit standard form`, or its hidden sheet was "
            f"lost. To read it by its headings as a form of {standard.label} all the same, add --accept-version."
        )
    if mark.standard != standard.id:
        raise KitError(
            f"{path}: this is a form of '{mark.standard}' ({mark.standard}@{mark.version}), not of '{standard.id}' "
            f"({standard.label}); name its own standard: --standard {mark.standard}"
        )
    if (mark.version, mark.fingerprint) == (standard.version, standard.fingerprint):
        return []
    if mark.questions == layout.questions:
        return [said["same_questions"].format(given=mark.label, now=now).strip()]
    if accept_version:
        return [said["accepted_version"].format(given=mark.label, now=now).strip()]
    raise KitError(
        f"{path}: the form was made from {mark.label}, the standard now is {now}, and it asks something else. Make the "
        f"new form with these answers in it (kit standard form {standard.id} --data {Path(path).name} -o NEW.xlsx) and "
        "have it filled in, or read the old one as far as it goes with --accept-version."
    )


def _typed(sheet: FormSheet, raw: RawSheet) -> tuple[pd.DataFrame, Faults]:
    """Return the rows as their declared types, and the cells that cannot be read."""
    import pandas as pd

    columns: dict[str, Any] = {}
    faults: Faults = {}
    for column in sheet.columns:
        at = raw.places.get(column.id)
        errors = {row for row, place in raw.errors if place == at}
        columns[column.id], bad = parse_column(raw.values(column.id), column.spec, errors=errors)
        for cell in bad:
            faults.setdefault(cell.position, []).append((column.id, cell.value, cell.reason))
    ids = {at: name for name, at in raw.places.items()}
    for position, at in sorted(raw.formulas):
        faults.setdefault(position, []).append((ids[at], "", words()["reasons"]["no_formula_value"]))
    return pd.DataFrame(columns, index=range(len(raw.rows))), faults


def _table(layout: FormLayout, raw: dict[str, RawSheet], faults: dict[str, Faults]) -> pd.DataFrame:
    import pandas as pd

    lines = []
    for sheet in layout.sheets:
        rows = raw[sheet.id]
        allowed = {column.id: allowed_text(column) for column in sheet.columns}
        labels = {column.id: column.spec.label.zh for column in sheet.columns}
        for position in sorted(faults[sheet.id]):
            given = "；".join(
                f"{heading}={value}"
                for heading, value in zip(rows.headings, rows.rows[position], strict=False)
                if heading and value is not None and str(value).strip()
            )
            for name, value, reason in faults[sheet.id][position]:
                lines.append(
                    (
                        rows.title, rows.numbers[position], labels.get(name, ""), value, reason,
                        allowed.get(name, ""), given,
                    )
                )  # fmt: skip
    frame = pd.DataFrame(lines, columns=list(PROBLEM_COLUMNS))
    return frame.astype({name: "int64" if name == "row" else "str" for name in PROBLEM_COLUMNS})
