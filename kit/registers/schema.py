"""Registers declared once, in `schemas/<name>.yaml`: from it come the reader, the quality suite and the sample."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from kit.errors import KitError, did_you_mean
from kit.registers.codes_list import code_lists
from kit.standard.fields import FieldSpec, Label, Model
from kit.standard.yaml_io import read_model

_FOLDER = Path(__file__).resolve().parent / "schemas"
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")

Severity = Literal["error", "warning"]


class RegisterField(FieldSpec):
    """One column of a register: a field of the common vocabulary, and what only a register needs.

    Attributes
    ----------
    pattern : regular expression that the whole text must match.
    unique : no two rows have the same value; empty cells are not compared.
    references : ``table.column`` in which the value must occur.
    codes : name of the code list whose `code` column holds the allowed values.
    severity : what a breach is; a warning is shown, an error counts against the table.
    personal : the value names or reaches a person and is masked in reports.
    aliases : further headings under which the column may come.
    spellings : further ways in which a category is written, by its key: ``{gcj02: [GCJ-02, 火星坐标]}``.
    future : dates only; the date may lie after the snapshot (an expiry date).
    """

    pattern: str | None = None
    unique: bool = False
    references: str | None = None
    codes: str | None = None
    severity: Severity = "error"
    personal: bool = False
    aliases: list[str] = Field(default_factory=list)
    spellings: dict[str, list[str]] = Field(default_factory=dict)
    future: bool = False

    @model_validator(mode="after")
    def _register_consistent(self) -> RegisterField:
        if self.pattern is not None:
            if self.type != "text":
                raise ValueError(f"pattern belongs to text fields only, this one is {self.type}")
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise ValueError(f"pattern is not a regular expression: {error}") from None
        if self.codes is not None:
            if self.type != "text":
                raise ValueError(f"codes belong to text fields only, this one is {self.type}")
            if self.codes not in code_lists():
                raise ValueError(f"no code list '{self.codes}'; {did_you_mean(self.codes, code_lists())}")
        if self.references is not None and not re.fullmatch(r"[a-z_]+\.[a-z][a-z0-9_]*", self.references):
            raise ValueError(f"references must be table.column such as units.unit_id; given '{self.references}'")
        for key in self.spellings:
            if key not in (self.values or {}):
                raise ValueError(f"spellings of '{key}', which is no category; {did_you_mean(key, self.values or {})}")
        if self.future and self.type != "date":
            raise ValueError(f"future belongs to date fields only, this one is {self.type}")
        return self


class RegisterSchema(Model):
    """A register as its file declares it.

    Attributes
    ----------
    name : the register's id, equal to the file's name.
    title : what readers see.
    row : what one row is, in Chinese.
    key : the column that names a row; the first of `keys`.
    keys : the columns that together name a row, where the file has a list of them as its `key`.
    fields : columns in order, id to declaration.
    """

    name: str
    title: Label
    row: str = Field(min_length=1)
    key: str
    keys: tuple[str, ...] = Field(default=(), exclude=True)
    fields: dict[str, RegisterField]

    @model_validator(mode="before")
    @classmethod
    def _keys_from_key(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "keys" in data or "key" not in data:
            return data
        key = data["key"]
        named = list(key) if isinstance(key, list) and key else [key]
        return {**data, "key": named[0], "keys": tuple(named)}

    @model_validator(mode="after")
    def _key_known(self) -> RegisterSchema:
        wrong = [name for name in self.fields if not _IDENTIFIER.fullmatch(name)]
        if wrong:
            raise ValueError(f"field names are lower-case English (a-z, 0-9, _): {', '.join(map(str, wrong))}")
        for key in self.keys:
            if key not in self.fields:
                raise ValueError(f"key '{key}' is not a field; {did_you_mean(key, self.fields)}")
        return self


def schema_names() -> list[str]:
    """Return the names of the registers that the kit knows, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def read_schema(path: str | Path) -> RegisterSchema:
    """Return the register declared in the file `path`.

    Raises
    ------
    ProblemsError
        With every mistake: file, line, key, what is allowed, the nearest name.
    """
    return read_model(RegisterSchema, path)


@cache
def load_schema(name: str) -> RegisterSchema:
    """Return the register `name` of the kit.

    Raises
    ------
    KitError
        When there is no such register, or its file is not right.

    Examples
    --------
    >>> load_schema("units").key
    'unit_id'
    """
    if name not in schema_names():
        raise KitError(f"no register named {name!r}; {did_you_mean(name, schema_names())}")
    schema = read_schema(_FOLDER / f"{name}.yaml")
    if schema.name != name:
        raise KitError(f"the register in {name}.yaml calls itself '{schema.name}'; write name: {name}")
    return schema


def answers_schema(table: str, standard: str, title: str) -> RegisterSchema:
    """Return the register of the answers to a standard: only its key; the fields are declared in the standard.

    Parameters
    ----------
    table : ``survey_unit`` (one row a unit) or ``survey`` (one row a risk source).

    Examples
    --------
    >>> answers_schema("survey_unit", "taxi", "出租汽车").key
    'unit_id'
    """
    register = "risk_sources" if table == "survey" else "units"
    base = load_schema(register)
    key = base.fields[base.key].model_copy(update={"references": f"{register}.{base.key}"})
    data = {"name": f"{table}/{standard}", "title": {"zh": title}, "row": base.row, "key": base.key}
    return RegisterSchema.model_validate({**data, "fields": {base.key: key}})
