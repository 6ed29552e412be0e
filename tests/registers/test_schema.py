"""Register declarations: the shipped ones load, and a mistake is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import KitError, ProblemsError
from kit.registers import code_names, load_codes, load_schema, schema_names
from kit.registers.schema import read_schema


def test_every_shipped_register_loads_and_names_chinese_labels() -> None:
    wanted = {"units", "risk_sources", "substances", "resources", "agreements", "capability", "plans", "drills"}
    assert wanted | {"experts", "panels", "incidents", "assessors"} <= set(schema_names())
    for name in schema_names():
        schema = load_schema(name)
        assert schema.key == schema.keys[0]
        assert all(schema.fields[key].required for key in schema.keys)
        assert all(spec.label.zh for spec in schema.fields.values())
        for spec in schema.fields.values():
            if spec.references:
                table, column = spec.references.split(".")
                assert column in load_schema(table).fields


def test_unknown_register_names_the_nearest() -> None:
    with pytest.raises(KitError, match="did you mean units"):
        load_schema("unit")


def _mistake(tmp_path: Path, text: str) -> str:
    path = tmp_path / "boats.yaml"
    path.write_text(
        "name: boats\ntitle: {zh: 船舶}\nrow: 一艘船\nkey: boat_id\nfields:\n"
        "  boat_id: {label: {zh: 编号}, type: text, required: true}\n" + text,
        encoding="utf-8",
    )
    with pytest.raises(ProblemsError) as caught:
        read_schema(path)
    return str(caught.value)


def test_unknown_key_is_told_with_line_and_nearest(tmp_path: Path) -> None:
    message = _mistake(tmp_path, "  seats: {label: {zh: 座位}, type: integer, requird: true}\n")
    assert "boats.yaml:7" in message
    assert "unknown key 'requird'" in message
    assert "did you mean required?" in message


def test_unknown_code_list_and_wrong_pattern_are_told(tmp_path: Path) -> None:
    assert "did you mean districts?" in _mistake(tmp_path, "  area: {label: {zh: 区}, type: text, codes: district}\n")
    assert "not a regular expression" in _mistake(tmp_path, "  no: {label: {zh: 号}, type: text, pattern: '[a'}\n")
    assert "pattern belongs to text" in _mistake(tmp_path, "  no: {label: {zh: 号}, type: number, pattern: a}\n")


def test_key_must_be_a_field(tmp_path: Path) -> None:
    path = tmp_path / "boats.yaml"
    path.write_text(
        "name: boats\ntitle: {zh: 船舶}\nrow: 一艘船\nkey: boat\nfields:\n  boat_id: {label: {zh: 编号}, type: text}\n",
        encoding="utf-8",
    )
    with pytest.raises(ProblemsError, match="key 'boat' is not a field"):
        read_schema(path)


def test_several_columns_together_name_a_row(tmp_path: Path) -> None:
    path = tmp_path / "seats.yaml"
    text = "name: seats\ntitle: {zh: 座位}\nrow: 一个座位\nkey: [boat_id, seat]\nfields:\n"
    field = "  %s: {label: {zh: 编号%s}, type: text, required: true}\n"
    path.write_text(text + field % ("boat_id", 1) + field % ("seat", 2), encoding="utf-8")
    assert (read_schema(path).key, read_schema(path).keys) == ("boat_id", ("boat_id", "seat"))
    path.write_text(text + field % ("boat_id", 1), encoding="utf-8")
    with pytest.raises(ProblemsError, match="key 'seat' is not a field"):
        read_schema(path)
    path.write_text(text.replace("[boat_id, seat]", "[]") + field % ("boat_id", 1), encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"seats\.yaml:4"):
        read_schema(path)


def test_spellings_are_of_known_categories(tmp_path: Path) -> None:
    line = "  kind: {label: {zh: 船型}, type: category, values: {ferry: 渡船}, spellings: {fery: [摆渡船]}}\n"
    assert "did you mean ferry?" in _mistake(tmp_path, line)


def test_code_lists_have_unique_codes_and_names() -> None:
    for name, rows in {"districts": 17, "streets_towns": 349, "sectors": 41, "accident_classes": 29}.items():
        table = load_codes(name)
        assert len(table) == rows
        assert list(table.columns[:2]) == ["code", "name_zh"]
        assert table["code"].is_unique
    assert code_names("districts")["110115403"] == "北京经济技术开发区"
    assert load_codes("accident_classes").loc[0, "code"] == "01"


def test_load_codes_gives_each_caller_its_own_copy() -> None:
    mine = load_codes("districts")
    mine.loc[0, "name_zh"] = "changed"
    assert load_codes("districts").loc[0, "name_zh"] == "东城区"


def test_streets_belong_to_known_districts() -> None:
    assert set(load_codes("streets_towns")["district_code"]) <= set(code_names("districts"))
