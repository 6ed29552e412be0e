"""The survey form of a standard as a declaration: which sheets and columns it has. Writer and reader share it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from kit.errors import KitError
from kit.registers.cells import shown_options
from kit.registers.schema import load_schema
from kit.standard.fields import FieldSpec, Label
from kit.standard.standard import Standard
from kit.standard.yaml_io import read_yaml

ITEM = "checklist_item"
SheetKind = Literal["units", "sources", "object", "child"]
_OBJECT_KEYS = {"unit": "unit_id", "installation": "installation_id", "area": "area_id"}
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class FormColumn:
    """One column of a sheet.

    Attributes
    ----------
    id : the column's name in the data that is read back.
    spec : its declaration, from the standard or from a register.
    heading : what stands above it: label, unit, * where it is required.
    options : what the drop-down offers, value to shown text; empty where anything may be written.
    closed : whether a row with another value is rejected (checklist items, keys of a lookup table).
    parent : the id of the sheet that has to have the value in its column `id`, or None.
    lookup : the lookup table that lists the options, or None.
    asked : whether the standard asks for it; the others say what the row is.
    """

    id: str
    spec: FieldSpec
    heading: str
    options: Mapping[str, str]
    closed: bool = False
    parent: str | None = None
    lookup: str | None = None
    asked: bool = True


@dataclass(frozen=True)
class FormSheet:
    """One sheet to be filled in.

    Attributes
    ----------
    id : `units`, `sources`, the object (`unit`, `installation`, `area`) or the name of a child register.
    title : the sheet's name in the workbook.
    key : the column that names a row; of child rows the one that names their parent.
    """

    id: str
    title: str
    kind: SheetKind
    key: str
    columns: tuple[FormColumn, ...]

    def column(self, name: str) -> FormColumn:
        """Return the column `name`."""
        return next(column for column in self.columns if column.id == name)

    @property
    def fields(self) -> dict[str, FieldSpec]:
        """Return the declarations by column."""
        return {column.id: column.spec for column in self.columns}


@dataclass(frozen=True)
class FormLayout:
    """The whole form: the sheets to be filled in, and the fingerprint of what they ask.

    Attributes
    ----------
    questions : SHA-256 over sheets, columns, units, ranges and options: two texts of a standard with the same
        questions can read each other's forms.
    """

    sheets: tuple[FormSheet, ...]
    questions: str

    def sheet(self, name: str) -> FormSheet:
        """Return the sheet with this id."""
        return next(sheet for sheet in self.sheets if sheet.id == name)

    @property
    def main(self) -> FormSheet:
        """Return the first sheet: units, or the assessed objects."""
        return self.sheets[0]


@cache
def words() -> dict[str, Any]:
    """Return the words of the form."""
    data, _ = read_yaml(Path(__file__).resolve().parent / "texts.yaml")
    return dict(data)


def form_layout(standard: Standard) -> FormLayout:
    """Return the sheets and columns of a standard's form.

    A standard of risk sources has a sheet of units (fields asked once per unit) and one of risk sources (what a source
    is, and the fields asked for each source); the others have one main sheet. Each child register has a sheet.

    Raises
    ------
    KitError
        When a field of the standard takes the name of a column that names rows, with another type.

    Examples
    --------
    >>> import kit                                                         # doctest: +SKIP
    >>> [sheet.title for sheet in form_layout(kit.load_standard("taxi")).sheets]      # doctest: +SKIP
    ['单位', '风险源']
    """
    document = standard.document
    titles = _Titles()
    sheets: list[FormSheet] = []
    if document.object == "risk_source":
        by_unit = {name: spec for name, spec in document.fields.items() if spec.per == "unit"}
        by_source = {name: spec for name, spec in document.fields.items() if spec.per == "source"}
        own = _register_columns("units")
        sheets.append(_sheet(standard, "units", titles.take("units"), "units", "unit_id", own, by_unit))
        own = _register_columns("sources")
        if not standard.checklist:
            own.pop(ITEM)
        sheets.append(_sheet(standard, "sources", titles.take("sources"), "sources", "source_id", own, by_source))
    else:
        key, own = _object_columns(standard)
        title = titles.take("units" if document.object == "unit" else document.object)
        sheets.append(_sheet(standard, document.object, title, "object", key, own, document.fields))
    parents = {sheet.key: sheet.id for sheet in sheets}
    for name, rows in document.children.items():
        label = rows.label.zh if rows.label else name
        if rows.key not in parents:
            raise KitError(
                f"{standard.label}: the child rows '{name}' hang on '{rows.key}', but the rows of the form are named "
                f"by {' and '.join(parents)}; key them by one of these"
            )
        above = next(sheet for sheet in sheets if sheet.id == parents[rows.key])
        how = Label(zh=words()["how"]["child_key"].format(sheet=above.title))
        spec = above.column(rows.key).spec.model_copy(update={"how": how})
        own = {rows.key: spec}
        sheets.append(_sheet(standard, name, titles.free(label), "child", rows.key, own, rows.fields, above.id))
    return FormLayout(tuple(sheets), _questions(sheets))


def allowed_text(column: FormColumn) -> str:
    """Return what may be written, in Chinese: range with unit, categories, or the kind of value.

    Examples
    --------
    >>> age = FieldSpec.model_validate({"label": {"zh": "车龄"}, "type": "number", "unit": "年", "range": [0, 15]})
    >>> allowed_text(FormColumn("age", age, "车龄（年）", {}))
    '0～15 年'
    """
    spec = column.spec
    kinds: dict[str, str] = words()["kinds"]
    if spec.type == "boolean":
        return "、".join(column.options.values())
    if column.options:
        named = {key: (spec.values or {}).get(key, text) for key, text in column.options.items()}
        shown = [text if text == named[key] else f"{text}={named[key]}" for key, text in column.options.items()]
        return "、".join(shown) if len(shown) <= 12 else f"{kinds['category']}（{len(shown)}项）"
    if spec.range is not None:
        low, high = (plain(limit) for limit in spec.range)
        whole = f"，{kinds['integer']}" if spec.type == "integer" else ""
        return f"{low}～{high}{' ' + spec.unit if spec.unit else ''}{whole}"
    return kinds[spec.type]


def plain(number: float) -> str:
    """Return a number as people write it: no exponent, no `.0`.

    Examples
    --------
    >>> plain(1000000.0), plain(0.5)
    ('1000000', '0.5')
    """
    return str(int(number)) if number == int(number) else format(number, "f").rstrip("0")


def hint(column: FormColumn) -> str:
    """Return what stands below a heading: how the value is collected, and what may be written."""
    how = column.spec.how.zh if column.spec.how else ""
    if how and column.spec.type == "text" and not column.options:
        return how
    allowed = words()["prompts"]["allowed"].format(allowed=allowed_text(column))
    return f"{how}\n{allowed}" if how else allowed


class _Titles:
    """Sheet names: legal in a workbook, and no two alike."""

    def __init__(self) -> None:
        self.taken: set[str] = {words()["sheets"]["notes"], words()["sheets"]["checklist"]}

    def take(self, name: str) -> str:
        title: str = words()["sheets"][name]
        self.taken.add(title)
        return title

    def free(self, label: str) -> str:
        base = _FORBIDDEN.sub("", label).strip()[:28] or "明细"
        title, count = base, 1
        while title.casefold() in {name.casefold() for name in self.taken}:
            count += 1
            title = f"{base}{count}"
        self.taken.add(title)
        return title


def lookup_title(standard: Standard, table: str, layout: FormLayout) -> str:
    """Return the name of the sheet that shows a lookup table."""
    titles = _Titles()
    titles.taken |= {sheet.title for sheet in layout.sheets}
    for name in standard.document.tables:
        label = standard.document.tables[name].label
        title = titles.free(label.zh if label else name)
        if name == table:
            return title
    raise KeyError(table)


def _register_columns(sheet: str) -> dict[str, FieldSpec]:
    schema = load_schema("risk_sources" if sheet == "sources" else "units")
    filled = words()["from_item"]
    columns: dict[str, FieldSpec] = {}
    for name in words()["register_columns"][sheet]:
        spec = schema.fields[name]
        how = words()["how"].get(f"{sheet}.{name}", words()["how"].get(name))
        optional = sheet == "sources" and name in filled
        columns[name] = spec.model_copy(
            update={"how": Label(zh=how) if how else spec.how, "required": spec.required and not optional}
        )
    return columns


def _object_columns(standard: Standard) -> tuple[str, dict[str, FieldSpec]]:
    """Return the key of the main sheet and the columns that say what a row is."""
    document = standard.document
    if document.object == "unit":
        own = _register_columns("units")
        own["assessed_at"] = _own("assessed_at")
        key = "unit_id"
    else:
        wanted = [rows.key for rows in document.children.values()]
        key = wanted[0] if wanted else _OBJECT_KEYS[document.object]
        base = _own(_OBJECT_KEYS[document.object])
        own = {"name": _own("object_name"), "unit_id": _own("owner_unit")} | {key: base}
        own = {key: base} | own
    return key, own


def _own(name: str) -> FieldSpec:
    return FieldSpec.model_validate(dict(words()["columns"][name]))


def _sheet(
    standard: Standard,
    name: str,
    title: str,
    kind: SheetKind,
    key: str,
    own: Mapping[str, FieldSpec],
    fields: Mapping[str, FieldSpec],
    parent: str | None = None,
) -> FormSheet:
    specs: dict[str, FieldSpec] = {}
    for column, spec in {**own, **fields}.items():
        # A field of the standard that bears the name of a column of the form is that column.
        specs[column] = fields.get(column, spec)
        if column in (key, ITEM, "unit_id") and column in own and specs[column].type != "text":
            raise KitError(
                f"{standard.label}: the field '{column}' is {specs[column].type}, but the form names rows by it; "
                "make it a text or rename it"
            )
    twice = [spec.label.zh for spec in specs.values()]
    columns = []
    for column, spec in specs.items():
        doubled = twice.count(spec.label.zh) > 1
        above = parent if column == key else "units" if kind == "sources" and column == "unit_id" else None
        options, closed, lookup = _options(standard, column, spec, kind)
        made = spec
        if column == ITEM:
            made = FieldSpec(label=spec.label, type="category", values=dict(options), how=spec.how)
        if column == key:
            made = made.model_copy(update={"required": True})
        columns.append(
            FormColumn(column, made, _heading(column, made, doubled), options, closed, above, lookup, column in fields)
        )
    return FormSheet(name, title, kind, key, tuple(columns))


def _heading(name: str, spec: FieldSpec, doubled: bool) -> str:
    text = spec.label.zh + (f"〔{name}〕" if doubled else "")
    text += words()["unit_suffix"].format(unit=spec.unit) if spec.unit else ""
    return text + (words()["required_mark"] if spec.required else "")


def _options(
    standard: Standard, name: str, spec: FieldSpec, kind: SheetKind
) -> tuple[dict[str, str], bool, str | None]:
    if name == ITEM and kind == "sources":
        listed = {item.id: item.name_zh for item in standard.checklist}
        return shown_options(listed), True, None
    if spec.lookup:
        return {str(key): str(key) for key in standard.lookups[spec.lookup].index}, True, spec.lookup
    if spec.type == "boolean":
        return {"true": words()["yes"], "false": words()["no"]}, False, None
    return shown_options(spec), False, None


def _questions(sheets: list[FormSheet]) -> str:
    """Return the fingerprint of what is asked: labels and help may be worded anew, types and options may not."""
    asked = [
        [sheet.id, sheet.key, sorted([
            column.id, column.spec.type, column.spec.unit or "", list(column.spec.range or ()),
            sorted(column.options.items()), column.spec.required, column.parent or "", column.closed,
            column.spec.label.zh,
        ] for column in sheet.columns)]
        for sheet in sheets
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()
