"""The JSON Schema for editors accepts every standard there is and marks mistakes of shape."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kit.standard import editor_schema, standard_files
from kit.standard.json_schema import as_json
from kit.standard.tree import KINDS
from kit.standard.yaml_io import read_yaml
from tests.cli.running import kit
from tests.scoring.tiny import CUTS, HEAD

TESTS = Path(__file__).parent.parent
FILES = [*standard_files().values(), *sorted(TESTS.rglob("standard.yaml"))]
FILES = [file for file in FILES if "mistakes" not in file.parts]
SCHEMA = editor_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def text(body: str, level: str = CUTS) -> str:
    return HEAD + body + "\n" + level


def errors(folder: Path, source: str) -> list[str]:
    file = folder / "standard.yaml"
    file.write_text(source, encoding="utf-8")
    return [f"{list(error.path)}: {error.message}" for error in VALIDATOR.iter_errors(as_json(read_yaml(file)[0]))]


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(KINDS) <= set(SCHEMA["$defs"]["Node"]["properties"])
    assert "lowest and highest allowed value" in json.dumps(SCHEMA).lower() or SCHEMA["$defs"]["FieldSpec"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}-{file.parent.name}")
def test_every_standard_fits(file: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(as_json(read_yaml(file)[0]))] == []


@pytest.mark.parametrize(
    "node",
    [
        "{formula: x}", "{bands: {of: x, at: [1], scores: [1, 2]}}", "{map: {of: b, to: {true: 1, false: 2}}}",
        "{normalise: {of: x, min_max: {goalposts: [0, 1]}}, missing: {value: 2}}",
        "{normalise: {of: x, rank: {ties: dense}, direction: down}}",
        "{geometric_mean: {a: {formula: x, weight: 1}, b: {max: {c: {formula: y}}, weight: 2}}}",
        "{generalised_mean: {power: 2}, children: {a: {formula: x}}}",
        "{table: {inputs: [x, b], hit: first, rows: [{when: ['<3', [true]], score: 1}], otherwise: none}}",
    ],
)  # fmt: skip
def test_every_kind_of_node_fits(tmp_path: Path, node: str) -> None:
    assert errors(tmp_path, text(f"scores:\n  s: {node}")) == []


@pytest.mark.parametrize(
    "mistake",
    [
        lambda good: good.replace("department:", "departement:"),
        lambda good: good.replace("status: draft", "status: ready"),
        lambda good: good.replace("type: number", "type: numeric"),
        lambda good: good.replace("{formula: x}", "{formulas: x}"),
        lambda good: good.replace("{formula: x}", "{formula: x, map: {of: k, to: {a: 1}}}"),
        lambda good: good.replace("{formula: x}", "{label: {zh: 空}}"),
        lambda good: good.replace("{formula: x}", "{formula: x, weight: heavy}"),
        lambda good: good.replace("{formula: x}", "{table: {inputs: [x], hit: second, rows: [], otherwise: 1}}"),
        lambda good: good.replace("format: 1", "format: 2"),
        lambda good: good.replace("version: 0.0.1", "version: '1'"),
        lambda good: good.replace("cuts:", "matrix: {use: a, likelihood: s, severity: s}\n  cuts:"),
        lambda good: good + "overrides: [{id: a, clause: '1', when: b, reason: {zh: 试}}]\n",
    ],
)
def test_mistakes_are_marked(tmp_path: Path, mistake: Callable[[str], str]) -> None:
    good = text("scores:\n  s: {formula: x}")
    assert errors(tmp_path, good) == []
    assert mistake(good) != good
    assert errors(tmp_path, mistake(good))


def test_the_command(tmp_path: Path) -> None:
    out = tmp_path / "standard.schema.json"
    done = kit("standard", "schema", "-o", str(out))
    assert done.code == 0, done.err
    written: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(SCHEMA))
    assert json.loads(kit("standard", "schema").out) == written
