"""The data dictionary of the registers: Table Schema, and words for people."""

from __future__ import annotations

import json

import pytest

from kit.registers import load_schema, schema_names, table_schema
from kit.registers.dictionary import allowed_text, type_text

# https://specs.frictionlessdata.io/table-schema/#types-and-formats
TYPES = {"string", "number", "integer", "boolean", "date"}


@pytest.mark.parametrize("name", schema_names())
def test_table_schema_says_what_the_register_declares(name: str) -> None:
    declared, described = load_schema(name), table_schema(name)
    assert json.loads(json.dumps(described)) == described
    assert described["primaryKey"] == list(declared.keys)
    assert [field["name"] for field in described["fields"]] == list(declared.fields)
    for field, spec in zip(described["fields"], declared.fields.values(), strict=True):
        limits = field.get("constraints", {})
        assert field["type"] in TYPES
        assert field["title"] == spec.label.zh
        assert limits.get("required", False) == spec.required
        if spec.range:
            assert (limits["minimum"], limits["maximum"]) == spec.range
        if spec.values:
            assert limits["enum"] == list(spec.values)
    referring = [name for name, spec in declared.fields.items() if spec.references]
    assert [key["fields"] for key in described.get("foreignKeys", [])] == [[name] for name in referring]


def test_words_for_people() -> None:
    fields = load_schema("drills").fields
    assert allowed_text(fields["kind"]) == "桌面演练、实战演练"
    assert allowed_text(fields["plan_id"]) == "《应急预案》中的“预案编号”"
    assert allowed_text(fields["findings"]) == ""
    assert type_text(fields["closed"]) == "是/否"
    assert allowed_text(load_schema("agreements").fields["class"]).startswith("专职应急队伍、")
