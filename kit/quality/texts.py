"""Words of the quality checks, read once from `messages.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from kit.standard.yaml_io import read_yaml


@cache
def _messages() -> dict[str, Any]:
    data, _ = read_yaml(Path(__file__).resolve().parent / "messages.yaml")
    return dict(data)


def derived(kind: str, **values: object) -> tuple[str, str]:
    """Return title and allowed values of a derived check.

    Examples
    --------
    >>> derived("required", label="经度")
    ('“经度”不得为空', '必填')
    """
    words = _messages()[kind]
    return words["title"].format(**values), words["allowed"].format(**values)


def state(kind: str, **values: object) -> str:
    """Return the sentence that says how a check ended.

    Examples
    --------
    >>> state("failed", checked=100, failed=3)
    '检查 100 行，3 行不符合'
    """
    return str(_messages()["states"][kind].format(**values))


def titles(kind: str) -> dict[str, str]:
    """Return names for readers: of `families` or of `tables` that are no registers.

    Examples
    --------
    >>> titles("tables")["summary/areas"]
    '各区汇总'
    """
    return {str(name): str(words) for name, words in _messages()[kind].items()}
