"""The progress of a quarter as one workbook: milestones, coverage, updates, overdue lists, yearly deliverables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from kit.inventory.deliverables import checklist, overview
from kit.inventory.progress import (
    PARTS,
    Tables,
    coverage,
    milestones,
    overdue_sources,
    overdue_units,
    texts,
    unit_progress,
    update_history,
    update_rates,
)
from kit.inventory.workbook import Sheet, write_workbook
from kit.periods import quarter_end

BY = ("department", "district", "sector")


def progress_sheets(
    tables: Tables, period: str, *, on: dt.date | None = None, earlier: Mapping[str, Tables] | None = None
) -> list[Sheet]:
    """Return the progress of a quarter as sheets, in the order in which they are read.

    Parameters
    ----------
    tables : the quarter's registers.
    on : day for which to say what is late; the quarter's last by default.
    earlier : quarters before, for the update rate of each.
    """
    words = texts()
    day = on or quarter_end(period)
    titles, parts = words["sheets"], words["parts"]
    told = [words["as_of"].format(on=day.isoformat())]
    units = unit_progress(tables, day)
    sheets = [
        Sheet(titles["milestones"], milestones(tables, day, units=units), words["milestones"], ("needed", "share"),
              notes=[*told, words["milestone_note"]], unknown=words["not_known"])
    ]  # fmt: skip
    for by in BY:
        heads = {"key_zh": words["keys"][by], "units": words["coverage"]["units"]}
        for part in PARTS:
            heads |= {part: parts[part], f"share_{part}": words["coverage"]["share"].format(part=parts[part])}
        sheets.append(
            Sheet(titles["coverage"].format(key=words["keys"][by]), coverage(tables, day, by, units=units), heads,
                  [f"share_{part}" for part in PARTS], total=True, notes=told, unknown=words["not_known"])
        )  # fmt: skip
    for by in BY:
        heads = words["update"] | {"key_zh": words["keys"][by]}
        title = titles["updates"].format(key=words["keys"][by])
        sheets.append(Sheet(title, update_rates(tables, period, by), heads, ("rate",), total=True, notes=told))
    if earlier:
        heads = {"period": words["history_period"]} | {k: v for k, v in words["update"].items() if k != "key_zh"}
        sheets.append(Sheet(titles["history"], update_history({**earlier, period: tables}), heads, ("rate",)))
    sheets.append(Sheet(titles["overdue"], overdue_sources(tables, period), words["overdue"], notes=told))
    sheets.append(
        Sheet(titles["overdue_units"], overdue_units(tables, day, units=units), words["overdue_units"], notes=told)
    )
    found = checklist(tables, day.year, day)
    matrix = overview(found)
    sheets.append(Sheet(titles["overview"], matrix, {name: name for name in matrix.columns}, notes=told))
    sheets.append(Sheet(titles["checklist"], found, words["checklist"], notes=told))
    return sheets


def write_progress(
    path: str | Path, tables: Tables, period: str, *, on: dt.date | None = None,
    earlier: Mapping[str, Tables] | None = None, made: bool = False,
) -> Path:  # fmt: skip
    """Write the progress of a quarter as an .xlsx file, whole or not at all, and return the path.

    Examples
    --------
    >>> write_progress("工作进度.xlsx", quarter.tables, "2019Q4", made=quarter.made)              # doctest: +SKIP
    """
    words = texts()
    title = words["title"].format(period=period, mark=words["mark_made"] if made else "")
    return write_workbook(path, title, progress_sheets(tables, period, on=on, earlier=earlier), made=made)
