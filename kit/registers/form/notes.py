"""The pages of the form that are only read: 填报说明, the checklist, the lookup tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kit.errors import KitError
from kit.registers.codes_list import code_names
from kit.registers.form.cells import COLOURS, FONT, lines, put, set_printing, sheet_title
from kit.registers.form.layout import FormLayout, allowed_text, lookup_title, words
from kit.registers.form.rules import used_fields
from kit.registers.sources import read_raw
from kit.standard.standard import ChecklistItem, Standard

if TYPE_CHECKING:
    from openpyxl import Workbook

_WIDTHS = (15, 30, 10, 34, 7, 16, 60)
_ITEM_WIDTHS = (14, 22, 14, 10, 26, 30, 44, 60)


def add_notes(page: Any, standard: Standard, layout: FormLayout, *, made: bool) -> None:
    """Write the first page: what the form is, who fills in what, colours, how it is sent back, the fields."""
    from openpyxl.utils import get_column_letter

    said = words()
    page.title = said["sheets"]["notes"]
    for at, width in enumerate(_WIDTHS, start=1):
        page.column_dimensions[get_column_letter(at)].width = width
    pen = _Pen(page, sum(_WIDTHS), len(_WIDTHS))
    pen.line(said["title"].format(title=standard.title), size=18, bold=True)
    document = standard.document
    if standard.illustrative:
        pen.line(said["provenance"]["illustrative"], bold=True, colour="C00000")
    if made:
        pen.line(said["made"], bold=True, colour="C00000")
    facts = {
        "standard": f"{standard.title}（{standard.label}）",
        "fingerprint": said["fingerprint_note"].format(short=standard.fingerprint[:12]),
        "status": said["statuses"][document.status],
        "object": said["objects"][document.object],
        "provenance": said["provenance"][document.provenance],
    }
    for key, text in facts.items():
        pen.pair(said["facts"][key], text)
    pen.heading(said["how_to_title"])
    children = [
        sentence.format(sheet=sheet.title, key=sheet.column(sheet.key).spec.label.zh, parent=_parent(layout, sheet.id))
        for sheet in layout.sheets
        if sheet.kind == "child"
        for sentence in said["how_to"]["children"]
    ]
    for number, text in enumerate([*said["how_to"][document.object], *children, *said["how_to"]["all"]], start=1):
        pen.line(f"{number}. {text}")
    pen.heading(said["colours_title"])
    for key, text in said["colours"].items():
        if key != "unused" or any(
            sheet.kind == "sources" and any(column.asked for column in sheet.columns) for sheet in layout.sheets
        ):
            pen.colour(COLOURS[key], text)
    pen.heading(said["send_title"])
    for number, text in enumerate(said["send"], start=1):
        pen.line(f"{number}. {text}")
    pen.heading(said["fields_title"])
    rows = []
    for sheet in layout.sheets:
        for column in sheet.columns:
            spec = column.spec
            times = (
                "child" if sheet.kind == "child" else "row" if sheet.kind == "object" else sheet.id.removesuffix("s")
            )
            rows.append(
                [
                    sheet.title, spec.label.zh, spec.unit or "", allowed_text(column),
                    said["yes"] if spec.required else said["no"], said["per"][times], spec.how.zh if spec.how else "",
                ]
            )  # fmt: skip
    page.print_title_rows = f"{pen.row}:{pen.row}"
    pen.table(said["fields_headings"], rows, _WIDTHS)
    page.sheet_view.showGridLines = False
    set_printing(page, standard, made)


def add_references(book: Workbook, standard: Standard, layout: FormLayout, *, made: bool) -> None:
    """Write the checklist, and the lookup tables from which keys are chosen."""
    if standard.checklist:
        title = words()["sheets"]["checklist"]
        page = book.create_sheet(title)
        rows = [_item(standard, item) for item in standard.checklist]
        _reference(page, standard, title, words()["item_headings"], rows, _ITEM_WIDTHS, made)
    used = {column.lookup for sheet in layout.sheets for column in sheet.columns if column.lookup}
    for table in sorted(used):
        title = lookup_title(standard, table, layout)
        headings, rows = _lookup(standard, table, layout)
        _reference(
            book.create_sheet(title), standard, title, headings, rows, [18, 40] + [14] * (len(headings) - 2), made
        )


def _parent(layout: FormLayout, child: str) -> str:
    sheet = layout.sheet(child)
    above = sheet.column(sheet.key).parent
    return layout.sheet(above).title if above else ""


def _item(standard: Standard, item: ChecklistItem) -> list[Any]:
    names = used_fields(standard, item.fields)
    labels = "、".join(spec.label.zh for name, spec in standard.fields.items() if name in names)
    return [
        item.id, item.name_zh, code_names("accident_classes").get(item.accident_class, item.accident_class),
        item.hazard_factor, item.where_zh, item.consequence_zh, labels or words()["all_fields"],
        "；".join(item.controls),
    ]  # fmt: skip


def _lookup(standard: Standard, table: str, layout: FormLayout) -> tuple[list[str], list[list[Any]]]:
    declared, values = standard.document.tables[table], standard.lookups[table]
    label = next(column.spec.label.zh for sheet in layout.sheets for column in sheet.columns if column.lookup == table)
    names = _names(standard, table)
    columns = list(declared.values)
    headings = [label, words()["lookup_name"]]
    headings += [
        name + (words()["unit_suffix"].format(unit=spec.unit) if spec.unit else "")
        for name, spec in declared.values.items()
    ]
    rows = []
    for key, row in values.iterrows():
        cells = [row[column] for column in columns]
        known = [None if cell != cell or cell == "" else cell for cell in cells]
        rows.append([str(key), names.get(str(key), ""), *known])
    return headings, rows


def _names(standard: Standard, table: str) -> dict[str, str]:
    """Return key -> Chinese name, where the file beside the standard has them; the standard keeps values only."""
    declared = standard.document.tables[table]
    try:
        raw = read_raw(standard.path.parent / declared.file)
    except KitError:
        return {}
    if declared.key not in raw.headings or "name_zh" not in raw.headings:
        return {}
    key, name = raw.headings.index(declared.key), raw.headings.index("name_zh")
    return {str(row[key]).strip(): str(row[name]).strip() for row in raw.rows if len(row) > max(key, name)}


def _reference(
    page: Any, standard: Standard, title: str, headings: list[str], rows: list[list[Any]], widths: Any, made: bool
) -> None:
    from openpyxl.utils import get_column_letter

    for at, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(at)].width = width
    pen = _Pen(page, sum(widths), len(headings))
    pen.line(sheet_title(standard, title, made=False), size=14, bold=True, merge=False)
    pen.table(headings, rows, widths)
    page.freeze_panes = page.cell(3, 3)
    set_printing(page, standard, made)
    page.print_title_rows = "1:2"


class _Pen:
    """Writes down a page line by line."""

    def __init__(self, page: Any, width: float, columns: int) -> None:
        self.page, self.width, self.columns, self.row = page, width, columns, 1

    def line(
        self, text: str, *, size: int = 11, bold: bool = False, colour: str = "000000", merge: bool = True
    ) -> None:
        """Write a line over the whole width."""
        from openpyxl.styles import Alignment, Font

        cell = put(self.page, self.row, 1, text)
        cell.font = Font(name=FONT, size=size, bold=bold, color=colour)
        cell.alignment = Alignment(wrap_text=merge, vertical="center")
        if merge:
            self.page.merge_cells(start_row=self.row, end_row=self.row, start_column=1, end_column=self.columns)
        self.page.row_dimensions[self.row].height = lines(text, self.width, size) * size * 1.45 + 4
        self.row += 1

    def heading(self, text: str) -> None:
        """Write a heading with room above."""
        self.row += 1
        self.line(text, size=13, bold=True, colour="1F4E79")

    def pair(self, key: str, text: str) -> None:
        """Write a fact: what, and its value."""
        from openpyxl.styles import Alignment, Font

        put(self.page, self.row, 1, key).font = Font(name=FONT, size=11, bold=True)
        cell = put(self.page, self.row, 2, text)
        cell.font, cell.alignment = Font(name=FONT, size=11), Alignment(wrap_text=True, vertical="center")
        self.page.merge_cells(start_row=self.row, end_row=self.row, start_column=2, end_column=self.columns)
        self.row += 1

    def colour(self, colour: str, text: str) -> None:
        """Write a sample of a colour and what it means."""
        from openpyxl.styles import Border, Font, PatternFill, Side

        thin = Side(style="thin", color="7F7F7F")
        sample = self.page.cell(self.row, 1)
        sample.fill = PatternFill("solid", fgColor=colour)
        sample.border = Border(left=thin, right=thin, top=thin, bottom=thin)
        put(self.page, self.row, 2, text).font = Font(name=FONT, size=11)
        self.row += 1

    def table(self, headings: list[str], rows: list[list[Any]], widths: Any) -> None:
        """Write a table with lines around its cells."""
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        thin = Side(style="thin", color="BFBFBF")
        border = Border(left=thin, right=thin, top=thin, bottom=thin)
        head = PatternFill("solid", fgColor=COLOURS["required_head"])
        for number, values in enumerate([headings, *rows]):
            for at, value in enumerate(values, start=1):
                cell = put(self.page, self.row, at, value)
                cell.font = Font(name=FONT, size=10, bold=number == 0, color="000000" if number else "FFFFFF")
                cell.alignment, cell.border = Alignment(wrap_text=True, vertical="center"), border
                if number == 0:
                    cell.fill = head
                elif isinstance(value, str):
                    cell.number_format = "@"
            needed = max(lines(str(value or ""), width, 10) for value, width in zip(values, widths, strict=True))
            self.page.row_dimensions[self.row].height = needed * 14.5 + 4
            self.row += 1
