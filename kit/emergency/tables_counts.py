"""The tables of the emergency capability report: counts over the assessed capability answers of one period.

S = S1 / S0 x 1000: points got over the points of the items that apply. Items that do not apply leave both sums. A unit
that cannot be scored is 数据不足: it is in every table of grades and in no mean. Shares are per cent, unrounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from kit.registers.assessed import add_total, count_labels, parts_of_area, read_assessed, share
from kit.registers.codes_list import code_names

if TYPE_CHECKING:
    import pandas as pd

WORDS: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("tables.yaml").read_text(encoding="utf-8"))
GRADE_NAMES: dict[str, str] = WORDS["grades"]
BLANK: str = WORDS["blank"]
TOTAL: str = WORDS["total"]
KEYS = {"sector": "sector_zh", "street": "street_zh", "track": "supervision"}

_NEEDED = {
    "capability": (
        "unit_id", "unit_name", "sector_zh", "district", "street_zh", "supervision", "s1", "s0", "s", "grade", "cap_zh",
        "reason_zh",
    ),
    "capability_items": ("unit_id", "district", "item", "clause", "name_zh", "group", "group_zh", "full", "got",
    "applies"),
    "units": ("unit_id", "sector_zh", "district", "street_zh", "supervision"),
    "quality_checks": ("table", "check_id", "title_zh", "state", "n_checked", "n_failed", "severity"),
    "quality_rows": ("table", "check_id", "district", "severity"),
}  # fmt: skip

_ATTRIBUTES = {"capability_items": "items"}


@dataclass(frozen=True)
class Capability:
    """The capability results of one period, of the city or of one area (`area` is then its code)."""

    period: str
    meta: dict[str, Any]
    capability: pd.DataFrame
    items: pd.DataFrame
    units: pd.DataFrame
    quality_checks: pd.DataFrame
    quality_rows: pd.DataFrame
    area: str | None = None

    @property
    def area_zh(self) -> str:
        """Name of the area, 全市 for the city."""
        return "全市" if self.area is None else code_names("districts")[self.area]

    @property
    def scored(self) -> pd.DataFrame:
        """The units that have a score (grade other than 数据不足)."""
        return self.capability[self.capability["grade"] != "insufficient"]


def load_period(data_dir: str | Path) -> Capability:
    """Return the capability results kept in `data_dir`.

    Raises
    ------
    ProblemsError
        Naming every file that is missing, every missing column, and every grade that is not known.
    """
    frames, meta = read_assessed(data_dir, _NEEDED, ("capability", "grade", GRADE_NAMES))
    for name in ("quality_checks", "quality_rows"):
        frames[name] = frames[name][frames[name]["table"] == "capability"]
    parts: Any = {_ATTRIBUTES.get(name, name): frame for name, frame in frames.items()}
    return Capability(period=meta["period"], meta=meta, **parts)


def for_area(data: Capability, area: str) -> Capability:
    """Return the part of `data` that one reporting area answers for.

    Raises
    ------
    KitError
        When `area` is not the code of one of the 17 areas.
    """
    parts: Any = parts_of_area(data, area, ("capability", "items", "units", "quality_rows"))
    return replace(data, area=area, **parts)


def labels(frame: pd.DataFrame, by: str) -> pd.Series:
    """Return the text a unit is counted under for the breakdown `by`; 未填写 when it is empty."""
    return count_labels(frame, by, KEYS, WORDS)


def with_total(table: pd.DataFrame, columns: Sequence[str], **values: float) -> pd.DataFrame:
    """Return `table` with a last row 合计 that adds up `columns`; `values` are set there, the rest is empty."""
    return add_total(table, columns, TOTAL, **values)


def grades(data: Capability, by: str) -> pd.DataFrame:
    """Return assessed units by grade for each sector, street or track.

    Columns: key, 优, 良, 中, 差, 数据不足, 合计 (their sum), 平均得分 (mean S of the units that have a score). Last
    row: the total,
    whose mean is over all units, not a mean of means.
    """
    import pandas as pd

    key = labels(data.capability, by)
    counts = pd.crosstab(key, data.capability["grade"]).reindex(columns=list(GRADE_NAMES), fill_value=0).astype(int)
    table = counts.rename(columns=GRADE_NAMES)
    table["合计"] = counts.sum(axis=1)
    table["平均得分"] = data.scored["s"].groupby(labels(data.scored, by)).mean().reindex(table.index).astype(float)
    table = table.sort_values("合计", ascending=False, kind="stable")
    table = table.rename_axis(index=WORDS["keys"][by], columns=None).reset_index()
    mean = float(data.scored["s"].mean()) if len(data.scored) else float("nan")
    return with_total(table, [*GRADE_NAMES.values(), "合计"], 平均得分=mean)


def unit_scores(data: Capability, limit: int = 30) -> pd.DataFrame:
    """Return the units with the lowest scores first, at most `limit`, 数据不足 before them all.

    Columns: 单位, 行业（领域）, 街道（乡镇）, S1, S0, S, 等次, 说明 (the cap that lowered the grade, or why there is
    no score).
    """
    import pandas as pd

    frame = data.capability.sort_values("s", na_position="first", kind="stable").head(limit)
    why = frame["cap_zh"].where(frame["grade"] != "insufficient", frame["reason_zh"])
    return pd.DataFrame(
        {
            "单位": frame["unit_name"],
            "行业（领域）": labels(frame, "sector"),
            "街道（乡镇）": labels(frame, "street"),
            "S1": frame["s1"],
            "S0": frame["s0"],
            "S": frame["s"],
            "等次": frame["grade"].map(GRADE_NAMES),
            "说明": why,
        }
    ).reset_index(drop=True)


def _applying(data: Capability) -> pd.DataFrame:
    """Return the items that apply and have a mark, of the units that have a score."""
    items = data.items
    applies = items["applies"].astype("boolean").fillna(False).astype(bool)
    scored = items["unit_id"].isin(data.scored["unit_id"])
    return items[applies & items["got"].notna() & scored]


def _not_applying(data: Capability) -> pd.DataFrame:
    items = data.items
    out = ~items["applies"].astype("boolean").fillna(True).astype(bool)
    return items[out & items["unit_id"].isin(data.scored["unit_id"])]


def groups(data: Capability) -> pd.DataFrame:
    """Return the rate of points got for each group of items.

    Columns: 项目组, 适用满分 (points of the items that apply, all units), 实得, 得分率（%） (实得 / 适用满分),
    不涉及占比（%） (items that do not
    apply in per cent of all items of the group, over the units with a score). Weakest group first.
    """
    import pandas as pd

    applying = _applying(data)
    sums = applying.groupby("group_zh")[["full", "got"]].sum()
    rate = [share(got, full) for got, full in zip(sums["got"], sums["full"], strict=True)]
    out = _not_applying(data).groupby("group_zh").size().reindex(sums.index, fill_value=0)
    judged = applying.groupby("group_zh").size().reindex(sums.index, fill_value=0) + out
    table = pd.DataFrame(
        {
            "项目组": sums.index.astype(str),
            "适用满分": sums["full"].to_numpy(),
            "实得": sums["got"].to_numpy(),
            "得分率（%）": rate,
            "不涉及占比（%）": [share(part, whole) for part, whole in zip(out, judged, strict=True)],
        }
    ).sort_values("得分率（%）", kind="stable")
    full, got = float(sums["full"].sum()), float(sums["got"].sum())
    total = {"得分率（%）": share(got, full), "不涉及占比（%）": share(float(out.sum()), float(judged.sum()))}
    return with_total(table.reset_index(drop=True), ["适用满分", "实得"], **total)


def weakest_items(data: Capability, limit: int = 12) -> pd.DataFrame:
    """Return the items that cost most, by mean share of their points lost.

    Columns: 条款, 条目, 项目组, 满分, 平均失分, 失分率（%）, 失分单位, 适用单位. Items that lost nothing are not
    listed.
    """
    import pandas as pd

    applying = _applying(data)
    frame = applying.assign(lost=applying["full"] - applying["got"])
    frame = frame.assign(hit=frame["lost"] > 0)
    told = frame.groupby(["item", "clause", "name_zh", "group_zh"], sort=False)
    sums = told.agg(full=("full", "max"), lost=("lost", "mean"), hit=("hit", "sum"), units=("unit_id", "nunique"))
    sums = sums.reset_index()
    sums["rate"] = 100.0 * sums["lost"] / sums["full"]
    sums = sums[sums["lost"] > 0].sort_values(["rate", "item"], ascending=[False, True]).head(limit)
    return pd.DataFrame(
        {
            "条款": sums["clause"].astype(str),
            "条目": sums["name_zh"],
            "项目组": sums["group_zh"],
            "满分": sums["full"],
            "平均失分": sums["lost"],
            "失分率（%）": sums["rate"],
            "失分单位": sums["hit"].astype(int),
            "适用单位": sums["units"].astype(int),
        }
    ).reset_index(drop=True)


def not_applicable(data: Capability, limit: int = 12) -> pd.DataFrame:
    """Return the items most often left out as not applicable: 条款, 条目, 满分, 不涉及单位, 占已评分单位（%）."""
    import pandas as pd

    whole = len(data.scored)
    counts = _not_applying(data).groupby(["clause", "name_zh"])
    sums = counts.agg(full=("full", "max"), units=("unit_id", "nunique")).reset_index()
    sums = sums.sort_values(["units", "clause"], ascending=[False, True]).head(limit)
    return pd.DataFrame(
        {
            "条款": sums["clause"].astype(str),
            "条目": sums["name_zh"],
            "满分": sums["full"],
            "不涉及单位": sums["units"].astype(int),
            "占已评分单位（%）": [share(part, whole) for part in sums["units"]],
        }
    ).reset_index(drop=True)
