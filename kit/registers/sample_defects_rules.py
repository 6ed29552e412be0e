"""Known defects over columns and tables, one or more of every kind that a rule of `kit.quality` looks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kit.registers.codes_list import code_names, load_codes
from kit.registers.obvious import obvious_sources
from kit.registers.sample_changes import (
    mapped,
    old_version,
    only_district,
    other_district,
    other_track,
    positions,
    same,
    several,
    shift_points,
    without_city,
)
from kit.registers.sample_defects import Planter, clear, common_keys, setter
from kit.registers.sample_tables import LEVELS, QUARTERS

if TYPE_CHECKING:
    import pandas as pd

    Frames = list[pd.DataFrame]

MEASURES = ["measures_engineering", "measures_technical", "measures_management"]
CROWD, TEMPLATE = 22, 120
# R of a unit with a major hazard installation of grade II, and the ratios that go with it.
GRADED = "hazardous_chemicals"
GRADE_TWO = {"gb18218_r": 60.0, "q_sum": 5.0}
_RANK = {name: at for at, name in enumerate(LEVELS)}


def set_grades(planter: Planter, surveys: list[dict[str, pd.DataFrame]], keep: set[str]) -> set[str]:
    """Give a few units a major hazard installation of grade II (no defect), and return them. Before the rating."""
    if GRADED not in surveys[0]:
        return set()
    quarters = [quarter[GRADED] for quarter in surveys]
    keys = common_keys(quarters, "unit_id", keep)
    graded = set(
        planter.choose([key for key in keys.tolist() if (f"survey_unit/{GRADED}", key) not in planter.used], 3)
    )
    for frame in quarters:
        for column, value in GRADE_TWO.items():
            if column in frame:
                frame.loc[frame["unit_id"].isin(graded), column] = value
    return graded


class RulePlanter:
    """Plants in the registers of both quarters what single columns cannot show.

    Attributes
    ----------
    units, sources, resources, capability : the frames of each quarter; rows taken away or added make new frames.
    levels : the level by the standard of each source, per quarter, by its number.
    """

    def __init__(
        self,
        planter: Planter,
        tables: Mapping[str, Frames],
        levels: list[pd.Series],
        keep: set[str],
        graded: set[str],
    ) -> None:
        self.planter, self.keep, self.graded = planter, keep, graded
        self.units, self.sources = list(tables["units"]), list(tables["risk_sources"])
        self.resources, self.capability = list(tables["resources"]), list(tables["capability"])
        self.levels = levels

    def plant_all(self) -> None:
        """Plant everything, and add the rows that were stale by themselves to the list."""
        # First: no source that is to stay a major one may be chosen in the area that is left without any.
        self._area_without_major()
        self._units()
        self._places()
        self._sources()
        self._levels()
        self._whole_units()
        self._resources()
        if self.capability:
            self._capability()
        self._stale()

    # -- ways of planting -----------------------------------------------------------------------------------------

    def _plant(self, table: str, count: int, column: str, kind: str, words: str, change: Any, among: pd.Series) -> None:
        key = {"risk_sources": "source_id", "resources": "resource_id"}.get(table, "unit_id")
        frames = {"risk_sources": self.sources, "resources": self.resources, "units": self.units}
        quarters = frames.get(table, self.capability)
        self.planter.plant(table, quarters, key, among, count, column, kind, words, change)

    def _pairs(self, table: str, key: str, count: int, among: list[str]) -> list[tuple[str, str]]:
        """Return pairs of unused keys, and mark them as used."""
        free = [name for name in among if (table, name) not in self.planter.used]
        chosen = self.planter.choose(free, count, times=2)
        self.planter.used |= {(table, name) for name in chosen}
        return list(zip(chosen[::2], chosen[1::2], strict=False))

    def _copy(
        self, table: str, quarters: Frames, key: str, count: int, columns: list[str], column: str, kind: str,
        words: str, among: list[str], after: Callable[[pd.DataFrame, int, int], None] | None = None,
    ) -> None:  # fmt: skip
        """Copy columns from one row to another, which makes both wrong."""
        rows = [positions(frame, key) for frame in quarters]
        for kept, doubled in self._pairs(table, key, count, among):
            for frame, at in zip(quarters, rows, strict=True):
                for name in columns:
                    value: Any = frame.loc[at[kept], name]
                    frame.loc[at[doubled], name] = value
                if after is not None:
                    after(frame, at[kept], at[doubled])
            self.planter.found += [(table, name, column, kind, words) for name in (kept, doubled)]

    def _common(self, quarters: Frames, key: str, test: Callable[[pd.DataFrame], pd.Series] | None = None) -> pd.Series:
        keys = common_keys(quarters, key)
        for frame in quarters:
            good = frame["unit_id"].isin(self.keep) if "unit_id" in frame else frame[key].notna()
            good &= test(frame) if test is not None else True
            keys = keys[keys.isin(frame.loc[good, key])]
        return keys

    # -- units ----------------------------------------------------------------------------------------------------

    def _units(self) -> None:
        def plant(count: int, column: str, kind: str, words: str, change: Any, among: pd.Series) -> None:
            self._plant("units", count, column, kind, words, change, among)

        keys = self._common(self.units, "unit_id")
        coded = self._common(self.units, "unit_id", lambda f: f["uscc"].str.len() == 18).tolist()
        reached = self._common(self.units, "unit_id", lambda f: f["phone"].notna() & f["address"].notna())
        named = self._common(
            self.units, "unit_id", lambda f: f["address"].notna() & (f["district"].str.len() == 6)
        )  # fmt: skip
        names = code_names("districts")
        self._copy(
            "units", self.units, "unit_id", 6, ["uscc"], "uscc", "uscc_repeated", "两个单位填写同一信用代码", coded
        )
        self._copy(
            "units", self.units, "unit_id", 5, ["name"], "name", "unit_name_repeated", "同一名称登记两次", keys.tolist()
        )
        self._copy(
            "units", self.units, "unit_id", 5, ["address", "phone", "district", "street"], "name", "unit_two_names",
            "同一单位以两个名称登记（地址、电话相同）", reached.tolist(),
        )  # fmt: skip
        self._copy(
            "units", self.units, "unit_id", 5, ["uscc", "name"], "supervision", "both_tracks",
            "同一单位同时列入市级和区级两条渠道", coded, other_track,
        )  # fmt: skip
        plant(5, "name", "unit_name_no_licence", "名称不是营业执照上的名称", setter("name", "示例测试"), keys)
        plant(6, "address", "address_without_door", "地址没有写到门牌号", only_district(names), named)
        plant(6, "address", "address_without_city", "地址写“北京”没有写“市”", without_city, named)
        plant(6, "address", "address_other_district", "地址中的区与所填的区不一致", other_district(names), named)

    def _places(self) -> None:
        import pandas as pd

        seats = load_codes("districts").set_index("code")
        sat = self._common(self.units, "unit_id", lambda f: f["lon"].between(115.4, 117.6))

        def seat(frame: pd.DataFrame, mask: Any) -> None:
            for name, column in (("lon", "seat_lon_wgs84"), ("lat", "seat_lat_wgs84")):
                frame.loc[mask, name] = frame.loc[mask, "district"].map(seats[column].astype(float))

        self._plant("units", 6, "lon", "default_point", "坐标是区政府驻地，不是实际位置", seat, sat)
        first = self.units[0].set_index("unit_id")
        largest = first.loc[first.index.isin(sat), "district"].value_counts().index[0]
        crowd = sat[sat.isin(first.index[first["district"] == largest])]
        free = [name for name in crowd.tolist() if ("units", name) not in self.planter.used]
        if len(free) >= CROWD:
            # Some ten metres beside a unit, so that it is not one of them.
            lon, lat = (round(float(first.loc[free[0], name]) + 0.0001, 5) for name in ("lon", "lat"))

            def gather(frame: pd.DataFrame, mask: Any) -> None:
                frame.loc[mask, "lon"], frame.loc[mask, "lat"] = lon, lat

            with self.planter.unscaled():
                words = "二十多家单位落在同一坐标"
                self._plant("units", CROWD, "lon", "crowded_point", words, gather, pd.Series(free))
        placed = self._common(
            self.sources, "source_id", lambda f: f["lon"].between(115.4, 117.6) & f["lat"].between(39.4, 41.1)
        )  # fmt: skip
        moved = {key for table, key in self.planter.used if table == "units"}
        at = self.sources[0].set_index("source_id")["unit_id"]
        calm = placed[~placed.map(at).isin(moved)]
        self._plant("risk_sources", 10, "lon", "shifted_coordinates", "国测局坐标填作 WGS-84", shift_points, calm)
        self._plant("risk_sources", 6, "lon", "half_coordinates", "只填了经度", clear("lat"), placed)

    # -- risk sources ---------------------------------------------------------------------------------------------

    def _sources(self) -> None:
        def plant(count: int, column: str, kind: str, words: str, change: Any, among: pd.Series) -> None:
            self._plant("risk_sources", count, column, kind, words, change, among)

        def confirmed(*levels: str) -> pd.Series:
            return self._common(
                self.sources, "source_id",
                lambda f: (f["review_state"] == "confirmed") & f["reviewed_level"].isin(levels),
            )  # fmt: skip

        keys = self._common(self.sources, "source_id")
        named = self._common(self.sources, "source_id", lambda f: f["name"].notna())
        sectors = sorted(self.sources[0]["sector"].unique())
        other = self.sources[0].groupby("sector")["standard"].first()
        plant(8, "name", "name_generic", "风险源名称只写事故类型", setter("name", "火灾"), named)
        plant(8, "name", "name_is_factor", "风险源名称写成隐患", setter("name", "未设置灭火器材"), named)
        plant(8, "name", "measure_is_name", "管理措施照抄风险源名称", same("measures_management", "name"), named)
        plant(8, "owner", "owner_no_person", "管控责任人只写部门", setter("owner", "安全管理部"), keys)
        plant(
            6, "measures_engineering", "only_management", "重大风险源只有管理措施",
            several(setter("measures_engineering", ""), clear("measures_technical")), confirmed("major"),
        )  # fmt: skip
        plant(
            6, "measures_management", "no_measure", "较大风险源没有任何管控措施",
            several(*(clear(name) for name in MEASURES)), confirmed("considerable"),
        )  # fmt: skip
        old = self._common(self.sources, "source_id", lambda f: f["standard"].notna())
        plant(6, "standard", "standard_outdated", "按已修订的旧版标准评估", old_version, old)
        if len(sectors) > 1:
            wrong = {name: other[sectors[(at + 1) % len(sectors)]] for at, name in enumerate(sectors)}
            plant(
                6,
                "standard",
                "standard_of_sector",
                "评估标准不是本行业的标准",
                mapped("standard", "sector", wrong),
                keys,
            )
            shift = {name: sectors[(at + 1) % len(sectors)] for at, name in enumerate(sectors)}
            plant(6, "sector", "sector_of_unit", "风险源的行业与单位不一致", mapped("sector", "sector", shift), keys)
        self._repeat_names()

    def _repeat_names(self) -> None:
        """Give two sources of a unit one name."""
        first = self.sources[0]
        named = set(self._common(self.sources, "source_id", lambda f: f["name"].notna()))
        used = {key for table, key in self.planter.used if table == "risk_sources"}
        free = first[first["source_id"].isin(named - used)]
        firsts = free.groupby("unit_id")["source_id"].agg(list)
        pairs = [names[:2] for names in firsts if len(names) >= 2]
        rows = [positions(frame, "source_id") for frame in self.sources]
        for at in self.planter.choose(list(range(len(pairs))), 5):
            kept, doubled = pairs[at]
            self.planter.used |= {("risk_sources", kept), ("risk_sources", doubled)}
            for frame, row in zip(self.sources, rows, strict=True):
                value: Any = frame.loc[row[kept], "name"]
                frame.loc[row[doubled], "name"] = value
            words = "同一单位两个风险源同名"
            self.planter.found += [("risk_sources", key, "name", "name_repeated", words) for key in pairs[at]]

    def _levels(self) -> None:

        rank = [level.map(_RANK) for level in self.levels]
        same = rank[0].reindex(rank[1].index) == rank[1]
        computed = rank[1][same & rank[1].notna()]
        keys = self._common(self.sources, "source_id")
        done = self._common(
            self.sources, "source_id",
            lambda f: (
                (f["review_state"] == "confirmed") & f["reviewed_level"].isin(LEVELS) & f["self_level"].isin(LEVELS)
            ),
        )  # fmt: skip

        def plant(count: int, column: str, kind: str, words: str, change: Any, among: pd.Series) -> None:
            self._plant("risk_sources", count, column, kind, words, change, among)

        high, low = computed.index[computed >= 2], computed.index[computed == 0]
        words = "自评等级与标准计算等级相差两级"
        plant(8, "self_level", "self_level_far", words, setter("self_level", "low"), done[done.isin(high)])
        plant(4, "self_level", "self_level_far", words, setter("self_level", "considerable"), done[done.isin(low)])
        lower = {str(key): LEVELS[int(value) - 1] for key, value in computed[computed >= 1].items()}
        plant(
            10, "reviewed_level", "reviewed_below_computed", "审核等级低于标准计算等级且没有理由",
            mapped("reviewed_level", "source_id", lower), done[done.isin(lower)],
        )  # fmt: skip
        higher = {str(key): LEVELS[int(value) + 1] for key, value in computed[computed <= 2].items()}
        exact = {str(key): LEVELS[int(value)] for key, value in computed[computed <= 2].items()}

        def fall(frame: pd.DataFrame, mask: Any) -> None:
            to = higher if frame is self.sources[0] else exact
            mapped("reviewed_level", "source_id", to)(frame, mask)

        words = "等级比上季度下降而措施没有变化"
        plant(8, "reviewed_level", "lowered_without_measure", words, fall, done[done.isin(exact)])
        of_unit = self.sources[1].set_index("source_id")["unit_id"]
        graded = done[done.map(of_unit).isin(self.graded)]
        if len(graded):
            words = "二级重大危险源的风险等级低于较大"
            plant(6, "reviewed_level", "major_hazard_level", words, setter("reviewed_level", "general"), graded)
        self._copied(computed, keys)

    def _copied(self, computed: pd.Series, keys: pd.Series) -> None:
        """Make all sources of a few units alike."""
        last = self.sources[1]
        usual = last[last["source_id"].isin(computed.index[computed <= 2]) & last["source_id"].isin(keys)]
        used = {key for table, key in self.planter.used if table == "risk_sources"}
        whole = last.groupby("unit_id")["source_id"].agg(list)
        earlier = self.sources[0].groupby("unit_id")["source_id"].agg(set)
        fit = usual.groupby("unit_id").size()
        names = [
            unit for unit in fit.index[fit >= 3].tolist()
            if len(whole[unit]) == fit[unit] and not used & set(whole[unit])
            and earlier.get(unit, set()) == set(whole[unit])
        ]  # fmt: skip
        places = [positions(frame, "source_id") for frame in self.sources]
        for unit in self.planter.choose(names, 4):
            self.planter.used |= {("risk_sources", key) for key in whole[unit]}
            for frame, row in zip(self.sources, places, strict=True):
                rows: Any = [row[key] for key in whole[unit]]
                for column in ("location", *MEASURES):
                    value: Any = frame.loc[rows[0], column]
                    frame.loc[rows, column] = value
                frame.loc[rows, "self_level"] = "general"
            words = "一个单位的风险源内容全部相同"
            self.planter.found += [("risk_sources", key, "location", "sources_copied", words) for key in whole[unit]]

    # -- units with all their sources -------------------------------------------------------------------------------

    def _whole_units(self) -> None:
        """Plant what takes rows away or adds them."""
        import pandas as pd

        planter = self.planter
        touched = {key for table, key in planter.used if table == "risk_sources"}
        at = pd.concat([frame.set_index("source_id")["unit_id"] for frame in self.sources])
        calm = self._common(self.units, "unit_id", lambda f: f["basic_review"] == "accepted")
        used = {key for table, key in planter.used if table == "units"} | set(at[at.index.isin(touched)])
        having = set(at)
        free = [unit for unit in calm.tolist() if unit not in used and unit in having]
        gone = planter.choose(free, 5)
        closed = planter.choose([unit for unit in free if unit not in gone], 4)
        planter.used |= {("units", unit) for unit in [*gone, *closed]}
        self.sources = [frame[~frame["unit_id"].isin(gone)].reset_index(drop=True) for frame in self.sources]
        words = "单位没有登记任何风险源"
        planter.found += [("units", unit, "unit_id", "unit_without_source", words) for unit in gone]
        for frame in self.units:
            frame.loc[frame["unit_id"].isin(closed), "closed_at"] = pd.Timestamp("2007-01-15")
        words = "注销日期早于登记日期"
        planter.found += [("units", unit, "closed_at", "closed_before_registered", words) for unit in closed]
        last = self.sources[1]
        left = last.loc[last["unit_id"].isin(closed), "source_id"].tolist()
        planter.used |= {("risk_sources", key) for key in left}
        words = "已注销单位仍有风险源"
        planter.found += [("risk_sources", key, "unit_id", "unit_closed", words) for key in left]
        if self.capability:
            there = self.capability[1].loc[self.capability[1]["unit_id"].isin(closed), "unit_id"].tolist()
            planter.used |= {("capability", key) for key in there}
            words = "评估日期在单位注销之后"
            planter.found += [("capability", key, "unit_id", "capability_of_closed", words) for key in there]
        taken = {*gone, *closed}
        self._hidden([unit for unit in free if unit not in taken])
        self._template([unit for unit in free if ("units", unit) not in planter.used])

    def _hidden(self, free: list[str]) -> None:
        """Take away the source that a unit's own answers say it has."""
        last = self.sources[1]
        items = {line.item for line in obvious_sources()}
        having = set(last.loc[last["checklist_item"].isin(items), "unit_id"])
        chosen = self.planter.choose([unit for unit in free if unit in having], 8)
        self.planter.used |= {("units", unit) for unit in chosen}
        self.sources = [
            frame[~(frame["unit_id"].isin(chosen) & frame["checklist_item"].isin(items))].reset_index(drop=True)
            for frame in self.sources
        ]
        left = set(self.sources[1]["unit_id"])
        words = "调查表表明应有的风险源没有登记"
        self.planter.found += [
            ("units", unit, "unit_id", "obvious_source_missing" if unit in left else "unit_without_source", words)
            for unit in chosen
        ]

    def _template(self, free: list[str]) -> None:
        """Give a unit a hundred low sources."""
        import pandas as pd

        level = self.levels[1]
        low = self._common(
            self.sources, "source_id",
            lambda f: (f["review_state"] == "confirmed") & (f["self_level"] == "low") & (f["reviewed_level"] == "low"),
        )  # fmt: skip
        good = low[low.isin(level.index[level == "low"]) & low.isin(self.levels[0].index[self.levels[0] == "low"])]
        at = self.sources[1].set_index("source_id")["unit_id"]
        open_ = set(free)
        pairs = [key for key in good.tolist() if at[key] in open_ and ("risk_sources", key) not in self.planter.used]
        chosen = self.planter.choose(pairs, 1)
        self.planter.used |= {("units", at[key]) for key in chosen}
        words = "以模板登记一百多个低风险源"
        self.planter.found += [("units", at[key], "unit_id", "template_sources", words) for key in chosen]
        for place, frame in enumerate(self.sources):
            row = frame[frame["source_id"].isin(chosen)]
            more = row.loc[row.index.repeat(TEMPLATE)].reset_index(drop=True)
            copies = [str(copy + 101) for copy in range(TEMPLATE)] * len(row)
            more["name"] = more["name"] + "（" + pd.Series(copies) + "号）"
            more["source_id"] = [f"R9{number:06d}" for number in range(len(more))]
            more["updated_at"] = pd.Timestamp(QUARTERS[place].end).as_unit("ms")
            self.sources[place] = pd.concat([frame, more], ignore_index=True)

    # -- the rest ---------------------------------------------------------------------------------------------------

    def _resources(self) -> None:
        import pandas as pd

        def plant(count: int, column: str, kind: str, words: str, change: Any, among: pd.Series) -> None:
            self._plant("resources", count, column, kind, words, change, among)

        keys = self._common(self.resources, "resource_id")
        asked = self._common(self.resources, "resource_id", lambda f: f["requestable"].fillna(False).astype(bool))
        plant(6, "unit", "resource_unit", "计量单位填成数字", setter("unit", "1"), keys)
        words = "出动准备时间不合理"
        plant(6, "mobilise_minutes", "arrival_implausible", words, setter("mobilise_minutes", 600.0), asked)
        plant(6, "contact", "aid_without_contact", "可请求援助而没有联系人", clear("contact"), asked)
        counts = self.resources[0]["resource_id"].value_counts()
        single = keys[keys.isin(counts.index[counts == 1])]
        stock = ["kind", "class", "name", "quantity", "unit", "lon", "lat", "street"]
        words = "同一资源由两个单位登记"
        placed = self._common(self.resources, "resource_id", lambda f: f["lon"].notna() & f["quantity"].notna())
        owner = self.resources[0].drop_duplicates("resource_id").set_index("resource_id")["owner_unit"]
        one_each = pd.Series(single[single.isin(placed)]).drop_duplicates()
        one_each = one_each[~one_each.map(owner).duplicated()]
        self._copy(
            "resources", self.resources, "resource_id", 6, stock, "resource_id", "resource_twice", words,
            one_each.tolist(),
        )  # fmt: skip

    def _capability(self) -> None:
        import pandas as pd

        keys = self._common(self.capability, "unit_id")
        words = "应急能力评估超过三年"
        old = setter("assessed_at", pd.Timestamp("2015-05-06"))
        self._plant("capability", 8, "assessed_at", "capability_old", words, old, keys)
        answers = [name for name in self.capability[0].columns if name not in ("unit_id", "assessed_at")]
        emptied = several(*(clear(name) for name in answers[: -(-2 * len(answers) // 3)]))
        words = "以“不涉及”空出大部分项目"
        self._plant("capability", 4, "unit_id", "capability_blank", words, emptied, keys)

    def _area_without_major(self) -> None:
        """Lower every major source of the smallest area in which none would be surprising."""
        place = self.units[1].drop_duplicates("unit_id").set_index("unit_id")["district"]
        last = self.sources[1]
        rated = last[(last["review_state"] == "confirmed") & last["reviewed_level"].notna()]
        district = rated["unit_id"].map(place)
        share = float((rated["reviewed_level"] == "major").mean())
        counts = district.value_counts()
        odd = counts.index[(1 - share) ** counts < 0.001]
        if not len(odd):
            return
        area = str(counts[odd].index[-1])
        for frame in self.sources:
            rows = (frame["unit_id"].map(place) == area) & (frame["reviewed_level"] == "major")
            frame.loc[rows, "reviewed_level"] = "considerable"
            if frame is last:
                taken = rows & frame["source_id"].isin(self.levels[1].index[self.levels[1] == "major"])
                keys = frame.loc[taken, "source_id"].tolist()
        words = "全区没有重大风险源"
        listed = {key for table, key, *_ in self.planter.found if table == "risk_sources"}
        self.planter.used |= {("risk_sources", key) for key in keys}
        self.planter.found += [
            ("risk_sources", key, "reviewed_level", "reviewed_below_computed", "全区的重大风险源被降为较大")
            for key in keys if key not in listed
        ]  # fmt: skip
        self.planter.found.append(("summary/areas", area, "n_major", "area_without_major", words))

    def _stale(self) -> None:
        """List the sources that their units did not bring up to date in the last quarter."""
        import pandas as pd

        last = self.sources[1]
        stale = last.loc[last["updated_at"] < pd.Timestamp(QUARTERS[1].start), "source_id"]
        words = "本季度没有更新"
        self.planter.found += [("risk_sources", key, "updated_at", "stale_quarter", words) for key in stale.tolist()]
