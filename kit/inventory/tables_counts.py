"""The tables of the district assessment: counts over the assessed data of one period.

Only counting lives here; how a table looks is decided in `kit.reports`. Rules that hold for every table:

- official counts are over *confirmed* risk sources; 待审 (not yet confirmed) stands beside them, never inside;
- 数据不足 (confirmed, but the standard cannot score the row) is a class of its own and is in every denominator;
- a row whose sector or street is empty is counted under 未填写, so the parts always add up to the whole;
- shares are in per cent, unrounded, null where the denominator is 0.
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
CLASS_NAMES: dict[str, str] = WORDS["classes"]
COUNTED = ("major", "considerable", "general", "low", "insufficient")
BLANK: str = WORDS["blank"]
TOTAL: str = WORDS["total"]
PENDING_ZH = CLASS_NAMES["pending"]
# Each key of a breakdown: the column of the sources table it is taken from.
KEYS = {
    "sector": "sector_zh",
    "street": "street_zh",
    "district": "district_zh",
    "accident": "accident_class_zh",
    "track": "supervision",
}

_NEEDED = {
    "sources": (
        "source_id", "unit_id", "unit_name", "name", "sector_zh", "department_zh", "district", "district_zh",
        "street_zh", "lon", "lat", "accident_class_zh", "supervision", "self_level", "reviewed_level", "computed_level",
        "computed_reason_zh", "override_zh", "level", "previous_level", "change", "owner", "measures_engineering",
        "measures_technical", "measures_management", "updated_at",
    ),
    "changes": (
        "source_id", "name", "unit_name", "district", "street_zh", "change", "from_level", "to_level", "reason_zh",
    ),
    "units": ("unit_id", "name", "sector_zh", "district", "street_zh", "supervision", "n_sources", "level"),
    "quality_checks": ("table", "check_id", "title_zh", "state", "n_checked", "n_failed", "severity"),
    "quality_rows": ("table", "check_id", "key", "district", "severity"),
}  # fmt: skip


@dataclass(frozen=True)
class Assessed:
    """The assessed data of one period, of the city or of one area (`area` is then its code)."""

    period: str
    meta: dict[str, Any]
    sources: pd.DataFrame
    changes: pd.DataFrame
    units: pd.DataFrame
    quality_checks: pd.DataFrame
    quality_rows: pd.DataFrame
    area: str | None = None

    @property
    def area_zh(self) -> str:
        """Name of the area, 全市 for the city."""
        return "全市" if self.area is None else code_names("districts")[self.area]

    @property
    def confirmed(self) -> pd.DataFrame:
        """The risk sources that official tables count: all but 待审."""
        return self.sources[self.sources["level"] != "pending"]


def load_period(data_dir: str | Path) -> Assessed:
    """Return the assessed data kept in `data_dir` (written by `kit.inventory.assessment`).

    Raises
    ------
    ProblemsError
        Naming every file that is missing, every missing column, and every class that is not one of the six.

    Examples
    --------
    >>> load_period("reports/2019Q4/data").period  # doctest: +SKIP
    '2019Q4'
    """
    frames, meta = read_assessed(data_dir, _NEEDED, ("sources", "level", CLASS_NAMES))
    parts: Any = frames
    return Assessed(period=meta["period"], meta=meta, **parts)


def for_area(assessed: Assessed, area: str) -> Assessed:
    """Return the part of `assessed` that one reporting area answers for (by its `district` column).

    Raises
    ------
    KitError
        When `area` is not the code of one of the 17 areas.
    """
    parts: Any = parts_of_area(assessed, area, ("sources", "changes", "units", "quality_rows"))
    return replace(assessed, area=area, **parts)


def labels(frame: pd.DataFrame, by: str) -> pd.Series:
    """Return the text a row is counted under for the breakdown `by`; 未填写 when it is empty."""
    return count_labels(frame, by, KEYS, WORDS)


def with_total(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return `table` with a last row 合计 that adds up `columns`; other columns are empty there."""
    return add_total(table, columns, TOTAL)


