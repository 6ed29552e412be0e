"""What a column of the drafter's workbook holds: how a value of the text is shown in a cell and read from it again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kit.errors import cut, did_you_mean
from kit.standard.editing import Address

Shown = str | int | float | None
Kind = Literal["text", "clause", "number", "choice", "missing", "lines", "pairs", "paragraphs", "cell", "raw"]

TRUTH: Mapping[Any, str] = {True: "是", False: "否"}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


class CellMistakeError(ValueError):
    """A cell that cannot be taken: what is wrong and what is allowed."""


@dataclass(frozen=True)
class Column:
    """One column of a sheet.

    Attributes
    ----------
    name, head : key in the rows, and the Chinese heading.
    kind : how the value is written in the cell; see `shown` and `parsed`.
    path : where the value stands below the record of the row.
    choices : allowed values and their words.
    edit : whether cells of rows that exist may be altered; new rows may be filled in where `edit` or `new`.
    """

    name: str
    head: str
    kind: Kind = "text"
    path: Address = ()
    choices: Mapping[Any, str] = field(default_factory=dict)
    edit: bool = True
    new: bool = True
    width: int = 14

    def shown(self, value: Any) -> Shown:
        """Return the value as the cell shows it; None for an empty cell."""
        if value is None:
            return None
        if self.kind == "choice" or (self.kind == "missing" and not isinstance(value, Mapping)):
            return self.choices.get(value, _plain(value))
        if self.kind == "missing":
            return _plain(value.get("value"))
        if self.kind == "lines":
            return "\n".join(str(self.choices.get(item, item)) for item in value) or None
        if self.kind == "pairs":
            return "\n".join(f"{key}={words}" for key, words in value.items()) or None
        if self.kind == "paragraphs":
            return "\n".join(item["zh"] for item in value) or None
        if self.kind == "cell":
            return _cell_shown(value)
        return _plain(value)

    def parsed(self, cell: Shown | bool) -> Any:
        """Return the value that a cell says, None for an empty one.

        Raises
        ------
        CellMistakeError
            With what is allowed and the nearest word.
        """
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return None
        if self.kind == "number":
            return _number(cell)
        if self.kind == "missing" and (not isinstance(cell, str) or _NUMBER.fullmatch(cell.strip())):
            return {"value": _number(cell)}
        if self.kind in ("choice", "missing"):
            return self._chosen(TRUTH[cell] if isinstance(cell, bool) else str(cell).strip())
        if self.kind == "cell":
            return _cell_parsed(cell)
        if isinstance(cell, bool):
            raise CellMistakeError("is a truth value; write text")
        if not isinstance(cell, str):
            if self.kind == "clause":
                # 5.10 as a number has become 5.1.
                raise CellMistakeError(
                    "is a number; format the cell as text and write the clause again, for example 5.10"
                )
            return str(_number(cell))
        return self._text(cell)

    def _text(self, cell: str) -> Any:
        lines = [line.strip() for line in cell.split("\n") if line.strip()]
        if self.kind == "lines":
            return [self._chosen(line) for line in lines] if self.choices else lines
        if self.kind == "paragraphs":
            return [{"zh": line} for line in lines]
        if self.kind == "pairs":
            pairs = [line.replace("＝", "=").partition("=") for line in lines]
            if wrong := [key for key, sign, words in pairs if not (key.strip() and sign and words.strip())]:
                raise CellMistakeError(f"'{cut(wrong[0])}' is no pair; write key=中文, one on each line")
            return {key.strip(): words.strip() for key, _, words in pairs}
        return cell if self.kind == "raw" else cell.strip()

    def _chosen(self, word: str) -> Any:
        for code, words in self.choices.items():
            if word in (words, str(code)):
                return code
        more = " or a number" if self.kind == "missing" else ""
        raise CellMistakeError(f"is not allowed; {did_you_mean(word, self.choices.values(), allowed='allowed' + more)}")


def _number(cell: Any) -> int | float:
    if isinstance(cell, bool):
        raise CellMistakeError("is a truth value; write a number")
    if isinstance(cell, str):
        text = cell.strip()
        if not _NUMBER.fullmatch(text):
            raise CellMistakeError("is no number; write digits with a point, without unit")
        cell = float(text)
    # A spreadsheet knows doubles only, and a sum of them carries dust in the last digits.
    value = float(f"{float(cell):.15g}")
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _plain(value: Any) -> Shown:
    if isinstance(value, bool):
        return TRUTH[value]
    return value if isinstance(value, str | int | float) else str(value)


def _cell_shown(value: Any) -> Shown:
    if isinstance(value, list):
        parts = [str(_plain(item)) for item in value]
        return " | ".join(parts) if len(parts) > 1 else f"{parts[0]} |" if parts else None
    return _plain(value)


def _cell_parsed(cell: Any) -> Any:
    if isinstance(cell, bool):
        return cell
    if not isinstance(cell, str):
        return _number(cell)
    if "|" in cell:
        return [_cell_parsed(part) for part in cell.split("|") if part.strip()]
    text = cell.strip()
    for truth, word in TRUTH.items():
        if text == word:
            return truth
    return _number(text) if _NUMBER.fullmatch(text) else text


def same_cell(one: Any, other: Any) -> bool:
    """Return whether two cells show the same: 3 and 3.0, nothing and "", line ends of either kind."""
    one, other = _bare(one), _bare(other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return float(f"{float(one):.15g}") == float(f"{float(other):.15g}")
    return type(one) is type(other) and bool(one == other)


def _bare(value: Any) -> Any:
    if isinstance(value, bool):
        return TRUTH[value]
    if isinstance(value, str):
        return value.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n") or None
    return value


@dataclass
class Row:
    """One row of a sheet.

    Attributes
    ----------
    key : what the row is, also when it is moved; a group of rows (the bands of one indicator) shares what stands before
        the `#`.
    values : what the cells show, by column name.
    fixed : columns that this row may not alter.
    """

    key: str
    values: dict[str, Shown]
    fixed: frozenset[str] = frozenset()

    @property
    def group(self) -> str:
        """Return the group the row belongs to."""
        return self.key.partition("#")[0]


@dataclass
class Sheet:
    """One table of the workbook.

    Attributes
    ----------
    grows : whether rows may be added and deleted.
    grouped : whether rows belong to groups that are written as a whole (bands, maps, tables).
    why_fixed : what to do instead of adding or deleting a row.
    """

    title: str
    columns: Sequence[Column]
    rows: list[Row]
    grows: bool = True
    grouped: bool = False
    why_fixed: str = ""

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)


__all__ = ["TRUTH", "CellMistakeError", "Column", "Row", "Sheet", "Shown", "same_cell"]
