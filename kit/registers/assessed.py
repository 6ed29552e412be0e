"""The assessed data of a period on disk, as inventory and emergency both read and count it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, Problem, ProblemsError, did_you_mean
from kit.registers.codes_list import code_names

if TYPE_CHECKING:
    import pandas as pd

    Frames = dict[str, pd.DataFrame]


def read_assessed(
    folder: str | Path, needed: Mapping[str, Sequence[str]], classes: tuple[str, str, Mapping[str, str]]
) -> tuple[Frames, dict[str, Any]]:
    """Return the frames `needed` (name to columns) and `meta.json` of a folder that `kit assess` wrote.

    Parameters
    ----------
    classes : table, column and the classes that may stand in it (null may not).

    Raises
    ------
    ProblemsError
        Naming every file that is missing, every missing column, and every unknown class.
    """
    import pandas as pd

    root = Path(folder)
    problems: list[Problem] = []
    frames: Frames = {}
    absent = "file is missing; run `kit assess` for the period first"
    for name, columns in needed.items():
        path = root / f"{name}.parquet"
        if not path.is_file():
            problems.append(Problem(absent, str(path)))
            continue
        frames[name] = pd.read_parquet(path)
        there = [str(column) for column in frames[name]]
        problems.extend(
            Problem(f"column '{column}' is missing; {did_you_mean(column, there, allowed='it has')}", str(path))
            for column in columns
            if column not in there
        )
    if not (root / "meta.json").is_file():
        problems.append(Problem(absent, str(root / "meta.json")))
    table, column, names = classes
    if table in frames and column in frames[table]:
        given = frames[table][column].astype("object")
        strange = sorted({str(value) for value in given.where(given.notna(), "null")} - set(names))
        path = root / f"{table}.parquet"
        problems.extend(Problem(f"{column} '{value}': {did_you_mean(value, names)}", str(path)) for value in strange)
    if problems:
        raise ProblemsError(problems, f"{len(problems)} problem(s) with the assessed data in {root}")
    return frames, json.loads((root / "meta.json").read_text(encoding="utf-8"))


def parts_of_area(data: Any, area: str, names: Sequence[str]) -> Frames:
    """Return the frames `names` of `data` with only the rows of one reporting area (by their `district` column).

    Raises
    ------
    KitError
        When `area` is not the code of one of the 17 areas.
    """
    known = code_names("districts")
    if area not in known:
        raise KitError(f"area '{area}' is no reporting area; {did_you_mean(area, known)}")
    return {name: frame[frame["district"] == area] for name in names if (frame := getattr(data, name)) is not None}


def share(part: float, whole: float) -> float:
    """Return `part` of `whole` in per cent, NaN when `whole` is 0.

    Examples
    --------
    >>> share(1, 8)
    12.5
    """
    return 100.0 * part / whole if whole else float("nan")


def count_labels(frame: pd.DataFrame, by: str, keys: Mapping[str, str], words: Mapping[str, Any]) -> pd.Series:
    """Return the text a row is counted under for the breakdown `by`; 未填写 when it is empty.

    Parameters
    ----------
    keys : each breakdown and the column it is taken from.
    words : `blank`, and `tracks` with the words for the two tracks.
    """
    if by not in keys:
        raise KitError(f"no breakdown by '{by}'; {did_you_mean(by, keys)}")
    text = frame[keys[by]].astype("object")
    if by == "track":
        text = text.map(words["tracks"])
    return text.where(text.notna() & (text != ""), words["blank"])


def add_total(table: pd.DataFrame, columns: Sequence[str], total: str, **values: float) -> pd.DataFrame:
    """Return `table` with a last row `total` that adds up `columns`; `values` are set there, the rest is empty."""
    import pandas as pd

    if table.empty:
        return table
    row: dict[str, Any] = {column: (table[column].sum() if column in columns else None) for column in table.columns}
    row |= {table.columns[0]: total, **values}
    return pd.concat([table, pd.DataFrame([row]).astype(table.dtypes, errors="ignore")], ignore_index=True)
