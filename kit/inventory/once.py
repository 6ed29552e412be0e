"""Rows of a register each counted once, whatever their order."""

from __future__ import annotations

import pandas as pd


def once(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return one row for each value of `key`; rows without one are left out.

    Of rows with the same key the first is kept in the order of their texts, so that the choice does not depend on the
    order in which they were handed in.

    Examples
    --------
    >>> rows = pd.DataFrame({"unit_id": ["B", "A", "A"], "name": ["乙", "丙", "甲"]})
    >>> once(rows, "unit_id")["name"].tolist()
    ['丙', '乙']
    """
    named = frame[frame[key].notna()].reset_index(drop=True)
    twice = named[key].duplicated(keep=False)
    if not twice.any():
        return named.sort_values(key, ignore_index=True)
    several = named[twice].astype("str")
    ordered = several.sort_values([key, *[column for column in several.columns if column != key]])
    first = ordered.index[~ordered[key].duplicated()]
    kept = named.index[~twice].union(first)
    return named.loc[kept].sort_values(key, ignore_index=True)


def days_of(keys: pd.Series, days: pd.Series) -> pd.Series:
    """Return the day of each key, null where `days`, indexed by unique keys, has none; also for no keys at all.

    Examples
    --------
    >>> days = pd.Series([pd.Timestamp("2019-11-30")], index=["A"])
    >>> days_of(pd.Series(["B", "A"]), days).dt.day.tolist()
    [nan, 30.0]
    """
    return pd.Series(pd.to_datetime(days.reindex(keys)).to_numpy(), index=keys.index)
