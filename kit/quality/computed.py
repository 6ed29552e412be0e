"""The level that a standard gives each risk source, for the rules that compare it with what people wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def computed_levels(tables: Mapping[str, pd.DataFrame], standards: Mapping[str, Any]) -> pd.DataFrame:
    """Return `source_id` and `computed_level` of every source whose sector has a standard and a survey.

    Null where the standard cannot give a level; sources of unknown units and of sectors without a survey are left out.
    A number given to several sources stands once, with the first one's level.

    Parameters
    ----------
    tables : `risk_sources` and `survey_unit/<standard id>`; where the run has `survey/<standard id>`, its answers go
        before the unit's.
    standards : sector standards by id.

    Examples
    --------
    >>> computed_levels(tables, standards)["computed_level"].value_counts()      # doctest: +SKIP
    """
    import pandas as pd

    from kit.scoring.apply import ITEM_COLUMN, score

    sources = tables["risk_sources"].drop_duplicates("source_id")
    parts = []
    for sector, part in sources.groupby("sector", sort=True):
        standard, survey = standards.get(str(sector)), tables.get(f"survey_unit/{sector}")
        if standard is None or survey is None or ITEM_COLUMN not in part.columns:
            continue
        asked = [name for name in standard.fields if name in survey.columns]
        rows = part[["source_id", "unit_id", ITEM_COLUMN]].merge(
            survey[["unit_id", *asked]].drop_duplicates("unit_id"), on="unit_id"
        )
        own = tables.get(f"survey/{sector}")
        if own is not None:
            names = [name for name in standard.fields if name in own.columns]
            rows = rows.drop(columns=[name for name in names if name in rows.columns]).merge(
                own[["source_id", *names]].drop_duplicates("source_id"), on="source_id", how="left"
            )
        fields = [name for name in standard.fields if name in rows.columns]
        if len(rows):
            levels = score(standard, rows[[*fields, ITEM_COLUMN]], nodes=False)["level"]
            parts.append(pd.DataFrame({"source_id": rows["source_id"], "computed_level": levels.to_numpy()}))
    if not parts:
        return pd.DataFrame({"source_id": pd.Series(dtype="str"), "computed_level": pd.Series(dtype="str")})
    return pd.concat(parts, ignore_index=True)
