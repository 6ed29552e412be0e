"""Words shown to the people who fill in tables, read once from `messages.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kit.standard.yaml_io import read_yaml


@cache
def _messages() -> dict[str, str]:
    data, _ = read_yaml(Path(__file__).resolve().parent / "messages.yaml")
    return {str(key): str(value) for key, value in data.items()}


def message(key: str, **values: object) -> str:
    """Return the message `key` with its gaps filled.

    Examples
    --------
    >>> message("unit_suffix", unit="年")
    '（年）'
    """
    return _messages()[key].format(**values)
