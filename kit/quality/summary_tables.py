"""Tables of the whole that the rules look at beside the registers: one row an area, one row a standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kit.registers.codes_list import code_names

if TYPE_CHECKING:
    import pandas as pd


def summaries(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return ``summary/areas`` and, where assessors' levels are there, ``summary/agreement``.

    A table whose registers are missing is left out.

    Examples
    --------
    >>> summaries({})
    {}
    """
    found = {}
    levels = {"risk_sources": ("unit_id", "reviewed_level", "review_state"), "units": ("unit_id", "district")}
    if _has(tables, levels):
        found["summary/areas"] = areas(tables["units"], tables["risk_sources"])
    blind = {"risk_sources": ("source_id", "standard"), "assessors": ("source_id", "assessor", "level")}
    if _has(tables, blind):
        found["summary/agreement"] = agreement(tables["assessors"], tables["risk_sources"])
    return found


def _has(tables: Mapping[str, pd.DataFrame], wanted: Mapping[str, tuple[str, ...]]) -> bool:
    return all(name in tables and set(columns) <= set(tables[name].columns) for name, columns in wanted.items())


def areas(units: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each reporting area: units, sources with a confirmed level, major ones.

    `chance_of_none` is the probability that an area of as many sources has no major one, were its share the city's.
    """
    import pandas as pd

    place = units.drop_duplicates("unit_id").set_index("unit_id")["district"]
    rated = sources[(sources["review_state"] == "confirmed") & sources["reviewed_level"].notna()]
    district = rated["unit_id"].map(place)
    major = rated["reviewed_level"] == "major"
    names = code_names("districts")
    frame = pd.DataFrame({"district": pd.Series(list(names), dtype="str"), "area_zh": list(names.values())})
    for column, counts in (
        ("n_units", units["district"].value_counts()),
        ("n_rated", district.value_counts()),
        ("n_major", major.groupby(district).sum()),
    ):
        frame[column] = frame["district"].map(counts).fillna(0).astype("int64")
    share = float(major.mean()) if len(major) else 0.0
    frame["chance_of_none"] = (1.0 - share) ** frame["n_rated"]
    return frame


def agreement(assessors: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each standard: how far assessors agree on the same sources.

    Columns: standard, n_sources (with two levels or more), agreement (share of pairs of assessors that gave the same
    level), kappa (Fleiss; agreement beyond what the shares of the levels give by chance; null where all levels are
    one).
    """
    import numpy as np
    import pandas as pd

    given = assessors.dropna(subset=["source_id", "level"])
    standard = sources.drop_duplicates("source_id").set_index("source_id")["standard"]
    counts = pd.crosstab(given["source_id"], given["level"])
    counts = counts[counts.sum(axis=1) >= 2]
    named = counts.index.to_series().map(standard)
    rows = []
    for name, part in counts.groupby(named):
        table = part.to_numpy(dtype=float)
        raters = table.sum(axis=1)
        same = ((table * (table - 1)).sum(axis=1) / (raters * (raters - 1))).mean()
        shares = table.sum(axis=0) / table.sum()
        chance = float((shares**2).sum())
        kappa = (same - chance) / (1 - chance) if chance < 1 - 1e-12 else np.nan
        rows.append((str(name), len(part), float(same), float(kappa)))
    return pd.DataFrame(rows, columns=["standard", "n_sources", "agreement", "kappa"])
