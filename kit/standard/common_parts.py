"""What all standards share, read from `standards/common`: departments, levels of control, sectors, code lists."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

from kit.standard.finding import standards_folder
from kit.standard.yaml_io import read_yaml


def common_folder() -> Path:
    """Return the folder of the parts that all standards share."""
    return standards_folder() / "common"


def common_labels(name: str) -> dict[str, str]:
    """Return the Chinese labels in the YAML file `name` of `standards/common`, by key in order; none without it.

    Examples
    --------
    >>> common_labels("control_levels")["street"]
    '街乡镇'
    """
    return {key: str(entry["label"]["zh"]) for key, entry in _entries(common_folder() / f"{name}.yaml").items()}


def common_order(name: str) -> dict[str, int]:
    """Return the `order` of the entries in the YAML file `name` of `standards/common`; none without it."""
    return {key: int(entry["order"]) for key, entry in _entries(common_folder() / f"{name}.yaml").items()}


def common_list(name: str) -> list[dict[str, str]]:
    """Return the rows of the code list `name` of `standards/common`, all values text; none without it.

    Examples
    --------
    >>> common_list("accident_classes")[0]["name_zh"]
    '物体打击'
    """
    return [dict(row) for row in _rows(common_folder() / f"{name}.csv")]


@cache
def _entries(file: Path) -> dict[str, Any]:
    return dict(read_yaml(file)[0]) if file.is_file() else {}


@cache
def _rows(file: Path) -> tuple[dict[str, str], ...]:
    if not file.is_file():
        return ()
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return tuple(csv.DictReader(handle))
