"""What the rows of a filled-in form must obey together: numbers, references, child rows; and what to remark upon."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kit.errors import cut
from kit.registers.form.file import RawSheet
from kit.registers.form.layout import ITEM, FormLayout, FormSheet, words
from kit.registers.texts import message

if TYPE_CHECKING:
    import pandas as pd

# Row position -> (column id, value, reason).
Faults = dict[int, list[tuple[str, str, str]]]


def check_rows(
    layout: FormLayout, raw: Mapping[str, RawSheet], typed: Mapping[str, pd.DataFrame], faults: dict[str, Faults]
) -> dict[str, Faults]:
    """Add what is wrong between rows and sheets to `faults`, and return the remarks on the rows that are accepted."""
    for sheet in layout.sheets:
        _keys(sheet, typed[sheet.id], faults[sheet.id])
        _options(sheet, typed[sheet.id], faults[sheet.id])
        _parents(layout, sheet, typed, faults[sheet.id])
        if sheet.kind != "child":
            _doubled(sheet, raw[sheet.id], typed[sheet.id], faults[sheet.id])
    for sheet in layout.sheets:
        if sheet.kind == "child":
            _withhold(layout, sheet, raw[sheet.id], typed, faults[sheet.id])
    return {sheet.id: _remarks(layout, sheet, raw, typed, faults) for sheet in layout.sheets}


def _keys(sheet: FormSheet, frame: pd.DataFrame, faults: Faults) -> None:
    column = sheet.column(sheet.key)
    for at in frame.index[frame[sheet.key].isna()]:
        if not any(fault[0] == sheet.key for fault in faults.get(at, [])):
            faults.setdefault(at, []).append((sheet.key, "", message("no_key", label=column.spec.label.zh)))


def _options(sheet: FormSheet, frame: pd.DataFrame, faults: Faults) -> None:
    for column in sheet.columns:
        if not column.closed:
            continue
        values = frame[column.id]
        for at in frame.index[values.notna() & ~values.isin(list(column.options))]:
            value = cut(values[at])
            reason = words()["reasons"]["unknown_option"].format(value=value)
            faults.setdefault(at, []).append((column.id, value, reason))


def _parents(layout: FormLayout, sheet: FormSheet, typed: Mapping[str, pd.DataFrame], faults: Faults) -> None:
    frame = typed[sheet.id]
    for column in sheet.columns:
        if column.parent is None:
            continue
        above = layout.sheet(column.parent)
        # Rows of the sheet above count although they were rejected: they are to be mended, not these.
        known = set(typed[above.id][above.key].dropna())
        values = frame[column.id]
        for at in frame.index[values.notna() & ~values.isin(known)]:
            value = cut(values[at])
            reason = words()["reasons"]["orphan"].format(sheet=above.title, value=value)
            faults.setdefault(at, []).append((column.id, value, reason))
        if column.id != sheet.key:
            for at in frame.index[values.isna()]:
                if not any(fault[0] == column.id for fault in faults.get(at, [])):
                    reason = message("no_key", label=column.spec.label.zh)
                    faults.setdefault(at, []).append((column.id, "", reason))


def _doubled(sheet: FormSheet, raw: RawSheet, frame: pd.DataFrame, faults: Faults) -> None:
    groups: dict[str, list[int]] = defaultdict(list)
    for at, value in frame[sheet.key].dropna().items():
        groups[str(value)].append(int(str(at)))
    for value, places in groups.items():
        if len(places) == 1:
            continue
        if all(_same(frame, places[0], at) for at in places[1:]):
            reason = words()["reasons"]["same_row"].format(row=raw.numbers[places[0]])
            places = places[1:]
        else:
            rows = "、".join(str(raw.numbers[at]) for at in places)
            reason = words()["reasons"]["same_key"].format(value=cut(value), rows=rows)
        for at in places:
            faults.setdefault(at, []).append((sheet.key, cut(value), reason))


def _same(frame: pd.DataFrame, one: int, other: int) -> bool:
    rows = frame.loc[[one, other]].astype(object).to_dict("index")
    return all(
        (_null(value) and _null(rows[other][name])) or value == rows[other][name] for name, value in rows[one].items()
    )


def _withhold(
    layout: FormLayout, sheet: FormSheet, raw: RawSheet, typed: Mapping[str, pd.DataFrame], faults: Faults
) -> None:
    """Reject what would make a sum too low: the fellows of a rejected child row, or all when its owner is unknown."""
    if not faults:
        return
    above = layout.sheet(sheet.column(sheet.key).parent or "")
    known = set(typed[above.id][above.key].dropna())
    owners = typed[sheet.id][sheet.key]
    said = words()["reasons"]
    lost = sorted(at for at in faults if owners[at] not in known)
    groups: dict[Any, list[int]] = defaultdict(list)
    for at in sorted(faults):
        groups[owners[at]].append(at)
    for at in range(len(owners)):
        if at in faults:
            continue
        if lost:
            rows = "、".join(str(raw.numbers[place]) for place in lost)
            faults[at] = [(sheet.key, cut(owners[at]), said["withheld_sheet"].format(rows=rows))]
        elif owners[at] in groups:
            rows = "、".join(str(raw.numbers[place]) for place in groups[owners[at]])
            faults[at] = [(sheet.key, cut(owners[at]), said["withheld_group"].format(rows=rows))]


def _remarks(
    layout: FormLayout,
    sheet: FormSheet,
    raw: Mapping[str, RawSheet],
    typed: Mapping[str, pd.DataFrame],
    faults: Mapping[str, Faults],
) -> Faults:
    said, frame = words()["remarks"], typed[sheet.id]
    remarks: Faults = {}
    # Plain lists with None for null: looking cells up in a frame takes seconds for ten thousand rows.
    cells = {
        column.id: [None if _null(value) else value for value in frame[column.id].astype(object)]
        for column in sheet.columns
    }
    accepted = [at for at in frame.index if at not in faults[sheet.id]]
    for column in sheet.columns:
        for at in accepted:
            value = cells[column.id][at]
            kind = None if value is None else _breach(column.options, column.spec, value)
            if kind:
                shown = cut(f"{value:.12g}" if isinstance(value, float) else value)
                remarks.setdefault(at, []).append((column.id, shown, said[kind].format(value=shown)))
    for at in accepted:
        for kind, labels in _missing(sheet, {name: values[at] for name, values in cells.items()}).items():
            if labels:
                remarks.setdefault(at, []).append(("", "", said[kind].format(labels="、".join(labels))))
    if sheet.kind == "sources":
        units = layout.main
        keys = typed[units.id][units.key].dropna().items()
        good = {value for at, value in keys if at not in faults[units.id]}
        for at in accepted:
            value = cells[units.key][at]
            if value not in good:
                remarks.setdefault(at, []).append((units.key, cut(value), said["unit_rejected"].format(value=value)))
    if sheet.kind == "child":
        first: dict[tuple[Any, ...], int] = {}
        for at in accepted:
            row = tuple(values[at] for values in cells.values())
            if row in first:
                reason = said["same_child"].format(row=raw[sheet.id].numbers[first[row]])
                remarks.setdefault(at, []).append((sheet.key, cut(cells[sheet.key][at]), reason))
            first.setdefault(row, at)
    return remarks


def _missing(sheet: FormSheet, row: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the labels of what is not filled in: columns that say what the row is, answers, and what an item gives."""
    empty = [column for column in sheet.columns if row[column.id] is None]
    without = sheet.kind == "sources" and ITEM in row and row[ITEM] is None
    return {
        "missing": [column.spec.label.zh for column in empty if column.spec.required and not column.asked],
        "missing_answer": [column.spec.label.zh for column in empty if column.spec.required and column.asked],
        "no_item": [column.spec.label.zh for column in empty if without and column.id in words()["from_item"]],
    }


def _breach(options: Mapping[str, str], spec: Any, value: Any) -> str | None:
    if spec.numeric:
        if spec.type == "integer" and not float(value).is_integer():
            return "not_integer"
        if spec.range and not spec.range[0] <= value <= spec.range[1]:
            return "out_of_range"
    elif spec.type in ("category", "text") and options and value not in options:
        return "not_allowed"
    return None


def _null(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))
