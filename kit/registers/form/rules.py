"""What a cell of the form lets in: drop-downs, ranges, dates, with the message a person sees; and colours that warn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from kit.registers.form.cells import COLOURS, FIRST_ROW, LISTS_SHEET, ROOM, put
from kit.registers.form.layout import (
    ITEM,
    FormColumn,
    FormLayout,
    FormSheet,
    allowed_text,
    hint,
    lookup_title,
    plain,
    words,
)
from kit.standard.standard import Standard

if TYPE_CHECKING:
    from openpyxl import Workbook

_WIDEST = 1e15


class Lists:
    """The lists that drop-downs choose from, on a hidden sheet; equal lists are written once."""

    def __init__(self, standard: Standard, layout: FormLayout) -> None:
        self.standard, self.layout = standard, layout
        self.columns: dict[tuple[str, ...], str] = {}

    def place(self, column: FormColumn) -> str:
        """Return the range that holds a column's options."""
        if column.lookup:
            title = lookup_title(self.standard, column.lookup, self.layout)
            # Two lines, the title and the headings, stand above the keys.
            return f"'{title}'!$A$3:$A${len(column.options) + 2}"
        return self.range(tuple(column.options.values()))

    def range(self, options: tuple[str, ...]) -> str:
        """Return the range that holds these texts."""
        from openpyxl.utils import get_column_letter

        letter = self.columns.setdefault(options, get_column_letter(len(self.columns) + 1))
        return f"'{LISTS_SHEET}'!${letter}$1:${letter}${len(options)}"

    def write(self, book: Workbook) -> None:
        """Write the lists as a hidden sheet."""
        page = book.create_sheet(LISTS_SHEET)
        page.sheet_state = "hidden"
        for at, options in enumerate(self.columns, start=1):
            for row, text in enumerate(options, start=1):
                put(page, row, at, text)


def add_rules(page: Any, layout: FormLayout, sheet: FormSheet, lists: Lists, rows: int) -> None:
    """Give every column of a sheet its validation, and colour what is still missing.

    The rules reach past the last row that is filled in, so that rows may be added.
    """
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter

    last = last_row(rows)
    letters = {column.id: get_column_letter(at) for at, column in enumerate(sheet.columns, start=1)}
    for column in sheet.columns:
        letter = letters[column.id]
        area = f"{letter}{FIRST_ROW}:{letter}{last}"
        rule = _validation(layout, sheet, column, lists, letter, rows)
        rule.add(area)
        page.add_data_validation(rule)
        if column.spec.required and column.id != sheet.key:
            key = letters[sheet.key]
            missing = PatternFill("solid", bgColor=COLOURS["missing"])
            page.conditional_formatting.add(
                area, FormulaRule(formula=[f'AND(${key}{FIRST_ROW}<>"",{letter}{FIRST_ROW}="")'], fill=missing)
            )
    if ITEM in letters and sheet.kind == "sources":
        _grey_unused(page, sheet, lists, letters, last)


def last_row(rows: int) -> int:
    """Return the last row that the rules reach when `rows` rows are filled in."""
    return FIRST_ROW - 1 + rows + ROOM


def _grey_unused(page: Any, sheet: FormSheet, lists: Lists, letters: dict[str, str], last: int) -> None:
    """Grey the cells that the chosen item does not use."""
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill

    shown = sheet.column(ITEM).options
    for column in sheet.columns:
        if not column.asked:
            continue
        without = tuple(
            shown[item.id]
            for item in lists.standard.checklist
            if item.fields and column.id not in used_fields(lists.standard, item.fields)
        )
        if without:
            letter = letters[column.id]
            formula = f"COUNTIF({lists.range(without)},${letters[ITEM]}{FIRST_ROW})>0"
            grey = PatternFill("solid", bgColor=COLOURS["unused"])
            page.conditional_formatting.add(
                f"{letter}{FIRST_ROW}:{letter}{last}", FormulaRule(formula=[formula], fill=grey)
            )


def used_fields(standard: Standard, names: tuple[str, ...]) -> set[str]:
    """Return the fields behind names of fields and derived values."""
    used: set[str] = set()
    for name in names:
        if name in standard.derived_terms:
            used |= standard.fields_of(standard.derived_terms[name])
        else:
            used.add(name)
    return used


def _validation(layout: FormLayout, sheet: FormSheet, column: FormColumn, lists: Lists, letter: str, rows: int) -> Any:
    from openpyxl.worksheet.datavalidation import DataValidation

    said, spec, label = words()["errors"], column.spec, column.spec.label.zh
    allowed, kind = allowed_text(column), words()["kinds"][column.spec.type]
    last = last_row(rows)
    style: Literal["stop", "warning"] = "stop"
    if column.parent:
        above = layout.sheet(column.parent)
        # Only the rows that are filled in are offered; a warning, since rows between may be empty.
        first = f"'{above.title}'!${_letter(above)}${FIRST_ROW}"
        whole = f"{first}:${_letter(above)}${FIRST_ROW + ROOM * 10}"
        rule = DataValidation(type="list", formula1=f"OFFSET({first},0,0,MAX(1,COUNTA({whole})),1)")
        text, style = said["reference"].format(sheet=above.title), "warning"
        heading = said["reference_title"].format(sheet=above.title)
    elif column.id == sheet.key:
        area = f"${letter}${FIRST_ROW}:${letter}${last}"
        rule = DataValidation(type="custom", formula1=f"SUMPRODUCT(--({area}={letter}{FIRST_ROW}))=1")
        text = said["key"].format(label=label)
        heading = said["key_title"]
    elif column.options:
        rule = DataValidation(type="list", formula1=lists.place(column))
        text = said["list"].format(label=label, allowed=allowed)
        heading = said["list_title"]
    elif spec.numeric:
        low, high = spec.range or (-_WIDEST, _WIDEST)
        whole_numbers = spec.type == "integer"
        rule = DataValidation(
            type="whole" if whole_numbers else "decimal",
            operator="between",
            formula1=plain(low),
            formula2=plain(high),
        )
        text = said["number"].format(label=label, kind=kind, allowed=allowed)
        heading = said["number_title"]
    elif spec.type == "date":
        rule = DataValidation(type="date", operator="between", formula1="DATE(1900,3,1)", formula2="DATE(9999,12,31)")
        text = said["date"].format(label=label)
        heading = said["date_title"]
    else:
        rule = DataValidation(type="textLength", operator="lessThanOrEqual", formula1="2000")
        text, style = said["text"].format(label=label), "warning"
        heading = said["text_title"]
    rule.allow_blank = True
    rule.errorStyle = style
    rule.showErrorMessage = rule.showInputMessage = True
    rule.errorTitle, rule.error = _short(heading, 32), _short(text, 225)
    need = words()["prompts"]["required" if spec.required else "optional"]
    rule.promptTitle, rule.prompt = _short(f"{label}（{need}）", 32), _short(hint(column), 255)
    return rule


def _short(text: str, most: int) -> str:
    """Return a text no longer than a workbook takes; `cut` would lose its lines."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _letter(sheet: FormSheet) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter([column.id for column in sheet.columns].index(sheet.key) + 1)
