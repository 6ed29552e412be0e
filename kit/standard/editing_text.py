"""YAML text of single values, as a drafter would write them: plain where that reads back, quoted where it must be."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from kit.errors import KitError, cut
from kit.standard.yaml_io import read_yaml_text

ScalarStyle = str | None
# Longer flow values are wrapped, as the shipped standards are.
WIDTH = 110

_SPECIAL = re.compile(r"[^\n\t -~\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|[\u2028\u2029\x85]")

# Signs that begin something else in YAML, or may to another reader; and what YAML 1.1 takes for true and false.
_INDICATORS = tuple("-?:,[]{}#&*!|>'\"%@`=<~")
_OLD_TRUTHS = ("yes", "no", "on", "off", "y", "n")


def scalar_text(value: Any, flow: bool, style: ScalarStyle = None) -> str:
    """Return a scalar as YAML that reads back with the same value and type.

    Parameters
    ----------
    value : text, number, truth, date or None.
    flow : whether it stands inside brackets, where fewer texts can go without quotes.
    style : the quotes it had (`'` or `"`), kept for texts.

    Examples
    --------
    >>> scalar_text("5.10", False), scalar_text("5.10.1", False), scalar_text(0.15, True), scalar_text("a, b", True)
    ('"5.10"', '5.10.1', '0.15', '"a, b"')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if not isinstance(value, str):
        raise KitError(f"{cut(repr(value))} cannot be written as YAML")
    single = "'" + value.replace("'", "''") + "'"
    candidates = [value, single] if style != "'" else [single]
    if style == '"':
        candidates = []
    elif style is None:
        candidates = [value]
    for candidate in candidates:
        if _reads_back(candidate, value, flow):
            return candidate
    return double_quoted(value)


def double_quoted(value: str) -> str:
    """Return text in double quotes, with escapes for what YAML does not take as it is."""
    quoted = json.dumps(value, ensure_ascii=False)
    return _SPECIAL.sub(lambda found: _escape(found.group()), quoted).replace("\x7f", "\\x7f")


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _float(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    # 1e+16 without a point is read as text by some readers of YAML.
    return text if "." in text or "e" not in text else text.replace("e", ".0e")


@lru_cache(maxsize=4096)
def _reads_back(candidate: str, value: str, flow: bool) -> bool:
    if "\n" in candidate or "\r" in candidate or _SPECIAL.search(candidate) or candidate != candidate.strip():
        return False
    if candidate == value and (candidate[:1] in _INDICATORS or candidate.lower() in _OLD_TRUTHS):
        return False
    try:
        data, _ = read_yaml_text(f"[{{k: {candidate}}}, 1]" if flow else f"- k: {candidate}\n- 1\n")
    except KitError:
        return False
    return bool(data == [{"k": value}, 1]) and isinstance(data[0]["k"], str)


@lru_cache(maxsize=4096)
def _key_reads_back(candidate: str, value: str) -> bool:
    if "\n" in candidate or "\r" in candidate or _SPECIAL.search(candidate) or candidate != candidate.strip():
        return False
    try:
        data, _ = read_yaml_text(f"[{{{candidate}: 1}}]\n")
    except KitError:
        return False
    return bool(data == [{value: 1}])


def key_text(key: Any) -> str:
    """Return a key of a mapping as YAML."""
    if isinstance(key, str):
        return key if _key_reads_back(key, key) else double_quoted(key)
    return scalar_text(key, True)


def flow_text(value: Any) -> str:
    """Return a value in one line, lists and mappings in brackets.

    Examples
    --------
    >>> flow_text({"of": "age", "at": [2, 4.5], "label": {"zh": "车龄"}})
    '{of: age, at: [2, 4.5], label: {zh: 车龄}}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key_text(key)}: {flow_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow_text, value)) + "]"
    return scalar_text(value, True)


def literal_text(value: str, indent: int, newline: str) -> str | None:
    """Return text as a literal block (`|`), or None where such a block could not say it."""
    body = value.removesuffix("\n")
    lines = body.split("\n")
    awkward = not body or body.endswith("\n") or lines[0][:1] in (" ", "\t", "") or _SPECIAL.search(body)
    if awkward or "\n" not in body or "\r" in body or indent < 1:
        return None
    chomping = "" if value.endswith("\n") else "-"
    return newline.join([f"|{chomping}", *(f"{' ' * indent}{line}" if line else "" for line in lines)])


def block_text(key: Sequence[Any], value: Any, column: int, *, block: bool, below: bool) -> list[str]:
    """Return the lines of a new entry of a block.

    Parameters
    ----------
    key : the key in a list of one, or nothing for an entry of a list.
    column : where the key or dash stands.
    block : whether the entry beside it has its own keys on lines of their own.
    below : whether the value of the entry beside it begins on the line below its key.
    """
    pad = " " * column
    head = f"{key_text(key[0])}:" if key else "-"
    if isinstance(value, dict | list) and value and block:
        inner = column + 2
        if isinstance(value, dict):
            lines = [line for name, item in value.items() for line in _member(name, item, inner)]
        else:
            lines = [f"{' ' * inner}- {_inline(item, inner + 2)}" for item in value]
        if key:
            return [f"{pad}{head}", *lines]
        return [f"{pad}- {lines[0].lstrip(' ')}", *lines[1:]]
    if isinstance(value, dict | list) and below and key:
        inner = column + 2
        return [f"{pad}{head}", f"{' ' * inner}{_wrapped(value, inner)}"]
    return [f"{pad}{head} {_inline(value, column + 2)}"]


def _member(name: Any, value: Any, column: int) -> list[str]:
    return [f"{' ' * column}{key_text(name)}: {_inline(value, column + 2)}"]


def _inline(value: Any, column: int) -> str:
    return flow_text(value) if isinstance(value, dict | list) else scalar_text(value, False)


def _wrapped(value: Any, column: int) -> str:
    text = flow_text(value)
    if len(text) + column <= WIDTH or not isinstance(value, dict):
        return text
    lines: list[str] = []
    line = ""
    for name, item in value.items():
        part = f"{key_text(name)}: {flow_text(item)}"
        if line and len(line) + len(part) + column > WIDTH:
            lines.append(line)
            line = ""
        line += f"{', ' if line else ''}{part}"
    return "{" + f",\n{' ' * (column + 1)}".join([*lines, line]) + "}"
