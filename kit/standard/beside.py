"""The CSV files beside a standard: lookup tables and the suggestion list of risk sources."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kit.errors import Problem, cut, did_you_mean
from kit.standard.document import Document, LookupTable
from kit.standard.standard import ChecklistItem

CHECKLIST = "checklist.csv"
CHECKLIST_COLUMNS = (
    "id",
    "name_zh",
    "accident_class",
    "hazard_factor",
    "where_zh",
    "consequence_zh",
    "fields",
    "engineering_zh",
    "technical_zh",
    "management_zh",
    "emergency_zh",
)
MEASURES = ("engineering", "technical", "management", "emergency")


@dataclass
class _Sheet:
    """Rows of a CSV file, each with the line it ends on; blank lines are left out."""

    columns: list[str]
    rows: list[tuple[int, dict[str, str]]]


def _read_csv(file: Path, wanted: Sequence[str], key: str, problems: list[Problem]) -> _Sheet | None:
    """Return the file's rows, or None with what is wrong added to `problems`."""
    found: list[Problem] = []
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        problems.append(Problem("not UTF-8 text (saved as GBK?). Save the file as UTF-8.", str(file), line, key=key))
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    sheet = _Sheet([], [])
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not sheet.columns:
                sheet.columns = [cell.strip() for cell in cells]
            elif len(cells) != len(sheet.columns):
                message = (
                    f"the row has {len(cells)} cells, but there are {len(sheet.columns)} columns; "
                    "put a cell with a comma in it in quotes"
                )
                found.append(Problem(message, str(file), reader.line_num, key=key))
            else:
                sheet.rows.append((reader.line_num, dict(zip(sheet.columns, cells, strict=True))))
    except csv.Error as error:
        found.append(Problem(f"damaged CSV: {error}; check the quotes", str(file), reader.line_num, key=key))
    for column in wanted:
        if column not in sheet.columns:
            hint = did_you_mean(column, sheet.columns, allowed="there are")
            found.append(Problem(f"column '{column}' is missing; {hint}", str(file), 1, key=key))
        elif sheet.columns.count(column) > 1:
            found.append(Problem(f"the column '{column}' stands twice; remove or rename one", str(file), 1, key=key))
    problems += found
    return None if found else sheet


def read_lookup(file: Path, table: LookupTable, name: str, problems: list[Problem]) -> pd.DataFrame | None:
    """Return a lookup table indexed by its key, numbers as doubles; an empty cell of a number column is unknown.

    None when the file cannot be read. What is wrong is added to `problems`: encoding, columns, doubled or empty keys,
    texts in number columns, each with its line.
    """
    key = f"tables.{name}"
    sheet = _read_csv(file, [table.key, *table.values], key, problems)
    if sheet is None:
        return None
    seen: set[str] = set()
    entries: list[tuple[str, dict[str, float | str]]] = []

    def wrong(message: str, line: int) -> None:
        problems.append(Problem(message, str(file), line, key=key))

    for line, row in sheet.rows:
        entry = row[table.key].strip()
        if not entry:
            wrong(f"the row has no key ({table.key})", line)
        elif entry in seen:
            wrong(f"key '{cut(entry)}' stands twice", line)
        seen.add(entry)
        values: dict[str, float | str] = {}
        for column, spec in table.values.items():
            cell = row[column].strip()
            if spec.type in ("number", "integer"):
                number = _number(cell)
                if number is None:
                    wrong(f"'{cut(cell)}' in column {column} is no number; leave the cell empty when unknown", line)
                values[column] = math.nan if number is None else number
            else:
                values[column] = cell
        entries.append((entry, values))
    return pd.DataFrame(
        {
            column: pd.Series(
                [values[column] for _, values in entries],
                dtype="float64" if spec.type in ("number", "integer") else "str",
            )
            for column, spec in table.values.items()
        }
    ).set_axis(pd.Index([entry for entry, _ in entries], name=table.key, dtype="str"))


def _number(cell: str) -> float | None:
    """Return the number a cell holds, NaN for an empty one, None for what is no finite number."""
    if not cell:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


def read_checklist(file: Path, document: Document, problems: list[Problem]) -> list[ChecklistItem]:
    """Return the suggestion list; empty without the file. What is wrong is added to `problems`, with its line."""
    if not file.exists():
        return []
    sheet = _read_csv(file, CHECKLIST_COLUMNS, "", problems)
    items: list[ChecklistItem] = []
    there = [*document.fields, *document.derived]
    for line, row in sheet.rows if sheet else ():
        name = row["id"].strip()
        fields = _split(row["fields"])
        wrong = [
            f"'{field}' is no field of the standard; {did_you_mean(field, there)}"
            for field in fields
            if field not in there
        ]
        if not name:
            wrong.append("the item has no id")
        elif any(item.id == name for item in items):
            wrong.append("the item stands twice")
        problems += [Problem(message, str(file), line, key=name) for message in wrong]
        told: dict[str, Any] = {key: row[key].strip() for key in CHECKLIST_COLUMNS[1:6]}
        told |= {kind: _split(row[f"{kind}_zh"]) for kind in MEASURES}
        items.append(ChecklistItem(id=name, fields=fields, **told))
    return items


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())
