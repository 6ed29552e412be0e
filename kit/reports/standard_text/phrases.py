"""The fixed words of a standard's document, from `standards/common/document.yaml`, and their gaps filled."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from kit.errors import KitError, did_you_mean
from kit.reports.blocks import Inline, Run, Runs
from kit.standard.loader import standards_folder
from kit.standard.yaml_io import read_yaml

FILE = "document.yaml"
_GAP = re.compile(r"\{(\w+)\}")
Filling = str | Run | Inline | Runs


@cache
def _read(path: Path, stamp: int) -> dict[str, Any]:
    data, _ = read_yaml(path)
    return dict(data)


def phrase(key: str) -> Any:
    """Return what the file says at a dotted key: a text, or a list or mapping of texts.

    Raises
    ------
    KitError
        When the key is not there, with the nearest.

    Examples
    --------
    >>> phrase("titles.foreword")
    '前言'
    """
    path = standards_folder() / "common" / FILE
    if not path.exists():
        raise KitError(f"{path} is missing; it holds the fixed words of the standards' documents")
    found: Any = _read(path, path.stat().st_mtime_ns)
    for step in key.split("."):
        if not isinstance(found, dict) or step not in found:
            there = list(found) if isinstance(found, dict) else []
            raise KitError(f"{path} has no '{key}'; {did_you_mean(step, there, allowed='there are')}")
        found = found[step]
    return found


def option(key: str, name: str) -> str | None:
    """Return the entry `name` of the mapping at `key`, None where it has none."""
    found = phrase(key).get(name)
    return None if found is None else str(found)


def fill(template: str, **values: Filling) -> Runs:
    """Return a template as runs, its gaps filled with texts, links or formulas.

    Examples
    --------
    >>> fill("按{table}计分。", table=Run("表B.2", anchor="t-B.2"))[1].text
    '表B.2'
    """
    made: list[Inline] = []

    def add(piece: Inline) -> None:
        if isinstance(piece, Run):
            if not piece.text:
                return
            last = made[-1] if made else None
            plain = Run(piece.text)
            if piece == plain and isinstance(last, Run) and last == Run(last.text):
                made[-1] = Run(last.text + piece.text)
                return
        made.append(piece)

    for place, part in enumerate(_GAP.split(template)):
        if place % 2 == 0:
            add(Run(part))
            continue
        if part not in values:
            raise KitError(f"'{template}' in {FILE} has the gap {{{part}}}; {did_you_mean(part, values)}")
        value = values[part]
        for piece in (value,) if isinstance(value, str) or not isinstance(value, tuple) else value:
            add(Run(piece) if isinstance(piece, str) else piece)
    return tuple(made)


def say(key: str, **values: Filling) -> Runs:
    """Return the text at `key` with its gaps filled."""
    return fill(str(phrase(key)), **values)


def said(key: str, **values: str) -> str:
    """Return the text at `key` with its gaps filled by plain texts."""
    return "".join(run.text for run in say(key, **values) if isinstance(run, Run))
