"""The data dictionary of a register: Table Schema for programs, words for people."""

from __future__ import annotations

from typing import Any

from kit.registers.codes_list import code_names
from kit.registers.schema import RegisterField, RegisterSchema, load_schema
from kit.registers.texts import message

_TYPES = {
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "category": "string",
    "text": "string",
    "date": "date",
}


def table_schema(register: str | RegisterSchema) -> dict[str, Any]:
    """Return a register's declaration as Table Schema (Frictionless Data), which other tools read.

    What Table Schema has no word for (unit, severity, personal, aliases) stands under the same name as in the
    register's file.

    Examples
    --------
    >>> schema = table_schema("assessors")
    >>> schema["primaryKey"], schema["fields"][0]["constraints"]
    (['source_id', 'assessor'], {'required': True})
    """
    schema = load_schema(register) if isinstance(register, str) else register
    described: dict[str, Any] = {
        "name": schema.name,
        "title": schema.title.zh,
        "description": schema.row,
        "fields": [_field(name, spec) for name, spec in schema.fields.items()],
        "primaryKey": list(schema.keys),
        "missingValues": [""],
    }
    foreign = [
        {"fields": [name], "reference": dict(zip(("resource", "fields"), _reference(spec.references), strict=True))}
        for name, spec in schema.fields.items()
        if spec.references
    ]
    return described | ({"foreignKeys": foreign} if foreign else {})


def _reference(text: str) -> tuple[str, list[str]]:
    table, _, column = text.partition(".")
    return table, [column]


def _field(name: str, spec: RegisterField) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if spec.required:
        constraints["required"] = True
    if spec.unique:
        constraints["unique"] = True
    if spec.range is not None:
        whole = spec.type == "integer"
        constraints["minimum"], constraints["maximum"] = (int(end) if whole else end for end in spec.range)
    if spec.pattern is not None:
        constraints["pattern"] = spec.pattern
    options = spec.values or (code_names(spec.codes) if spec.codes else None)
    if options:
        constraints["enum"] = list(options)
    described: dict[str, Any] = {"name": name, "title": spec.label.zh, "type": _TYPES[spec.type]}
    if constraints:
        described["constraints"] = constraints
    if options:
        described["categories"] = [{"value": key, "label": text} for key, text in options.items()]
    if spec.unit:
        described["unit"] = spec.unit
    if spec.severity != "error":
        described["severity"] = spec.severity
    if spec.personal:
        described["personal"] = True
    if spec.aliases:
        described["aliases"] = list(spec.aliases)
    return described


def type_text(spec: RegisterField) -> str:
    """Return the type of a column in Chinese.

    Examples
    --------
    >>> type_text(load_schema("units").fields["headcount"])
    '整数'
    """
    return message(f"type_{spec.type}")


def allowed_text(spec: RegisterField) -> str:
    """Return in Chinese what may stand in a column; empty where anything may.

    Examples
    --------
    >>> allowed_text(load_schema("units").fields["headcount"])
    '1～300000 人'
    """
    unit = f" {spec.unit}" if spec.unit else ""
    if spec.range is not None:
        return f"{spec.range[0]:.15g}～{spec.range[1]:.15g}{unit}"
    if spec.values:
        return "、".join(spec.values.values())
    if spec.codes:
        names = list(code_names(spec.codes).values())
        return message("codes", first="、".join(names[:3]), count=len(names))
    if spec.references:
        table, _, column = spec.references.partition(".")
        schema = load_schema(table)
        return message("reference", table=schema.title.zh, column=schema.fields[column].label.zh)
    return unit.strip()
