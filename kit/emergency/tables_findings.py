"""Rectification tasks, figures for the sentences, data checks and reconciliation of the capability report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kit.emergency.tables_counts import (
    BLANK,
    GRADE_NAMES,
    WORDS,
    Capability,
    _applying,
    _not_applying,
    grades,
    groups,
    share,
    weakest_items,
)

if TYPE_CHECKING:
    import pandas as pd


def rectification(data: Capability, limit: int = 60, per_unit: int = 2) -> pd.DataFrame:
    """Return who has to mend what by when: the items that cost units of grade 差 and 中 most.

    Columns: 序号, 单位, 街道（乡镇）, 等次, 条款, 问题, 整改措施, 责任人, 期限. At most `per_unit` items a unit and
    `limit` rows, 差 before
    中, lowest score first. Deadlines: days after the snapshot by grade, `tables.yaml` (a proposal of the kit).
    """
    import pandas as pd

    rule = WORDS["rectification"]
    rank = {grade: place for place, grade in enumerate(rule["days"])}
    units = data.scored[data.scored["grade"].isin(rank)]
    order = pd.DataFrame({"rank": units["grade"].map(rank), "s": units["s"]}, index=units.index)
    units = units.loc[order.sort_values(["rank", "s"], kind="stable").index]
    items = _applying(data)
    items = items.assign(lost=items["full"] - items["got"])
    items = items[(items["lost"] > 0) & items["unit_id"].isin(units["unit_id"])]
    worst = items.sort_values(["lost", "item"], ascending=[False, True]).groupby("unit_id").head(per_unit)
    by_unit: dict[Any, pd.DataFrame] = dict(list(worst.groupby("unit_id")))
    snapshot = pd.Timestamp(data.meta["snapshot"])
    rows: list[tuple[Any, ...]] = []
    unit: Any
    for unit in units.itertuples():
        for item in by_unit.get(unit.unit_id, items.iloc[0:0]).itertuples():
            due = snapshot + pd.Timedelta(days=rule["days"][unit.grade])
            problem = f"{item.name_zh}：满分{item.full:g}分，实得{item.got:g}分"
            action = rule["action"].format(clause=item.clause, item=item.name_zh)
            street = unit.street_zh if isinstance(unit.street_zh, str) and unit.street_zh else BLANK
            rows.append(
                (len(rows) + 1, unit.unit_name, street, GRADE_NAMES[unit.grade], str(item.clause), problem, action,
                 rule["who"], due.strftime("%Y-%m-%d"))
            )  # fmt: skip
        if len(rows) >= limit:
            break
    columns = ["序号", "单位", "街道（乡镇）", "等次", "条款", "问题", "整改措施", "责任人", "期限"]
    return pd.DataFrame(rows[:limit], columns=columns)


def quality(data: Capability) -> pd.DataFrame:
    """Return the data checks of the capability answers: 检查项, 结果, 问题记录 (of this area), 全市问题记录,
    全市检查记录, 性质.
    """
    import pandas as pd

    checks = data.quality_checks
    own = data.quality_rows.groupby("check_id").size()
    count = checks["check_id"].map(own).fillna(0) if data.area is not None else checks["n_failed"].fillna(0)
    state = checks["state"].where((checks["state"] != "failed") | (count > 0), "passed")
    table = pd.DataFrame(
        {
            "检查项": checks["title_zh"],
            "结果": state.map(WORDS["states"]),
            "问题记录": count.astype(int),
            "全市问题记录": checks["n_failed"].astype("Int64"),
            "全市检查记录": checks["n_checked"].astype("Int64"),
            "性质": checks["severity"].map(WORDS["severities"]),
        }
    )
    place = state.map({"failed": 0, "not_checked": 1, "passed": 2})
    order = pd.DataFrame({"state": place, "own": -table["问题记录"]}, index=table.index)
    return table.loc[order.sort_values(["state", "own"], kind="stable").index].reset_index(drop=True)


def open_checks(data: Capability, limit: int = 20) -> pd.DataFrame:
    """Return the checks that are not 通过, those with most failing rows first, at most `limit`; columns of
    `quality`.
    """
    full = quality(data)
    return full[full["结果"] != WORDS["states"]["passed"]].head(limit).reset_index(drop=True)


def numbers(data: Capability) -> dict[str, Any]:
    """Return the figures that the sentences of the report use, by the name of their placeholder."""
    scored = data.scored
    counts = data.capability["grade"].value_counts()
    body = groups(data).iloc[:-1]
    worst = weakest_items(data, 3)
    judged, out = len(_applying(data)), len(_not_applying(data))
    checks = quality(data)
    failed = checks[checks["结果"] == WORDS["states"]["failed"]]
    figures: dict[str, Any] = {f"n_{grade}": int(counts.get(grade, 0)) for grade in GRADE_NAMES}
    figures |= {
        "area_zh": data.area_zh,
        "units_total": len(data.units),
        "cap_units": len(data.capability),
        "cap_share": share(len(data.capability), len(data.units)),
        "cap_scored": len(scored),
        "cap_mean": float(scored["s"].mean()) if len(scored) else float("nan"),
        "cap_median": float(scored["s"].median()) if len(scored) else float("nan"),
        "n_capped": int(scored["cap_zh"].notna().sum()),
        "na_share": share(out, judged + out),
        "s0_guard": WORDS["s0_guard"],
        "n_low_s0": int((scored["s0"] < WORDS["s0_guard"]).sum()),
        "weakest_groups": "、".join(
            f"{name}（{rate:.1f}%）" for name, rate in body[["项目组", "得分率（%）"]].head(3).to_numpy()
        ),
        "gap_items": "、".join(f"{name}（{clause}）" for clause, name in worst[["条款", "条目"]].to_numpy()),
        "rows_rejected": int(data.meta.get("rejected_rows") or 0),
        "n_quality_rows": len(data.quality_rows),
        "n_checks": len(checks),
        "n_checks_failed": len(failed),
        "n_checks_open": int((checks["结果"] != WORDS["states"]["passed"]).sum()),
        "n_not_checked": int((checks["结果"] == WORDS["states"]["not_checked"]).sum()),
        "checks_failed": "、".join(failed["检查项"].head(5)),
    }
    return figures


def reconciliation(data: Capability) -> pd.DataFrame:
    """Return whether the parts add up to the whole: 核对项, 合计, 分项之和, 差额, 说明.

    Points are compared unrounded, to 6 decimals.
    """
    import pandas as pd

    rows: list[tuple[str, float, float, str]] = []

    def check(name: str, whole: float, parts: float, why: str = "须核查") -> None:
        same = abs(float(whole) - float(parts)) < 1e-6
        rows.append((name, float(whole), float(parts), "一致" if same else why))

    for by, title in (("sector", "行业"), ("street", "街乡镇"), ("track", "类别")):
        check(f"已评估单位：按{title}", len(data.capability), grades(data, by).iloc[:-1]["合计"].sum())
    check("已评估单位：五档之和（含数据不足）", len(data.capability), data.capability["grade"].isin(GRADE_NAMES).sum())
    check("单位编号不重复", len(data.capability), data.capability["unit_id"].nunique(), "有重复编号，见数据质量")
    known = data.capability["unit_id"].isin(data.units["unit_id"]).sum()
    check("被评估单位在本地区台账内", len(data.capability), known, "有单位不在本地区台账，见数据质量")
    body = groups(data).iloc[:-1]
    check("实得分S1：单位之和与项目组之和", data.scored["s1"].sum(), body["实得"].sum(), "有条目缺分，见单位得分说明")
    check(
        "适用分S0：单位之和与项目组之和", data.scored["s0"].sum(), body["适用满分"].sum(), "有条目缺分，见单位得分说明"
    )
    table = pd.DataFrame(rows, columns=["核对项", "合计", "分项之和", "说明"])
    table.insert(3, "差额", table["合计"] - table["分项之和"])
    return table


def area_summary(data: Capability) -> pd.DataFrame:
    """Return for each of the 17 areas: code, assessed (units), insufficient (units), mean_s (NaN without any), poor."""
    import pandas as pd

    from kit.registers.codes_list import code_names

    codes = list(code_names("districts"))
    by = data.capability.groupby("district")
    scored = data.scored.groupby("district")["s"].mean()
    grade = pd.crosstab(data.capability["district"], data.capability["grade"]).reindex(
        columns=list(GRADE_NAMES), fill_value=0
    )
    return pd.DataFrame(
        {
            "code": codes,
            "assessed": by.size().reindex(codes, fill_value=0).to_numpy(dtype=int),
            "insufficient": grade["insufficient"].reindex(codes, fill_value=0).to_numpy(dtype=int),
            "poor": grade["poor"].reindex(codes, fill_value=0).to_numpy(dtype=int),
            "mean_s": scored.reindex(codes).to_numpy(dtype=float),
        }
    )
