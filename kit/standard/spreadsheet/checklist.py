"""The list of risk sources as text: rows changed, added and removed without touching the lines of the others."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kit.standard.beside import CHECKLIST_COLUMNS

# Heading and width of each column in the workbook.
CHECKLIST_HEADS: Mapping[str, tuple[str, int]] = {
    "id": ("编号", 18),
    "name_zh": ("风险源名称", 26),
    "accident_class": ("事故类型", 10),
    "hazard_factor": ("致因类别", 10),
    "where_zh": ("部位或场景", 30),
    "consequence_zh": ("可能后果", 30),
    "fields": ("相关采集项（分号分隔）", 40),
    "engineering_zh": ("工程措施（分号分隔）", 36),
    "technical_zh": ("技术措施（分号分隔）", 36),
    "management_zh": ("管理措施（分号分隔）", 36),
    "emergency_zh": ("应急措施（分号分隔）", 36),
}


@dataclass(frozen=True)
class Record:
    """One row: its values by column, and its lines as they stand in the file."""

    values: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class NewRecord:
    """A row to add after the row with the id `after`; first without one."""

    values: Mapping[str, str]
    after: str | None


def _parts(text: str) -> list[tuple[list[str], str]]:
    """Return every record of a CSV text: its cells and its lines, blank lines with no cells."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, strict=True)
    found, before = [], 0
    for cells in reader:
        found.append((cells, "".join(lines[before : reader.line_num])))
        before = reader.line_num
    return found


def _is_blank(cells: list[str]) -> bool:
    return not any(cell.strip() for cell in cells)


def read_records(text: str) -> tuple[list[str], list[Record]]:
    """Return the columns and the rows of the list; the usual columns and no rows for an empty text."""
    parts = [part for part in _parts(text.removeprefix("\ufeff")) if not _is_blank(part[0])]
    if not parts:
        return list(CHECKLIST_COLUMNS), []
    heads = [cell.strip() for cell in parts[0][0]]
    return heads, [Record(dict(zip(heads, cells, strict=True)), lines) for cells, lines in parts[1:]]


def edit_records(
    text: str,
    changed: Mapping[str, Mapping[str, str]],
    removed: Iterable[str] = (),
    added: Iterable[NewRecord] = (),
) -> str:
    """Return the list with some rows changed, removed or added; all other lines stay to the byte.

    Parameters
    ----------
    changed : new values by column, by id of the row.

    Examples
    --------
    >>> edit_records("id,name_zh\\na, x\\nb,y\\n", {"b": {"name_zh": "y, z"}}, ["a"])
    'id,name_zh\\nb,"y, z"\\n'
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    heads, _ = read_records(text)
    gone, new = set(removed), list(added)
    out: list[str] = []

    def put(values: Mapping[str, str]) -> None:
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator=newline).writerow([values.get(head, "") for head in heads])
        out.append(line.getvalue())

    def after(key: str | None) -> None:
        for position, record in enumerate(new):
            if record.after == key:
                if out and not out[-1].endswith(("\n", "\r")):
                    out[-1] += newline
                put(record.values)
                new[position] = NewRecord(record.values, "\0")
                after(record.values.get("id"))

    parts = _parts(text.removeprefix("\ufeff"))
    if not any(not _is_blank(cells) for cells, _ in parts):
        parts = [(heads, ",".join(heads) + newline)]
    head_seen = False
    for cells, lines in parts:
        if _is_blank(cells):
            out.append(lines)
        elif not head_seen:
            head_seen = True
            out.append(lines)
            after(None)
        else:
            values = dict(zip(heads, cells, strict=True))
            key = values["id"].strip()
            if key in changed:
                put({**values, **changed[key]})
                if not lines.endswith(("\n", "\r")):
                    out[-1] = out[-1].removesuffix(newline)
            elif key not in gone:
                out.append(lines)
            after(key)
    return bom + "".join(out)
