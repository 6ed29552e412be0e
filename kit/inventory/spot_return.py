"""Filled-in spot check forms read back: every cell that cannot be read and every contradiction is told at once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kit.errors import KitError, Problem, ProblemsError, cut
from kit.inventory.spot_checks import KEPT, level_names, texts
from kit.inventory.spot_form import FIRST_ROW, ID_ROW, SAMPLE_SHEET, options_of
from kit.registers.cells import parse_column
from kit.registers.form.cells import MARK_SHEET, unescape
from kit.registers.form.file import open_workbook
from kit.registers.sources import excel_value
from kit.standard.fields import FieldSpec, Label


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
    mark: dict[str, str] = {}
    drawn, filled = pd.DataFrame(), []
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
    moved = next((at for at, row in enumerate(top) if "source_id" in row and "outcome" in row), ID_ROW - 1) - (
        ID_ROW - 1
    )
    ids = top[ID_ROW - 1 + moved] if len(top) >= ID_ROW + moved else []
    missing = [name for name in ("source_id", *asked) if name not in ids]
    if missing:
        labels = "、".join({**words["given"], **asked}[name]["label"] for name in missing)
        problems.append(_problem("no_column", str(file), labels=labels))
        return empty
    rows: dict[str, list[Any]] = {name: [] for name in ("source_id", *asked)}
    places: list[str] = []
    for number, cells in enumerate(page.iter_rows(min_row=FIRST_ROW + moved), start=FIRST_ROW + moved):
        values = [unescape(value) if isinstance(value := excel_value(cell), str) else value for cell in cells]
        if not any(value is not None and str(value).strip() for value in values):
            continue
        places.append(f"{file}, sheet '{title}', row {number}")
        for name in rows:
            rows[name].append(values[ids.index(name)])
    frame = pd.DataFrame({"source_id": [str(value or "").strip() for value in rows["source_id"]]})
    for name, column in asked.items():
        options = options_of().get(name)
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
    columns = [*asked, "place"]
    given_by = [answers.get(str(source), {}) for source in drawn["source_id"]]
    rows = pd.DataFrame(
        [{name: row.get(name) for name in columns} for row in given_by], columns=columns, dtype="object"
    )
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
