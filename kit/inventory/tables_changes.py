"""Tables of what changed since the previous quarter, and the list of major risk sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.inventory.tables_counts import BLANK, CLASS_NAMES, WORDS, Assessed, filled, labels, share

if TYPE_CHECKING:
    import pandas as pd

# What has to be read first stands first: a raised level, then what is new, lowered, of another text, closed, refused.
_ORDER = ("raised", "new", "lowered", "standard_only", "closed", "rejected")


def previous_counts(data: Assessed) -> dict[str, int]:
    """Return the number of risk sources of each class in the previous quarter (with those closed or refused since)."""
    before = data.sources["previous_level"].value_counts()
    gone = data.changes.loc[data.changes["change"].isin(["closed", "rejected"]), "from_level"].value_counts()
    return {key: int(before.get(key, 0)) + int(gone.get(key, 0)) for key in CLASS_NAMES}


def change_counts(data: Assessed) -> pd.DataFrame:
    """Return previous and present number of risk sources by class, and the difference.

    Columns: 项目, 上季度, 本季度, 增减, 增减（%） (of the previous quarter; NaN when that was 0). Empty in the first
    period.
    """
    import pandas as pd

    columns = ["项目", "上季度", "本季度", "增减", "增减（%）"]
    if not data.meta.get("previous_period"):
        return pd.DataFrame(columns=columns)
    before = previous_counts(data)
    now = data.sources["level"].value_counts()
    rows = [(name, before[key], int(now.get(key, 0))) for key, name in CLASS_NAMES.items()]
    rows.append(("登记总数", sum(before.values()), len(data.sources)))
    return pd.DataFrame(
        [(name, old, new, new - old, share(new - old, old)) for name, old, new in rows], columns=columns
    )


def change_list(data: Assessed, limit: int = 60) -> pd.DataFrame:
    """Return risk sources whose level rose or fell, that are new or closed; at most `limit` rows, risen first.

    Columns: 编号, 名称, 单位, 街道（乡镇）, 变化, 原等级, 现等级, 原因. Within a kind of change the more serious
    class is first.
    """
    import pandas as pd

    frame = data.changes
    rank = {key: place for place, key in enumerate(CLASS_NAMES)}
    worst = pd.concat([frame["to_level"].map(rank), frame["from_level"].map(rank)], axis=1).min(axis=1)
    kinds = frame["change"].map({key: place for place, key in enumerate(_ORDER)})
    order = pd.DataFrame({"kind": kinds, "worst": worst, "id": frame["source_id"]}, index=frame.index)
    frame = frame.loc[order.sort_values(["kind", "worst", "id"], na_position="last").index[:limit]]
    return pd.DataFrame(
        {
            "编号": frame["source_id"],
            "名称": frame["name"],
            "单位": frame["unit_name"],
            "街道（乡镇）": labels(frame, "street"),
            "变化": frame["change"].map(WORDS["changes"]),
            "原等级": frame["from_level"].map(CLASS_NAMES),
            "现等级": frame["to_level"].map(CLASS_NAMES),
            "原因": frame["reason_zh"],
        }
    ).reset_index(drop=True)


def major_list(data: Assessed, limit: int | None = None) -> pd.DataFrame:
    """Return the confirmed major risk sources (重大风险源, not 重大危险源 of GB 18218), by street and unit.

    Columns: 序号, 编号, 名称, 单位, 行业（领域）, 街道（乡镇）, 事故类型, 直接判定, 监管部门, 责任人, 变化. The
    owner's name is given as
    registered; whoever prints the table masks it.
    """
    import pandas as pd

    frame = data.sources[data.sources["level"] == "major"].sort_values(["street_zh", "unit_name", "source_id"])
    frame = frame if limit is None else frame.head(limit)
    changed = frame["change"].map({key: name for key, name in WORDS["changes"].items() if key != "same"})
    return pd.DataFrame(
        {
            "序号": range(1, len(frame) + 1),
            "编号": frame["source_id"],
            "名称": frame["name"],
            "单位": frame["unit_name"],
            "行业（领域）": labels(frame, "sector"),
            "街道（乡镇）": labels(frame, "street"),
            "事故类型": labels(frame, "accident"),
            "直接判定": frame["override_zh"],
            "监管部门": frame["department_zh"],
            "责任人": frame["owner"].where(filled(frame["owner"]), BLANK),
            "变化": changed,
        }
    ).reset_index(drop=True)
