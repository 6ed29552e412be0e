"""The risk sources of a quarter scored by their standards, one text of a standard at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.scoring.apply import ITEM_COLUMN, score
from kit.scoring.reasons import reason_text
from kit.standard.standard import Standard

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class ScoredPart:
    """The sources that one text of a standard scores.

    Attributes
    ----------
    standard : the text; None where there is none, or no survey.
    rows : the register with `computed_level`, `computed_reason_zh`, `override` (and `rollup_weight` where declared).
    nodes : the score of every node, one column for each path.
    answers : what was asked: the fields of the standard and the checklist item.

    The three frames have the same rows.
    """

    sector: str
    standard: Standard | None
    rows: pd.DataFrame
    nodes: pd.DataFrame
    answers: pd.DataFrame


def rejected_sources(tables: Tables, units: pd.DataFrame) -> pd.DataFrame:
    """Return the sources that no report can count (number given twice, unknown unit) with `reason_zh`."""
    sources = tables["risk_sources"]
    twice = sources["source_id"].duplicated()
    orphan = ~among(sources["unit_id"], units["unit_id"])
    rejected = sources.loc[twice | orphan, ["source_id", "unit_id", "name"]].copy()
    rejected["reason_zh"] = ["编号重复" if again else "所属单位不在台账内" for again in twice[twice | orphan]]
    return rejected


def among(values: pd.Series, others: pd.Series) -> pd.Series:
    """Return whether each value is among the others; as objects, for which pandas has a hash table."""
    return values.astype("object").isin(others.astype("object"))


def accepted_sources(tables: Tables, units: pd.DataFrame) -> pd.DataFrame:
    """Return the sources that reports count."""
    return tables["risk_sources"].drop(index=rejected_sources(tables, units).index)


def scored_parts(tables: Tables, standards: Mapping[str, Standard], sources: pd.DataFrame) -> Iterator[ScoredPart]:
    """Yield `sources` of a quarter scored, one text at a time, so that only the scores of one are held.

    Parameters
    ----------
    standards : by sector; an entry `taxi@0.1.0` besides is taken for the sources that cite this version.
    """
    texts = sources["sector"].astype("object")
    versions = [key for key in standards if "@" in key]
    if versions and "standard" in sources:
        cited = sources["standard"].astype("object")
        own = cited.isin(versions) & (cited.astype("str").str.partition("@")[0] == texts)
        texts = texts.where(~own, cited)
    for text, part in sources.groupby(texts.to_numpy(), sort=True, dropna=False):
        standard = standards.get(str(text))
        sector = str(text).partition("@")[0]
        found = None if standard is None else score_part(tables, standard, sector, part)
        if found is None:
            why = "没有适用的标准" if standard is None else "没有调查表"
            rows = part.assign(computed_level=None, computed_reason_zh=why, override=None).reset_index(drop=True)
            found = ScoredPart(sector, None, rows, rows[[]], rows[[]])
        yield found


def score_sources(
    tables: Tables, standards: Mapping[str, Standard], units: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the risk sources with `computed_level`, its reason and `override`, by number; and the rejects."""
    rejected = rejected_sources(tables, units).reset_index(drop=True)
    parts = scored_parts(tables, standards, accepted_sources(tables, units))
    return gathered(tables, [part.rows for part in parts]), rejected


def gathered(tables: Tables, rows: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all parts by number; the empty register where there are none."""
    if not rows:
        empty = tables["risk_sources"].iloc[:0]
        return empty.assign(computed_level=None, computed_reason_zh=None, override=None)
    return pd.concat(rows, ignore_index=True).sort_values("source_id", ignore_index=True)


def classes(frame: pd.DataFrame) -> pd.Series:
    """Return the class that reports count: `pending` until confirmed, `insufficient` where nobody can repeat it."""
    level = frame["reviewed_level"].astype("str")
    confirmed = frame["review_state"] == "confirmed"
    level = level.where(frame["computed_level"].notna() & frame["reviewed_level"].notna(), "insufficient")
    return level.where(confirmed, "pending")


def score_part(tables: Tables, standard: Standard, sector: str, part: pd.DataFrame) -> ScoredPart | None:
    """Return some sources of a quarter scored by one text; None where the quarter has no survey for it."""
    by_unit, by_source = tables.get(f"survey_unit/{standard.id}"), tables.get(f"survey/{standard.id}")
    if by_unit is None:
        return None
    columns = ["unit_id", *[name for name in standard.fields if name in by_unit.columns]]
    # Only the keys of the register: a field of the standard may be called like one of the register's columns.
    rows = part[["source_id", "unit_id", ITEM_COLUMN]]
    rows = rows.merge(by_unit[columns].drop_duplicates("unit_id"), on="unit_id", how="left")
    if by_source is not None:
        own = ["source_id", *[name for name in standard.fields if name in by_source.columns]]
        rows = rows.drop(columns=[name for name in own[1:] if name in columns])
        rows = rows.merge(by_source[own].drop_duplicates("source_id"), on="source_id", how="left")
    asked = rows[[*[name for name in standard.fields if name in rows.columns], ITEM_COLUMN]]
    scored = score(standard, asked)
    words = {reason: reason_text(standard, reason) for reason in scored["reason"].dropna().unique()}
    added = {
        "computed_level": scored["level"].to_numpy(),
        "computed_reason_zh": scored["reason"].map(words).to_numpy(),
        "override": scored["override"].to_numpy(),
    }
    weight = standard.document.rollup.weight
    if weight is not None:
        # A survey without the column has no weight for any source, and the unit is then 数据不足.
        added["rollup_weight"] = asked[weight].to_numpy(dtype=float) if weight in asked else np.nan
    register = part.reset_index(drop=True)
    result = pd.concat([register, pd.DataFrame(added, index=register.index)], axis=1)
    return ScoredPart(sector, standard, result, scored[list(standard.nodes)], asked)
