"""What the numbers say: figures for the sentences, data quality, problems and advice, reconciliation."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from kit.inventory.tables_changes import previous_counts
from kit.inventory.tables_counts import (
    BLANK,
    CLASS_NAMES,
    COUNTED,
    WORDS,
    Assessed,
    coverage,
    done_units,
    filled,
    labels,
    levels,
    share,
    with_total,
)
from kit.periods import quarter_start

if TYPE_CHECKING:
    import pandas as pd

# The order in which one level is above another; 数据不足 and 待审 are not on the scale.
_RANK = {"low": 1, "general": 2, "considerable": 3, "major": 4}


def findings(data: Assessed) -> dict[str, tuple[int, int]]:
    """Return for each problem of `problems.yaml` its number and its denominator."""
    import pandas as pd

    sources, confirmed = data.sources, data.confirmed
    major = confirmed[confirmed["level"] == "major"]
    no_owner = ~filled(confirmed["owner"])
    hard = filled(major["measures_engineering"]) | filled(major["measures_technical"])
    rated = confirmed[confirmed["level"].isin(_RANK) & confirmed["self_level"].isin(_RANK)]
    lower = rated["self_level"].map(_RANK).astype(float) < rated["level"].map(_RANK).astype(float)
    updated = pd.to_datetime(sources["updated_at"], errors="coerce")
    stale = ~(updated >= pd.Timestamp(quarter_start(data.period)))
    errors = data.quality_rows["severity"] == "error"
    return {
        "major_without_owner": (int((~filled(major["owner"])).sum()), len(major)),
        "major_management_only": (int((filled(major["measures_management"]) & ~hard).sum()), len(major)),
        "raised": (int((sources["change"] == "raised").sum()), len(sources)),
        "insufficient": (int((confirmed["level"] == "insufficient").sum()), len(confirmed)),
        "level_lower": (int(lower.sum()), len(rated)),
        "pending": (len(sources) - len(confirmed), len(sources)),
        "units_without_sources": (int((~data.units["unit_id"].isin(sources["unit_id"])).sum()), len(data.units)),
        "no_owner": (int(no_owner.sum()), len(confirmed)),
        "stale": (int(stale.sum()), len(sources)),
        "unplaced": (int((sources["lon"].isna() | sources["lat"].isna()).sum()), len(sources)),
        "quality_errors": (int(errors.sum()), len(data.quality_rows)),
    }


@cache
def _rules() -> list[dict[str, str]]:
    path = Path(__file__).with_name("problems.yaml")
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))["problems"]


def problems(data: Assessed) -> pd.DataFrame:
    """Return problems and advice, each from a number that is above 0: 序号, 问题, 建议措施, 责任单位, 期限."""
    import pandas as pd

    numbers = findings(data)
    rows: list[tuple[int, str, str, str, str]] = []
    for rule in _rules():
        number, of = numbers[rule["id"]]
        if number:
            text = rule["problem"].format(n=number, of=of)
            rows.append((len(rows) + 1, text, rule["advice"], rule["who"], rule["by"]))
    return pd.DataFrame(rows, columns=["序号", "问题", "建议措施", "责任单位", "期限"])


def _top(data: Assessed, by: str, count: int = 3) -> str:
    """Return the labels with the most confirmed risk sources, most first: “甲（12个）、乙（9个）”."""
    counts = labels(data.confirmed, by).value_counts()
    counts = counts[counts.index != BLANK].head(count)
    return "、".join(f"{label}（{number}个）" for label, number in counts.items())


def numbers(data: Assessed) -> dict[str, Any]:
    """Return the figures that the sentences of the report use, by the name of their placeholder.

    Counts are whole numbers, shares are per cent (float, NaN where the denominator is 0), the rest is text.
    """
    confirmed, sources = data.confirmed, data.sources
    counts = sources["level"].value_counts()
    changed = data.changes["change"].value_counts()
    both = sources[sources["self_level"].isin(_RANK) & sources["reviewed_level"].isin(_RANK)]
    found = findings(data)
    checks = quality(data)
    failed = checks[checks["结果"] == WORDS["states"]["failed"]]
    figures: dict[str, Any] = {f"n_{key}": int(counts.get(key, 0)) for key in CLASS_NAMES}
    figures |= {f"n_{key}": int(changed.get(key, 0)) for key in WORDS["changes"]}
    figures |= {
        "area_zh": data.area_zh,
        "units_total": len(data.units),
        "units_done": int(done_units(data).sum()),
        "units_done_share": share(int(done_units(data).sum()), len(data.units)),
        "sources_total": len(sources),
        "sources_confirmed": len(confirmed),
        "sources_pending": len(sources) - len(confirmed),
        "high": figures["n_major"] + figures["n_considerable"],
        "high_share": share(figures["n_major"] + figures["n_considerable"], len(confirmed)),
        "insufficient_share": share(figures["n_insufficient"], len(confirmed)),
        "top_streets": _top(data, "street"),
        "top_sectors": _top(data, "sector"),
        "top_accidents": _top(data, "accident"),
        "n_overridden": int(confirmed["override_zh"].notna().sum()),
        "n_level_changed": int((both["self_level"] != both["reviewed_level"]).sum()),
        "n_both_levels": len(both),
        "n_no_owner": found["no_owner"][0],
        "n_major_no_owner": found["major_without_owner"][0],
        "n_unplaced": found["unplaced"][0],
        "n_quality_rows": len(data.quality_rows),
        "n_checks": len(checks),
        "n_checks_failed": len(failed),
        "n_checks_open": int((checks["结果"] != WORDS["states"]["passed"]).sum()),
        "n_not_checked": int((checks["结果"] == WORDS["states"]["not_checked"]).sum()),
        "checks_failed": "、".join(failed["检查项"].head(5)),
        "rows_rejected": int(data.meta.get("rejected_rows") or 0),
        "previous_total": sum(previous_counts(data).values()),
    }
    return figures


def quality(data: Assessed) -> pd.DataFrame:
    """Return the data checks: 登记表, 检查项, 结果, 问题记录 (of this area), 全市问题记录, 全市检查记录, 性质.

    For one area a check is 未通过 when a failing row belongs to the area. 无法检查 is never shown as 通过.
    """
    import pandas as pd

    checks = data.quality_checks
    keys = ["table", "check_id"]
    own = data.quality_rows.groupby(keys).size().rename("own").reset_index()
    merged = checks.merge(own, on=keys, how="left").fillna({"own": 0})
    if data.area is None:
        merged["own"] = merged["n_failed"].fillna(0)
    state = merged["state"].where((merged["state"] != "failed") | (merged["own"] > 0), "passed")
    table = pd.DataFrame(
        {
            "登记表": merged["table"],
            "检查项": merged["title_zh"],
            "结果": state.map(WORDS["states"]),
            "问题记录": merged["own"].astype(int),
            "全市问题记录": merged["n_failed"].astype("Int64"),
            "全市检查记录": merged["n_checked"].astype("Int64"),
            "性质": merged["severity"].map(WORDS["severities"]),
        }
    )
    order = pd.DataFrame(
        {"state": state.map({"failed": 0, "not_checked": 1, "passed": 2}), "own": -table["问题记录"]}, index=table.index
    )
    return table.loc[order.sort_values(["state", "own"], kind="stable").index].reset_index(drop=True)


def quality_summary(data: Assessed) -> pd.DataFrame:
    """Return how many checks each register passed: 登记表, 检查项, 通过, 未通过, 无法检查, 问题记录, with a total row.

    Tables of sector fields (`survey_unit/<standard>`) are told together as 行业指标表.
    """
    import pandas as pd

    full = quality(data)
    names = WORDS["tables"]
    told = full["登记表"].map(lambda name: names["survey"] if "/" in name else names.get(name, name))
    states = pd.crosstab(told, full["结果"]).reindex(columns=list(WORDS["states"].values()), fill_value=0)
    states.insert(0, "检查项", states.sum(axis=1))
    states["问题记录"] = full["问题记录"].groupby(told).sum()
    table = states.rename_axis(index="登记表", columns=None).reset_index()
    return with_total(table, list(table.columns[1:]))


def open_checks(data: Assessed, limit: int = 20) -> pd.DataFrame:
    """Return the checks that are not 通过, those with most failing rows first, at most `limit`; columns of
    `quality`.
    """
    full = quality(data)
    names = WORDS["tables"]
    rest = full[full["结果"] != WORDS["states"]["passed"]].head(limit).copy()
    rest["登记表"] = rest["登记表"].map(lambda name: names["survey"] if "/" in name else names.get(name, name))
    return rest.reset_index(drop=True)


def reconciliation(data: Assessed) -> pd.DataFrame:
    """Return whether the parts add up to the whole: 核对项, 合计, 分项之和, 差额, 说明.

    The whole is counted from the rows of the register, the parts from the tables of the report. A difference that is
    not
    0 is explained; the test of a batch demands 0 for every row but the unit references.
    """
    import pandas as pd

    sources, confirmed = data.sources, data.confirmed
    rows: list[tuple[str, int, int, str]] = []

    def check(name: str, whole: int, parts: float, why: str = "") -> None:
        rows.append((name, int(whole), int(parts), "一致" if int(whole) == int(parts) else why or "须核查"))

    for by, title in (("sector", "行业"), ("street", "街乡镇"), ("track", "审核渠道"), ("accident", "事故类型")):
        body = levels(data, by).iloc[:-1]
        check(f"已审定风险源：按{title}", len(confirmed), body["合计"].sum())
        check(f"登记风险源：按{title}（已审定＋待审）", len(sources), body["登记总数"].sum())
    classes = levels(data, "sector").iloc[:-1][[CLASS_NAMES[key] for key in COUNTED]]
    check("已审定风险源：五类之和（含数据不足）", len(confirmed), classes.to_numpy().sum())
    for by, title in (("sector", "行业"), ("street", "街乡镇")):
        check(f"应评单位：按{title}", len(data.units), coverage(data, by).iloc[:-1]["应评单位"].sum())
    check("风险源编号不重复", len(sources), sources["source_id"].nunique(), "有重复编号，见数据质量")
    known = sources["unit_id"].isin(data.units["unit_id"]).sum()
    check("风险源所属单位在本地区台账内", len(sources), known, "有风险源的单位不在本地区台账，见数据质量")
    if data.meta.get("previous_period"):
        changed = data.changes["change"].value_counts()
        before = sum(previous_counts(data).values())
        moved = before + int(changed.get("new", 0)) - int(changed.get("closed", 0)) - int(changed.get("rejected", 0))
        check("本季登记数＝上季＋新增－销号－退回", len(sources), moved, "有风险源跨地区调整或变化未登记")
        for kind in ("new", "raised", "lowered", "standard_only"):
            count = int((sources["change"] == kind).sum())
            check(f"变化清单：{WORDS['changes'][kind]}", count, int(changed.get(kind, 0)), "清单与台账标记不一致")
    table = pd.DataFrame(rows, columns=["核对项", "合计", "分项之和", "说明"])
    table.insert(3, "差额", table["合计"] - table["分项之和"])
    return table


def area_summary(data: Assessed) -> pd.DataFrame:
    """Return one row for each of the 17 areas, for the city portal.

    Columns: code, name, major, considerable, general, low, insufficient, pending, confirmed (the five classes), total,
    high_share: major and considerable in per cent of confirmed, 数据不足 included in the denominator (NaN without any).
    Risk sources whose district is none of the 17 make an eighteenth row, so that the rows always add up.
    """
    import pandas as pd

    from kit.registers.codes_list import code_names

    names = code_names("districts")
    district = data.sources["district"].astype("object")
    counts = pd.crosstab(district.where(district.isin(names), BLANK), data.sources["level"])
    if BLANK in counts.index:
        names = {**names, BLANK: BLANK}
    counts = counts.reindex(index=list(names), columns=list(CLASS_NAMES), fill_value=0).fillna(0).astype(int)
    counts["confirmed"] = counts[list(COUNTED)].sum(axis=1)
    counts["total"] = counts["confirmed"] + counts["pending"]
    high = counts["major"] + counts["considerable"]
    counts["high_share"] = [share(part, whole) for part, whole in zip(high, counts["confirmed"], strict=True)]
    counts.insert(0, "name", [names[code] for code in counts.index])
    return counts.rename_axis(index="code", columns=None).reset_index()