def _level_counts(sources: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return counts by label: one column a class (all six), most serious rows first."""
    import pandas as pd

    counts = pd.crosstab(labels(sources, by), sources["level"]).reindex(columns=list(CLASS_NAMES), fill_value=0)
    counts["_all"] = counts.sum(axis=1)
    order = ["major", "considerable", "_all"]
    return counts.sort_values(order, ascending=False, kind="stable").drop(columns="_all").astype(int)


def levels(data: Assessed, by: str) -> pd.DataFrame:
    """Return confirmed risk sources by class for each sector, street, district, accident class or track.

    Columns: the key, 重大, 较大, 一般, 低, 数据不足, 合计 (their sum: confirmed), 待审, 登记总数 (confirmed and 待审).
    The last row is the total.

    Parameters
    ----------
    by : sector, street, district, accident or track.
    """
    counts = _level_counts(data.sources, by)
    table = counts[list(COUNTED)].rename(columns=CLASS_NAMES)
    table["合计"] = counts[list(COUNTED)].sum(axis=1)
    table[PENDING_ZH] = counts["pending"]
    table["登记总数"] = table["合计"] + table[PENDING_ZH]
    table = table.rename_axis(index=WORDS["keys"][by], columns=None).reset_index()
    return with_total(table, list(table.columns[1:]))


def done_units(data: Assessed) -> pd.Series:
    """Return for each unit whether its assessment is done: it has risk sources and none of them is 待审."""
    registered = data.units["unit_id"].isin(data.sources["unit_id"])
    waiting = data.units["unit_id"].isin(data.sources.loc[data.sources["level"] == "pending", "unit_id"])
    return registered & ~waiting


def coverage(data: Assessed, by: str) -> pd.DataFrame:
    """Return how far registration and assessment have come, for each sector or street.

    Columns: key, 应评单位 (units in the register), 已评单位 (have risk sources, none 待审), 完成率（%）, 风险源数,
    已审定, 待审.
    A unit is counted under its own sector, a risk source under the sector of the source.
    """
    import pandas as pd

    units = pd.DataFrame({"key": labels(data.units, by), "done": done_units(data)})
    per_unit = units.groupby("key")["done"].agg(size_u="size", sum_u="sum")
    sources = pd.DataFrame({"key": labels(data.sources, by), "pending": data.sources["level"] == "pending"})
    per_source = sources.groupby("key")["pending"].agg(size_s="size", sum_s="sum")
    both = per_unit.join(per_source, how="outer").fillna(0).astype(int)
    both = both.sort_values(["size_u", "size_s"], ascending=False, kind="stable")
    table = pd.DataFrame(
        {
            WORDS["keys"][by]: both.index.astype(str),
            "应评单位": both["size_u"].to_numpy(),
            "已评单位": both["sum_u"].to_numpy(),
            "完成率（%）": [share(part, whole) for part, whole in zip(both["sum_u"], both["size_u"], strict=True)],
            "风险源数": both["size_s"].to_numpy(),
            "已审定": (both["size_s"] - both["sum_s"]).to_numpy(),
            PENDING_ZH: both["sum_s"].to_numpy(),
        }
    )
    table = with_total(table, ["应评单位", "已评单位", "风险源数", "已审定", PENDING_ZH])
    if len(table):
        last = table.index[-1]
        table.loc[last, "完成率（%）"] = share(table.loc[last, "已评单位"], table.loc[last, "应评单位"])
    return table


def accidents(data: Assessed) -> pd.DataFrame:
    """Return confirmed risk sources by possible accident class (GB 6441 and the kit's extensions) and level."""
    return levels(data, "accident")


def tracks(data: Assessed) -> pd.DataFrame:
    """Return the two review tracks: units, and risk sources by class. A unit is in exactly one track."""
    table = levels(data, "track")
    units = labels(data.units, "track").value_counts()
    name = WORDS["keys"]["track"]
    numbers = [int(units.get(key, 0)) for key in table[name]]
    if numbers:
        numbers[-1] = len(data.units)
    table.insert(1, "单位数", numbers)
    return table


def controls(data: Assessed) -> pd.DataFrame:
    """Return for each class of confirmed risk sources how many have an owner and each kind of measure.

    Columns: 风险等级, 风险源数, 有责任人, 工程措施, 技术措施, 管理措施, 仅有管理措施 (management measures and no
    other kind).
    An empty text counts as none.
    """
    import pandas as pd

    frame = data.confirmed
    kinds = {"工程措施": "measures_engineering", "技术措施": "measures_technical", "管理措施": "measures_management"}
    parts: dict[str, Any] = {"level": frame["level"], "有责任人": filled(frame["owner"])}
    parts |= {title: filled(frame[column]) for title, column in kinds.items()}
    flags = pd.DataFrame(parts)
    flags["仅有管理措施"] = flags["管理措施"] & ~flags["工程措施"] & ~flags["技术措施"]
    flags.insert(1, "风险源数", 1)
    table = flags.groupby("level").sum().reindex(list(COUNTED), fill_value=0).astype(int)
    table.insert(0, "风险等级", [CLASS_NAMES[level] for level in table.index])
    table = table.reset_index(drop=True)
    return with_total(table, list(table.columns[1:])) if len(frame) else table.iloc[0:0]


def filled(column: pd.Series) -> pd.Series:
    """Return whether each value is there and not blank."""
    return column.notna() & (column.astype("object").astype(str).str.strip() != "")
