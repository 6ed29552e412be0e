"""What changed between two quarters, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kit.errors import KitError
from kit.inventory.change_reasons import Detail, Pair, steps
from kit.inventory.scored import Tables, accepted_sources, among, classes, gathered, rejected_sources, scored_parts
from kit.registers.codes_list import code_names
from kit.standard.document import Scale
from kit.standard.loader import load_standard, read_scales
from kit.standard.standard import Standard

KINDS = ("raised", "new", "lowered", "standard_only", "closed", "rejected")
"""Kinds of change, in the order in which they have to be read."""
COLUMNS = [
    "source_id", "unit_id", "sector", "name", "change", "from_level", "to_level", "from_computed", "to_computed",
    "from_standard", "to_standard", "cause", "reason_zh",
]  # fmt: skip
DETAILS = ["source_id", "what", "name", "label_zh", "before_zh", "now_zh"]


@dataclass(frozen=True)
class Changes:
    """What changed between two quarters.

    Attributes
    ----------
    rows : one row for each source that changed, by number: `source_id, unit_id, sector, name, change, from_level,
        to_level` (the classes of official lists), `from_computed, to_computed` (what the standard says of the data;
        null = 数据不足), `from_standard, to_standard, cause, reason_zh`.
        `change` is one of `new`, `raised`, `lowered`, `closed`, `standard_only` (same data, new text, and the text
        gives another level), `rejected` (still in the register, but no report can count it). `cause` is `data`,
        `standard`, `both`, `review` (the standard gives the same level) or null (new, closed, rejected).
    unreviewed : in the same columns, confirmed sources for which the standard gives a higher level than before while
        the official level stays below it: nobody should have to find them by chance.
    details : one row for each thing that moved: `source_id, what` (`override_came`, `override_went`, `node`, `field`,
        `standard`), `name` (its id), `label_zh, before_zh, now_zh`.
    counts : `before` and `now`: sources of both quarters; `raised`, `lowered`, `standard_only`, `same`, `new` and
        `not_comparable` (待审 or 数据不足 on one side) add up to `now`; `closed` and `rejected`; `unreviewed`.
    now, before : all sources of both quarters with `computed_level` and `level`; `now` also with `change`.
    """

    rows: pd.DataFrame
    unreviewed: pd.DataFrame
    details: pd.DataFrame
    counts: dict[str, int]
    now: pd.DataFrame
    before: pd.DataFrame


def compare(now: pd.Series, before: pd.Series, scale: Scale) -> pd.Series:
    """Return new, raised, lowered, same, or null where one of the two is no level (待审, 数据不足).

    Examples
    --------
    >>> from kit.standard import load_standard, read_scales
    >>> compare(pd.Series(["major"]), pd.Series(["general"]), read_scales()["risk"]).tolist()   # doctest: +SKIP
    ['raised']
    """
    change = steps(now, before, scale)
    change[before.isna()] = "new"
    return change


def changes_between(
    now: Tables,
    before: Tables,
    standards: Mapping[str, Standard],
    *,
    standards_before: Mapping[str, Standard] | None = None,
) -> Changes:
    """Return what changed between two quarters and why, from the scoring of both.

    Each quarter is scored by its own texts. Where the text of a standard is another one, the data of now are also
    scored by the text of before: what has moved then is due to the data, the rest to the text.

    Parameters
    ----------
    now, before : registers by name: `units`, `risk_sources`, `survey_unit/<standard id>` (`survey/<standard id>` for
        fields asked for each source), and `reviews` where there are any.
    standards : the texts of now by sector; an entry `taxi@0.1.0` besides is taken for sources that cite that version.
    standards_before : the texts of the quarter before; by default the same.

    Examples
    --------
    >>> found = changes_between(q4.tables, q3.tables, kit.standard.load_all())      # doctest: +SKIP
    >>> found.counts["raised"], found.rows.loc[0, "reason_zh"]                      # doctest: +SKIP
    (82, '平均车龄得分1→3（1.5年→9年）')
    """
    scale = read_scales()["risk"]
    texts_before = standards if standards_before is None else standards_before
    units, units_before = (tables["units"].drop_duplicates("unit_id") for tables in (now, before))
    mine, earlier = _sectors(accepted_sources(now, units)), _sectors(accepted_sources(before, units_before))
    reviews = _review_reasons(now, before)
    pairs: list[pd.DataFrame] = []
    details: list[Detail] = []
    rows_now: list[pd.DataFrame] = []
    rows_before: list[pd.DataFrame] = []
    # One sector at a time: the scores of all nodes of all sectors together would fill the memory.
    for sector in sorted({*mine, *earlier}):
        left = list(scored_parts(now, standards, mine[sector])) if sector in mine else []
        right = list(scored_parts(before, texts_before, earlier[sector])) if sector in earlier else []
        for part in left:
            for old in right:
                rows, moved = Pair(part, old, now, scale, reviews).changes()
                pairs.append(rows)
                details += moved
        rows_now += [part.rows for part in left]
        rows_before += [part.rows for part in right]
    all_now, all_before = gathered(now, rows_now), gathered(before, rows_before)
    all_now["level"], all_before["level"] = classes(all_now), classes(all_before)
    table = _joined(all_now, all_before, pairs, scale)
    all_now["change"] = all_now["source_id"].map(table.set_index("source_id")["change"]).astype("str")
    gone = _gone(all_now, all_before, now, units)
    changed = table[table["change"].isin(KINDS)]
    listed = pd.concat([changed[COLUMNS], gone[COLUMNS]], ignore_index=True).sort_values("source_id", ignore_index=True)
    unreviewed = table.loc[table["unreviewed"], COLUMNS].sort_values("source_id", ignore_index=True)
    counted = table["change"].value_counts()
    counts = {"before": len(all_before), "now": len(all_now)}
    counts |= {kind: int(counted.get(kind, 0)) for kind in ("raised", "lowered", "standard_only", "same", "new")}
    counts["not_comparable"] = int(table["change"].isna().sum())
    counts |= {kind: int((gone["change"] == kind).sum()) for kind in ("closed", "rejected")}
    counts["unreviewed"] = len(unreviewed)
    found = pd.DataFrame(details, columns=DETAILS).sort_values("source_id", kind="stable", ignore_index=True)
    return Changes(listed, unreviewed, found, counts, all_now, all_before)


def cited_standards(
    tables: Tables, standards: Mapping[str, Standard], load: Callable[[str], Standard] = load_standard
) -> tuple[dict[str, Standard], list[str]]:
    """Return the texts by which a quarter has to be scored: those given, and the versions its sources cite.

    Parameters
    ----------
    standards : by sector, for sources whose version nobody has.
    load : gives the standard of `taxi@0.1.0`; by default the one of the checkout.

    Returns
    -------
    The texts as `changes_between` takes them, and a sentence for each version that could not be loaded.
    """
    sources = tables["risk_sources"]
    texts, notes = dict(standards), []
    cited = sources["standard"].dropna().value_counts() if "standard" in sources else pd.Series(dtype="int64")
    current = {standard.label for standard in standards.values()}
    for label, number in sorted(cited.items(), key=lambda entry: str(entry[0])):
        name = str(label).partition("@")[0]
        if label in current or name not in standards:
            continue
        try:
            texts[str(label)] = load(str(label))
        except KitError:
            notes.append(f"{number}个风险源依据{label}，没有这一版本的文本，按{standards[name].label}评定")
    return texts, notes


def _sectors(sources: pd.DataFrame) -> dict[str, pd.DataFrame]:
    names = sources["sector"].astype("object").where(sources["sector"].notna(), "")
    return {str(name): part for name, part in sources.groupby(names.to_numpy())}


def _joined(now: pd.DataFrame, before: pd.DataFrame, pairs: list[pd.DataFrame], scale: Scale) -> pd.DataFrame:
    """Return one row for each source of now: the pairs, those that are new, those whose sector is another one."""
    known = before["source_id"]
    fresh = now[~among(now["source_id"], known)]
    new = pd.DataFrame({"source_id": fresh["source_id"], "to_level": fresh["level"], "change": "new"})
    new["to_computed"], new["reason_zh"] = fresh["computed_level"], "本季度新增登记"
    done = pd.concat([rows["source_id"] for rows in pairs]) if pairs else known.iloc[:0]
    other = now[among(now["source_id"], known) & ~among(now["source_id"], done)]
    moved = other[["source_id"]].assign(to_level=other["level"], to_computed=other["computed_level"])
    old = before.set_index("source_id").reindex(other["source_id"])
    moved["from_level"], moved["from_computed"] = old["level"].to_numpy(), old["computed_level"].to_numpy()
    moved["change"] = steps(moved["to_level"], moved["from_level"], scale)
    moved["cause"] = "data"
    names = code_names("sectors")
    moved["reason_zh"] = [
        f"行业（领域）由{names.get(was, was)}改为{names.get(becomes, becomes)}，适用的标准不同"
        for was, becomes in zip(old["sector"], other["sector"], strict=True)
    ]
    parts = [rows for rows in (*pairs, new, moved) if len(rows)]
    columns = [name for name in COLUMNS if name not in ("unit_id", "sector", "name")] + ["unreviewed"]
    table = pd.concat([rows.reindex(columns=columns) for rows in parts]) if parts else pd.DataFrame(columns=columns)
    table["unreviewed"] = table["unreviewed"].eq(True)
    table = now[["source_id", "unit_id", "sector", "name"]].merge(table, on="source_id", how="left")
    return table.astype({name: "str" for name in columns if name != "unreviewed"})


def _gone(now: pd.DataFrame, before: pd.DataFrame, tables: Tables, units: pd.DataFrame) -> pd.DataFrame:
    """Return the sources of before that are not counted now, and why."""
    gone = before[~among(before["source_id"], now["source_id"])]
    rejected = rejected_sources(tables, units).drop_duplicates("source_id").set_index("source_id")["reason_zh"]
    refused = gone["source_id"].map(rejected)
    closed = units.set_index("unit_id")["closed_at"] if "closed_at" in units else pd.Series(dtype="object")
    left, day = ~gone["unit_id"].isin(units["unit_id"]), gone["unit_id"].map(closed)
    words = []
    for reason, absent, date in zip(refused, left, day, strict=True):
        if isinstance(reason, str):
            words.append(f"本季度登记被退回：{reason}（不是销号）")
        elif absent:
            words.append("本季度不再在册（销号），所属单位也不在台账内")
        elif not pd.isna(date):
            words.append(f"本季度不再在册（销号），所属单位{str(date)[:10]}注销")
        else:
            words.append("本季度不再在册（销号）")
    frame = gone[["source_id", "unit_id", "sector", "name"]].assign(
        change=["rejected" if isinstance(reason, str) else "closed" for reason in refused],
        from_level=gone["level"], from_computed=gone["computed_level"], reason_zh=words,
    )  # fmt: skip
    return frame.reindex(columns=COLUMNS).astype(dict.fromkeys(COLUMNS, "str"))


def _review_reasons(now: Tables, before: Tables) -> dict[str, str]:
    """Return the reason of the last review act of each source that was not there in the quarter before."""
    acts: Any = now.get("reviews")
    if acts is None or acts.empty or not {"source_id", "at", "reason"} <= set(acts.columns):
        return {}
    earlier = before.get("reviews")
    if earlier is not None and "review_id" in acts and "review_id" in earlier:
        acts = acts[~acts["review_id"].isin(earlier["review_id"])]
    acts = acts[acts["reason"].notna() & (acts["reason"] != "")]
    keys = [name for name in ("source_id", "at", "review_id") if name in acts]
    last = acts.sort_values(keys, kind="stable").drop_duplicates("source_id", keep="last")
    return dict(zip(last["source_id"], last["reason"], strict=True))
