"""Rows that together make one list of the text: the bands of an indicator, its map, deductions, decision table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from kit.errors import did_you_mean
from kit.standard.editing import Address
from kit.standard.spreadsheet.tables import BANDS, DEDUCTIONS, MAPS, TABLES

Cells = dict[Address, tuple[int, str]]


class GroupMistakeError(ValueError):
    """Rows that make no list; `mistakes` has row, column name and message of each."""

    def __init__(self, mistakes: list[tuple[int, str, str]]) -> None:
        super().__init__(mistakes)
        self.mistakes = mistakes


class Given(Protocol):
    """A row as the drafter left it."""

    number: int
    key: str | None
    values: dict[str, Any]


class Group(Protocol):
    """How one kind of list is written."""

    key: str

    def rebuilt(self, old: Any, rows: Sequence[Given], touched: bool, levels: Mapping[str, str]) -> tuple[Any, Cells]:
        """Return the list that the rows say and where each of its values stands; `old` where nothing was touched."""
        ...


def _place(row: Given) -> str | None:
    return row.key.partition("#")[2] if row.key is not None else None


def _level(value: Any, levels: Mapping[str, str], mistakes: list[tuple[int, str, str]], row: Given, name: str) -> Any:
    for code, words in levels.items():
        if value in (code, words):
            return code
    mistakes.append((row.number, name, f"is no level; {did_you_mean(str(value), levels.values())}"))
    return None


def _score(value: Any, mistakes: list[tuple[int, str, str]], row: Given, name: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        what = "is empty; every row needs one" if value is None else "is no number; write the score in digits"
        mistakes.append((row.number, name, what))
    return value


class Bands:
    """Cuts and scores, or the cuts of the level and its levels."""

    key = "bands"

    def rebuilt(self, old: Any, rows: Sequence[Given], touched: bool, levels: Mapping[str, str]) -> tuple[Any, Cells]:
        word = "levels" if "levels" in old else "scores"
        mistakes: list[tuple[int, str, str]] = []
        found: list[tuple[Any, Any, Given]] = []
        for row in rows:
            place = _place(row)
            low = row.values.get("low")
            score = row.values.get("score")
            if place is not None and "low" not in row.values:
                low = None if place == "0" else old["at"][int(place) - 1]
            if place is not None and "score" not in row.values:
                score = old[word][int(place)]
            elif word == "levels":
                score = _level(score, levels, mistakes, row, "score")
            else:
                score = _score(score, mistakes, row, "score")
            found.append((low, score, row))
        lowest = [row for low, _, row in found if low is None]
        if len(lowest) != 1:
            for row in lowest or [found[0][2]]:
                message = f"{len(lowest)} rows of the indicator have no lower end; exactly the lowest band has none"
                mistakes.append((row.number, "low", message))
        if mistakes:
            raise GroupMistakeError(mistakes)
        if touched:
            found.sort(key=lambda one: (one[0] is not None, one[0] or 0))
        cells: Cells = {}
        for order, (_, _, row) in enumerate(found):
            cells[(word, order)] = (row.number, "score")
            if order:
                cells[("at", order - 1)] = (row.number, "low")
        if not touched:
            return old, cells
        new = dict(old)
        new["at"], new[word] = [low for low, _, _ in found[1:]], [score for _, score, _ in found]
        return new, cells


class Maps:
    """The score of each category."""

    key = "map"

    def rebuilt(self, old: Any, rows: Sequence[Given], touched: bool, levels: Mapping[str, str]) -> tuple[Any, Cells]:
        mistakes: list[tuple[int, str, str]] = []
        to: dict[Any, Any] = {}
        cells: Cells = {}
        for row in rows:
            place = _place(row)
            key = json.loads(place) if place is not None else row.values.get("key")
            if key is None:
                mistakes.append((row.number, "key", "is empty; a new row needs the category"))
                continue
            if place is None and any(type(one) is type(key) and one == key for one in to):
                mistakes.append((row.number, "key", f"'{key}' stands twice; keep one row"))
            same = place is not None and "score" not in row.values
            to[key] = old["to"][key] if same else _score(row.values.get("score"), mistakes, row, "score")
            cells[("to", key)] = (row.number, "score")
        if mistakes:
            raise GroupMistakeError(mistakes)
        return ({**old, "to": to} if touched else old), cells


class Deductions:
    """What is taken off the full points."""

    key = "deduct"

    def rebuilt(self, old: Any, rows: Sequence[Given], touched: bool, levels: Mapping[str, str]) -> tuple[Any, Cells]:
        mistakes: list[tuple[int, str, str]] = []
        items: list[dict[str, Any]] = []
        cells: Cells = {}
        for row in rows:
            place = _place(row)
            one = dict(old[int(place)]) if place is not None else {}
            before = next((word for word in ("each", "when") if word in one), None)
            word = row.values.get("how", before)
            of = row.values.get("of", one.get(before) if before else None)
            points = row.values.get("points", one.get("points"))
            for name, value in (("how", word), ("of", of), ("points", points)):
                if value is None:
                    mistakes.append((row.number, name, "is empty; a deduction needs how, what is counted and points"))
            rest = {key: value for key, value in one.items() if key not in ("each", "when", "points")}
            items.append({str(word): of, "points": points, **rest})
            at = len(items) - 1
            cells |= {
                (at, str(word)): (row.number, "of"),
                (at, "points"): (row.number, "points"),
                (at,): (row.number, "of"),
            }
        if mistakes:
            raise GroupMistakeError(mistakes)
        return (items if touched else old), cells


class Tables:
    """The rows of a decision table and what holds otherwise."""

    key = "table"

    def rebuilt(self, old: Any, rows: Sequence[Given], touched: bool, levels: Mapping[str, str]) -> tuple[Any, Cells]:
        of_level = any("level" in row for row in old["rows"])
        word = "level" if of_level else "score"
        mistakes: list[tuple[int, str, str]] = []
        new = dict(old)
        items: list[dict[str, Any]] = []
        cells: Cells = {}

        def result(row: Given, before: Any) -> Any:
            if "result" not in row.values and row.key is not None:
                return before
            value = row.values.get("result")
            if value == "none" and _place(row) == "otherwise":
                return value
            if of_level:
                return _level(value, levels, mistakes, row, "result")
            return _score(value, mistakes, row, "result")

        for row in rows:
            place = _place(row)
            if place == "otherwise":
                new["otherwise"] = result(row, old["otherwise"])
                cells[("otherwise",)] = (row.number, "result")
                continue
            one: dict[str, Any] = {"when": ["-"] * len(old["inputs"]), word: None}
            if place is not None:
                one = dict(old["rows"][int(place)])
            when: list[Any] = list(one["when"])
            for at in range(len(old["inputs"])):
                if f"cell{at}" in row.values:
                    given = row.values[f"cell{at}"]
                    when[at] = "-" if given is None else given
                cells[("rows", len(items), "when", at)] = (row.number, f"cell{at}")
            cells |= {("rows", len(items)): (row.number, "path"), ("rows", len(items), word): (row.number, "result")}
            one = {**one, "when": when, word: result(row, one[word])}
            if "note" in row.values:
                note = row.values["note"]
                one = {key: value for key, value in one.items() if key != "note"} | (
                    {} if note is None else {"note": {**(one.get("note") or {}), "zh": note}}
                )
            items.append(one)
        if not any(_place(row) == "otherwise" for row in rows):
            mistakes.append((rows[0].number, "path", "the row 其他 of this table is deleted; put it back"))
        if mistakes:
            raise GroupMistakeError(mistakes)
        return ({**new, "rows": items} if touched else old), cells


GROUPS: Mapping[str, Group] = {BANDS: Bands(), MAPS: Maps(), DEDUCTIONS: Deductions(), TABLES: Tables()}
