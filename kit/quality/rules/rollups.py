"""汇总

Totals that do not add up, and units counted twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.quality.registry import Context, rule

if TYPE_CHECKING:
    import pandas as pd

_KEYS = ("district", "street", "sector")


def _count(totals: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Return for each line of totals how many rows have its district, street and sector; an empty key means all."""
    import pandas as pd

    found = pd.Series(float("nan"), index=totals.index)
    given = totals[list(_KEYS)].notna()
    for pattern, lines in given.groupby(list(_KEYS)):
        names = [name for name, there in zip(_KEYS, pattern, strict=True) if there]
        if not names:
            found[lines.index] = len(rows)
            continue
        counts = rows.groupby(names).size().rename("count").reset_index()
        joined = totals.loc[lines.index, names].merge(counts, on=names, how="left")
        found[lines.index] = joined["count"].fillna(0).to_numpy(dtype=float)
    return found


@rule(
    "同一单位不得同时列入市级和区级两条审核渠道",
    "同一信用代码（没有代码的按名称）只有一个监管层级；市属国有企业只由市级部门审核",
    {"units": "supervision"},
    needs=("uscc", "name"),
)
def both_tracks(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where one unit, by its code or else its name, stands under both tracks; null without a track."""
    key = frame["uscc"].where(frame["uscc"].str.len() == 18, frame["name"])
    again = key.notna() & key.duplicated(keep=False)
    tracks = frame.loc[again, column].groupby(key[again]).transform("nunique")
    return (tracks.reindex(frame.index).fillna(0) > 1).astype("boolean").where(frame[column].notna())


@rule(
    "上报的单位数应与台账一致",
    "各区、街道（乡镇）、行业上报的单位数等于台账中相应的单位数",
    {"reported_totals": "n_units"},
    needs=_KEYS,
)
def totals_of_units(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a reported number of units is not that of the register; null where none is reported."""
    rows = context.table("units", *_KEYS)
    return (frame[column] != _count(frame, rows)).astype("boolean").where(frame[column].notna())


@rule(
    "上报的风险源数应与清单一致",
    "各区、街道（乡镇）、行业上报的风险源数等于清单中相应的风险源数",
    {"reported_totals": "n_sources"},
    needs=_KEYS,
)
def totals_of_sources(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return where a reported number of sources is not that of the register; null where none is reported.

    A source counts under its unit's district and street, and under its own sector.
    """
    units = context.table("units", "unit_id", "district", "street").drop_duplicates("unit_id").set_index("unit_id")
    sources = context.table("risk_sources", "unit_id", "sector")
    rows = sources[["sector"]].assign(
        district=sources["unit_id"].map(units["district"]), street=sources["unit_id"].map(units["street"])
    )
    return (frame[column] != _count(frame, rows)).astype("boolean").where(frame[column].notna())


@rule(
    "区合计应等于各街道（乡镇）之和、各行业之和",
    "同一区的合计、分街道（乡镇）之和、分行业之和三者相等；跨行业的单位只计一次",
    {"reported_totals": "district"},
    needs=("street", "sector", "n_units", "n_sources"),
)
def totals_add_up(frame: pd.DataFrame, column: str, context: Context) -> pd.Series:
    """Return which totals of districts differ from the sum of their parts; null for the parts themselves."""
    import pandas as pd

    street, sector, district = (frame[name].notna() for name in ("street", "sector", "district"))
    whole = district & ~street & ~sector
    found, applies = pd.Series(False, index=frame.index), pd.Series(False, index=frame.index)
    for part in (street & ~sector, sector & ~street):
        for number in ("n_units", "n_sources"):
            sums = frame[part & district].groupby(column)[number].sum(min_count=1)
            parts = frame[column].map(sums)
            known = whole & parts.notna() & frame[number].notna()
            found |= known & (parts != frame[number])
            applies |= known
    return found.astype("boolean").where(applies)
