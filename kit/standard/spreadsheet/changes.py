"""What edited rows of the workbook mean for the data of a standard."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kit.errors import cut, did_you_mean
from kit.standard.document import ClauseText, Control, Derived, Document, Override
from kit.standard.editing import Address
from kit.standard.editing_places import value_at
from kit.standard.fields import FieldSpec, Model
from kit.standard.spreadsheet.checklist import NewRecord
from kit.standard.spreadsheet.columns import Column, Sheet, Shown
from kit.standard.spreadsheet.groups import GROUPS, GroupMistakeError
from kit.standard.spreadsheet.tables import (
    BANDS,
    CHECKLIST_SHEET,
    CLAUSES,
    CONTROLS,
    DERIVED,
    FIELDS,
    LEVEL,
    MAPS,
    NEW_KINDS,
    NODES,
    OVERRIDES,
    TARGETS,
    node_places,
    of_path,
    target_of,
)
from kit.standard.spreadsheet.tables import KIND_WORDS as _WORDS
from kit.standard.tree import Node

_MODELS: Mapping[str, type[Model]] = {
    FIELDS: FieldSpec, DERIVED: Derived, NODES: Node, OVERRIDES: Override, CLAUSES: ClauseText, CONTROLS: Control
}  # fmt: skip
_BLOCKS = {FIELDS: "fields", DERIVED: "derived", CLAUSES: "clauses", CONTROLS: "controls"}

Place = tuple[str, int, str]
"""Sheet, row (from 1, as the spreadsheet counts) and column name."""


@dataclass
class GivenRow:
    """A row as the drafter left it.

    Attributes
    ----------
    key : what the row is; None for a new one.
    values : the values of changed cells (of all filled cells in a new row), by column name; None for an emptied cell.
    after : key, or id of the new row, above it.
    """

    sheet: str
    number: int
    key: str | None
    shown: dict[str, Shown]
    values: dict[str, Any] = field(default_factory=dict)
    after: str | None = None

    @property
    def group(self) -> str:
        """Return the path of the group the row belongs to."""
        return self.key.partition("#")[0] if self.key is not None else str(self.values.get("path", ""))


@dataclass
class GivenSheet:
    """The rows of one sheet and the keys of those deleted."""

    rows: list[GivenRow]
    deleted: list[str]

    @property
    def edited(self) -> bool:
        """Whether anything was changed."""
        return bool(self.deleted) or any(row.values or row.key is None for row in self.rows)


Complain = Callable[[Place, str], None]


class Changes:
    """Applies the rows of all sheets to the data of a standard.

    Attributes
    ----------
    data : the new data.
    cells : where the value at an address stands in the workbook, for messages.
    checklist_changed, checklist_added, checklist_removed : what happens to the list of risk sources.
    """

    def __init__(self, data: Any, document: Document, levels: Mapping[str, str], complain: Complain) -> None:
        self.before = data
        self.data = copy.deepcopy(data)
        self.levels = levels
        self.complain = complain
        self.places = {path: address for path, (address, _) in node_places(document).items()}
        self.old_nodes = node_places(document)
        self.cells: dict[Address, Place] = {}
        self.checklist_changed: dict[str, dict[str, str]] = {}
        self.checklist_added: list[NewRecord] = []
        self.checklist_removed: list[str] = []

    def apply(self, sheet: Sheet, given: GivenSheet) -> None:
        """Take over one sheet; indicators have to come before their bands."""
        if sheet.title == CHECKLIST_SHEET:
            self._checklist(sheet, given)
        elif sheet.grouped:
            self._groups(sheet, given)
        else:
            self._records(sheet, given)

    # -- one row, one record ---------------------------------------------------------------------------

    def _records(self, sheet: Sheet, given: GivenSheet) -> None:
        for key in given.deleted:
            below = [row for row in given.rows if row.key is not None and row.key.startswith(f"{key}.")]
            if sheet.title == NODES and below:
                message = f"the branch '{key}' above is deleted; delete this row too, or put the branch back"
                self.complain((NODES, below[0].number, "path"), message)
                continue
            self._delete(sheet, key)
        for row in given.rows:
            address = self._address(sheet, row.key) if row.key is not None else self._new(sheet, row)
            if address is None:
                continue
            record = value_at(self.data, address)
            for name, value in row.values.items():
                column = sheet.column(name)
                if row.key is None and not (column.path or column.name in ("of", "target", "level")):
                    continue
                self._put(sheet.title, record, column, value)
            self._remember(sheet, row, address, record)

    def _remember(self, sheet: Sheet, row: GivenRow, address: Address, record: Mapping[str, Any]) -> None:
        first = sheet.columns[0].name
        self.cells[address] = (sheet.title, row.number, first)
        for column in sheet.columns:
            path: Address | None = column.path
            if sheet.title == NODES and column.name == "of":
                path = of_path(next((key for key in _WORDS if key in record), ""))
            if sheet.title == OVERRIDES and column.name == "level":
                path = (target_of(record) or "set",)
            if path:
                self.cells[(*address, *path)] = (sheet.title, row.number, column.name)
                self.cells.setdefault((*address, path[0]), (sheet.title, row.number, column.name))

    def _address(self, sheet: Sheet, key: str) -> Address | None:
        if sheet.title == NODES:
            return self.places.get(key)
        if sheet.title == OVERRIDES:
            found = [place for place, one in enumerate(self.data.get("overrides") or []) if one["id"] == key]
            return ("overrides", found[0]) if found else None
        return (_BLOCKS[sheet.title], key)

    def _delete(self, sheet: Sheet, key: str) -> None:
        if sheet.title == NODES:
            # Children go with their parent or before it; whichever comes first in the list.
            address = self.places.pop(key, None)
            parent = self.data
            for step in address[:-1] if address else ():
                parent = parent.get(step, {}) if isinstance(parent, dict) else parent[step]
            if address:
                parent.pop(address[-1], None)
            return
        address = self._address(sheet, key)
        if address is not None:
            del value_at(self.data, address[:-1])[address[-1]]
            if not value_at(self.data, address[:-1]):
                del self.data[address[0]]

    def _new(self, sheet: Sheet, row: GivenRow) -> Address | None:
        first = sheet.columns[0]
        place = (sheet.title, row.number, first.name)
        name = row.values.get(first.name)
        if name is None:
            self.complain(place, f"a new row needs its {first.head}, or delete the row")
            return None
        if sheet.title == NODES:
            return self._new_node(row, str(name), place)
        if sheet.title == OVERRIDES:
            items = self.data.setdefault("overrides", [])
            if any(one["id"] == name for one in items):
                self.complain(place, f"'{cut(name)}' stands twice; give the new row another {first.head}")
                return None
            above = next(
                (n + 1 for n, one in enumerate(items) if one["id"] == row.after), len(items) if row.after else 0
            )
            items.insert(above, {"id": name})
            return ("overrides", above)
        block = self.data.setdefault(_BLOCKS[sheet.title], {})
        if name in block:
            self.complain(place, f"'{cut(name)}' stands twice; give the new row another {first.head}")
            return None
        _insert_after(block, str(name), {}, row.after)
        return (_BLOCKS[sheet.title], str(name))

    def _new_node(self, row: GivenRow, path: str, place: Place) -> Address | None:
        parent, _, name = path.rpartition(".")
        if path in self.places:
            self.complain(place, f"'{path}' stands twice; give the new indicator another name")
            return None
        branches = [one for one, (_, node) in self.old_nodes.items() if node.kind.is_branch and one in self.places]
        if parent not in branches:
            hint = did_you_mean(parent, branches, allowed="indicators can be added under")
            self.complain(place, f"'{cut(parent)}' is no branch of the tree; {hint}")
            return None
        kind = row.values.get("kind")
        if kind not in NEW_KINDS:
            allowed = "、".join(_WORDS[one] for one in NEW_KINDS)
            given = f"'{_WORDS[kind]}'" if kind else "nothing"
            message = f"{given} is given; a new indicator is one of: {allowed}. Others are written in the YAML"
            self.complain((NODES, row.number, "kind"), message)
            return None
        address, node = self.old_nodes[parent]
        target = (*address, *node.kind.child_address(name))
        record = {"bands": {"bands": {"of": None, "at": [], "scores": []}}, "map": {"map": {"of": None, "to": {}}}}
        above = row.after.rpartition(".")[2] if row.after and row.after.rpartition(".")[0] == parent else None
        block = value_at(self.data, target[:-1])
        _insert_after(block, name, record.get(kind, {"formula": None}), above or (list(block)[-1] if block else None))
        self.places[path] = target
        return target

    def _put(self, title: str, record: dict[str, Any], column: Column, value: Any) -> None:
        order = [one.alias or name for name, one in _MODELS[title].model_fields.items()]
        if title == OVERRIDES and column.name in ("target", "level"):
            _put_target(record, column.name, value)
        elif title == NODES and column.name == "of":
            path = of_path(next((key for key in _WORDS if key in record), ""))
            if path:
                put(record, path, value, order)
        elif column.path[:1] == ("range",):
            ends = list(record.get("range") or [None, None])
            ends[int(str(column.path[1]))] = value
            put(record, ("range",), None if ends == [None, None] else ends, order)
        elif column.kind == "paragraphs":
            old = {one["zh"]: one for one in record.get("text") or []}
            put(record, column.path, [old.get(one["zh"], one) for one in value or []] or None, order)
        elif column.kind == "missing" and isinstance(value, Mapping) and isinstance(record.get("missing"), Mapping):
            record["missing"]["value"] = value["value"]
        else:
            put(record, column.path, value, order)

    # -- groups of rows --------------------------------------------------------------------------------

    def _groups(self, sheet: Sheet, given: GivenSheet) -> None:
        touched = {key.partition("#")[0] for key in given.deleted}
        touched |= {row.group for row in given.rows if row.values or row.key is None}
        there = {*self.places, LEVEL} if sheet.title not in (MAPS,) else set(self.places)
        word = {BANDS: "bands", MAPS: "map"}.get(sheet.title, GROUPS[sheet.title].key)
        for group in dict.fromkeys(row.group for row in given.rows):
            rows = [row for row in given.rows if row.group == group]
            address = self.places.get(group) if group != LEVEL else (LEVEL,)
            record = value_at(self.data, address) if address is not None and group in there else None
            key = "cuts" if group == LEVEL and word == "bands" else word
            if record is None or record.get(key) is None:
                if group in touched or any(row.values for row in rows):
                    self._no_group(sheet, rows, there, key)
                continue
            edited = group in touched
            touched.discard(group)
            try:
                new, cells = GROUPS[sheet.title].rebuilt(record[key], rows, edited, self.levels)
            except GroupMistakeError as error:
                for number, name, message in error.mistakes:
                    self.complain((sheet.title, number, name), message)
                continue
            record[key] = new
            for below, (number, name) in cells.items():
                self.cells[(*(address or ()), key, *below)] = (sheet.title, number, name)
        for group in touched:
            # Every row of the group is gone; the indicator would say nothing.
            if group in self.places or group == LEVEL:
                message = f"every row of '{group}' is deleted; delete the indicator in the sheet {NODES} instead"
                self.complain((sheet.title, 1, "path"), message)

    def _no_group(self, sheet: Sheet, rows: list[GivenRow], there: set[str], key: str) -> None:
        fitting = [path for path in there if path != LEVEL and key in value_at(self.data, self.places[path])]
        for row in rows:
            if row.values:
                hint = did_you_mean(row.group, fitting, allowed=f"with {_WORDS.get(key, key)} there are")
                message = (
                    f"'{cut(row.group)}' is no indicator of this kind; {hint}" if row.group else "the path is empty"
                )
                self.complain((sheet.title, row.number, "path"), message)

    # -- the list of risk sources ----------------------------------------------------------------------

    def _checklist(self, sheet: Sheet, given: GivenSheet) -> None:
        self.checklist_removed = list(given.deleted)
        seen = {row.key for row in given.rows if row.key is not None}
        for row in given.rows:
            texts = {name: "" if value is None else str(value) for name, value in row.values.items()}
            if row.key is not None:
                if texts:
                    self.checklist_changed[row.key] = texts
                continue
            name = texts.get("id", "").strip()
            if not name or name in seen:
                message = "stands twice; give the new row another id" if name else "a new row needs its id"
                self.complain((sheet.title, row.number, "id"), f"{name} {message}".strip())
                continue
            seen.add(name)
            self.checklist_added.append(NewRecord(texts, row.after))


def put(record: dict[str, Any], path: Address, value: Any, order: list[str]) -> None:
    """Set or, with None, remove what stands at `path`; new keys stand where `order` has them, empty blocks go."""
    head, rest = str(path[0]), path[1:]
    if not rest:
        if value is None:
            record.pop(head, None)
        elif head in record:
            record[head] = value
        else:
            before = order[: order.index(head)] if head in order else order
            last = next((key for key in reversed(list(record)) if key in before), None)
            _insert_after(record, head, value, last)
        return
    if value is None and head not in record:
        return
    if not isinstance(record.get(head), dict):
        put(record, (head,), {}, order)
    put(record[head], rest, value, [])
    if not record[head]:
        del record[head]


def _put_target(record: dict[str, Any], name: str, value: Any) -> None:
    old = target_of(record)
    if name == "level":
        if old is not None:
            put(record, (old,), value, ["id", "clause", "when"])
        return
    if value is None and old is not None:
        del record[old]
    if value is None or value == old:
        return
    if old is None:
        put(record, (value,), "", ["id", "clause", "when"])
        return
    items = [(value if key == old else key, item) for key, item in record.items()]
    record.clear()
    record.update(items)


def _insert_after(block: dict[str, Any], key: str, value: Any, after: str | None) -> None:
    items = list(block.items())
    place = next((n + 1 for n, (one, _) in enumerate(items) if one == after), len(items) if after else 0)
    items.insert(place, (key, value))
    block.clear()
    block.update(items)


__all__ = ["TARGETS", "Changes", "GivenRow", "GivenSheet", "Place", "put"]
