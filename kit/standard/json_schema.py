"""The format of `standard.yaml` as a JSON Schema, by which editors complete keys and mark mistakes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kit.standard.document import Document
from kit.standard.tree import KINDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ONE_OF = {
    "Level": ("matrix", "cuts", "table", "scores_only"),
    "Override": ("at_least", "at_most", "set"),
    "Deduction": ("each", "when"),
    "Enough": ("count", "share"),
    "Total": ("sum", "max", "min"),
}


def editor_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a standard.

    It knows the shape: keys, types, choices, one kind for each node. Names, formulas and what lies beside the file are
    checked by `kit standard check` only.

    Examples
    --------
    >>> editor_schema()["properties"]["status"]["enum"][0]
    'draft'
    """
    schema = Document.model_json_schema(by_alias=True)
    _plain(schema)
    definitions = schema["$defs"]
    exclusive = {"Node": tuple(sorted(KINDS)), **_ONE_OF}
    for name, keys in exclusive.items():
        definitions[name]["oneOf"] = [{"required": [key]} for key in keys]
    return {"$schema": DIALECT, "$id": "standard.schema.json"} | schema | {"title": "城市安全风险评估标准"}


def as_json(data: Any) -> Any:
    """Return what a YAML file says as JSON has it: dates as text, keys as text.

    Examples
    --------
    >>> as_json({True: dt.date(2019, 7, 1)})
    {'true': '2019-07-01'}
    """
    if isinstance(data, Mapping):
        return {_key(key): as_json(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [as_json(value) for value in data]
    return data.isoformat() if isinstance(data, dt.date) else data


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _plain(part: Any) -> None:
    """Drop the titles made from key names and keep the first paragraph of each description: what an editor shows."""
    if isinstance(part, list):
        for entry in part:
            _plain(entry)
    if not isinstance(part, dict):
        return
    if isinstance(part.get("title"), str):
        del part["title"]
    if isinstance(part.get("description"), str):
        part["description"] = " ".join(part["description"].split("\n\n")[0].split())
    for value in part.values():
        _plain(value)
