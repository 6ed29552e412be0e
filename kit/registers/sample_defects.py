"""Known defects planted in the made sample, so that the quality check can be measured: each is listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kit.registers.sample_tables import Population, SampleStandard
from kit.standard.fields import FieldSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

COLUMNS = ("table", "key", "column", "kind", "description_zh")
SCRIPT = "示例<script>alert(1)</script>餐饮店"


class Planter:
    """Plants defects in both quarters' tables alike and keeps the list.

    Only rows that both quarters have, of units whose answers did not change, are used, each row once.
    """

    def __init__(self, rng: np.random.Generator, scale: float) -> None:
        self.rng = rng
        self.scale = scale
        self.found: list[tuple[str, str, str, str, str]] = []
        self.used: set[tuple[str, str]] = set()

    def many(self, count: int) -> int:
        """Return how many defects of a kind a sample of this size gets; at least one."""
        return max(1, round(count * self.scale))

    def choose(self, free: list[Any], count: int, times: int = 1) -> list[Any]:
        """Return as many of `free`, in their order, as a sample of this size gets; `times` of each, if there are."""
        number = min(self.many(count) * times, len(free) - len(free) % times)
        return [free[at] for at in sorted(self.rng.choice(len(free), number, replace=False).tolist())] if number else []

    @contextmanager
    def unscaled(self) -> Iterator[None]:
        """Plant as many as said, whatever the size of the sample."""
        scale, self.scale = self.scale, 1.0
        try:
            yield
        finally:
            self.scale = scale

    def plant(
        self,
        table: str,
        quarters: list[pd.DataFrame],
        key: str,
        keys: pd.Series,
        count: int,
        column: str,
        kind: str,
        words: str,
        change: Callable[[pd.DataFrame, Any], None],
    ) -> None:
        """Change the rows of `count` keys in every quarter by `change(frame, mask)` and list them."""
        chosen = self.choose([name for name in keys.tolist() if (table, name) not in self.used], count)
        self.used |= {(table, name) for name in chosen}
        for frame in quarters:
            change(frame, frame[key].isin(chosen))
        self.found += [(table, name, column, kind, words) for name in chosen]


def setter(column: str, value: Any) -> Callable[[pd.DataFrame, Any], None]:
    """Return a change that sets a column to a value."""

    def change(frame: pd.DataFrame, mask: Any) -> None:
        frame.loc[mask, column] = value

    return change


def common_keys(quarters: list[pd.DataFrame], key: str, keep: set[str] | None = None) -> pd.Series:
    """Return the keys that all quarters have."""
    keys = quarters[0][key]
    for frame in quarters[1:]:
        keys = keys[keys.isin(frame[key])]
    return keys[keys.isin(keep)] if keep is not None else keys


def stable_units(people: Population) -> set[str]:
    """Return the units that exist, unchanged, in both quarters."""
    return set(people.units.loc[~(people.changed | people.born | people.closed), "unit_id"])


def plant_answers(
    planter: Planter,
    table: str,
    quarters: list[pd.DataFrame],
    fields: Mapping[str, FieldSpec],
    keep: set[str],
    counts: Mapping[str, int],
) -> None:
    """Plant defects in survey answers: out of range, missing, unknown category, no whole number."""
    keys = common_keys(quarters, "unit_id", keep)

    def some(names: list[str], kind: str) -> list[tuple[str, int]]:
        """Share the number of defects of a kind among a few fields."""
        total = planter.many(counts.get(kind, 0)) if counts.get(kind) and names else 0
        chosen: list[str] = planter.rng.choice(np_array(names), total).tolist() if total else []
        return sorted({name: chosen.count(name) for name in chosen}.items())

    required = [name for name, spec in fields.items() if spec.required]
    ranged = [name for name in required if fields[name].range]
    whole = [name for name in required if fields[name].type == "integer"]
    choice = [name for name in required if fields[name].values]
    planter_scale, planter.scale = planter.scale, 1.0
    try:
        for name, number in some(required, "missing_required"):
            words = f"必填项“{fields[name].label.zh}”为空"
            change = clear(name)
            planter.plant(table, quarters, "unit_id", keys, number, name, "missing_required", words, change)
        for name, number in some(ranged, "out_of_range"):
            low, high = fields[name].range or (0.0, 0.0)
            words = f"“{fields[name].label.zh}”超出允许范围 {low:.15g}～{high:.15g}"
            value = high + max(1.0, round(0.2 * high)) if number % 2 or low > 0 else -1.0
            change = setter(name, value)
            planter.plant(table, quarters, "unit_id", keys, number, name, "out_of_range", words, change)
        for name, number in some(choice, "unknown_category"):
            words = f"“{fields[name].label.zh}”不是规定的类别"
            change = setter(name, "unknown")
            planter.plant(table, quarters, "unit_id", keys, number, name, "unknown_category", words, change)
        for name, number in some(whole, "not_integer"):
            words = f"“{fields[name].label.zh}”应为整数"
            change = setter(name, (fields[name].range or (0.0, 0.0))[0] + 0.5)
            planter.plant(table, quarters, "unit_id", keys, number, name, "not_integer", words, change)
    finally:
        planter.scale = planter_scale


def np_array(names: list[str]) -> Any:
    """Return names as an array that keeps them as Python strings when drawn from."""
    import numpy as np

    return np.array(names, dtype=object)


def clear(column: str) -> Callable[[pd.DataFrame, Any], None]:
    """Return a change that empties a column."""

    def change(frame: pd.DataFrame, mask: Any) -> None:
        import pandas as pd

        empty: Any = pd.NA if str(frame[column].dtype) == "boolean" else None
        frame.loc[mask, column] = empty

    return change


def _swap(frame: pd.DataFrame, mask: Any) -> None:
    lon = frame.loc[mask, "lon"].copy()
    frame.loc[mask, "lon"] = frame.loc[mask, "lat"]
    frame.loc[mask, "lat"] = lon


def _point(lon: float, lat: float) -> Callable[[pd.DataFrame, Any], None]:
    def change(frame: pd.DataFrame, mask: Any) -> None:
        frame.loc[mask, "lon"] = lon
        frame.loc[mask, "lat"] = lat

    return change


def _wrong_check(frame: pd.DataFrame, mask: Any) -> None:
    """Replace the check character by another of the alphabet."""
    frame.loc[mask, "uscc"] = [code[:17] + ("0" if code[17] != "0" else "1") for code in frame.loc[mask, "uscc"]]


def plant_units(planter: Planter, quarters: list[pd.DataFrame], keep: set[str]) -> None:
    """Plant defects in the unit register."""
    import pandas as pd

    keys = common_keys(quarters, "unit_id", keep)
    first = quarters[0].set_index("unit_id")

    def plant(count: int, column: str, kind: str, words: str, change: Any, among: pd.Series = keys) -> None:
        planter.plant("units", quarters, "unit_id", among, count, column, kind, words, change)

    food = keys[keys.isin(first.index[first["sector"] == "catering"])]
    script = food if len(food) else keys
    planter_scale, planter.scale = planter.scale, 0.0
    plant(1, "name", "markup_in_text", "单位名称含有网页脚本标记，应按文字原样显示", setter("name", SCRIPT), script)
    planter.scale = planter_scale
    coded = keys[keys.isin(first.index[first["uscc"].notna()])]
    central = keys[keys.isin(first.index[first["district"].isin(["110105", "110106", "110108", "110114"])])]
    plant(12, "lon", "swapped_coordinates", "经度和纬度颠倒", _swap)
    plant(10, "lon", "outside_beijing", "坐标在北京市范围之外", _point(113.26, 23.13))
    plant(6, "district", "outside_district", "坐标不在所填的区内", _point(116.83731, 40.37618), central)
    plant(6, "lon", "missing_required", "没有坐标", clear("lon"))
    plant(12, "uscc", "uscc_check_digit", "统一社会信用代码校验码错误", _wrong_check, coded)
    plant(6, "uscc", "malformed_code", "统一社会信用代码长度不足", setter("uscc", "91000000"))
    plant(12, "phone", "malformed_phone", "联系电话位数不足", setter("phone", "100000"))
    plant(5, "street", "unknown_code", "街道代码不在代码表中", setter("street", "110199999"))
    plant(5, "industry", "unknown_code", "国民经济行业代码不在代码表中", setter("industry", "9999"))
    tomorrow = setter("registered_at", pd.Timestamp("2020-06-01"))
    plant(6, "registered_at", "future_date", "登记日期晚于数据截止日期", tomorrow)
    plant(6, "address", "missing_required", "没有详细地址", clear("address"))
    plant(4, "headcount", "out_of_range", "从业人数为负数", setter("headcount", -5.0))
    plant(4, "basic_review", "unknown_category", "基本信息审核状态不是规定的类别", setter("basic_review", "ok"))


def plant_sources(planter: Planter, quarters: list[pd.DataFrame], keep: set[str]) -> None:
    """Plant defects in the risk source register."""
    import pandas as pd

    calm = [frame[frame["unit_id"].isin(keep)] for frame in quarters]
    keys = common_keys(calm, "source_id")
    first, last = (frame.set_index("source_id") for frame in quarters)

    def plant(count: int, column: str, kind: str, words: str, change: Any, among: pd.Series = keys) -> None:
        planter.plant("risk_sources", quarters, "source_id", among, count, column, kind, words, change)

    def both(test: Callable[[pd.DataFrame], pd.Series]) -> pd.Series:
        return keys[keys.isin(first.index[test(first)]) & keys.isin(last.index[test(last)])]

    high = both(lambda f: (f["review_state"] == "confirmed") & f["reviewed_level"].isin(["considerable", "major"]))
    early = both(lambda f: f["review_state"].isin(["draft", "self_assessed"]))
    plant(12, "owner", "missing_owner", "已确认的重大、较大风险源没有管控责任人", clear("owner"), high)
    plant(8, "reviewed_level", "level_without_review", "未经审核却有审核等级", setter("reviewed_level", "low"), early)
    plant(8, "unit_id", "unknown_unit", "所属单位不在单位台账中", setter("unit_id", "U9999999"))
    plant(6, "accident_class", "unknown_code", "事故类型不在代码表中", setter("accident_class", "99"))
    plant(8, "updated_at", "future_date", "更新日期晚于数据截止日期", setter("updated_at", pd.Timestamp("2020-03-15")))
    plant(6, "name", "missing_required", "没有风险源名称", clear("name"))
    plant(6, "lon", "swapped_coordinates", "经度和纬度颠倒", _swap)
    plant(6, "owner_phone", "malformed_phone", "责任人电话位数不足", setter("owner_phone", "12345"))
    plant(4, "self_level", "unknown_category", "自评等级不是规定的类别", setter("self_level", "medium"))


def plant_resources(planter: Planter, quarters: list[pd.DataFrame]) -> None:
    """Plant defects in the resource register."""
    import pandas as pd

    keys = common_keys(quarters, "resource_id")
    first = quarters[0].set_index("resource_id")

    def plant(count: int, column: str, kind: str, words: str, change: Any, among: pd.Series = keys) -> None:
        planter.plant("resources", quarters, "resource_id", among, count, column, kind, words, change)

    dated = keys[keys.isin(first.index[first["expires_at"].notna()])]
    plant(12, "quantity", "quantity_zero", "资源数量为 0", setter("quantity", 0.0))
    plant(15, "expires_at", "expired", "资源已过有效期", setter("expires_at", pd.Timestamp("2019-05-31")), dated)
    plant(5, "lon", "swapped_coordinates", "经度和纬度颠倒", _swap)
    plant(5, "owner_unit", "unknown_unit", "所属单位不在单位台账中", setter("owner_unit", "U9999999"))
    plant(4, "class", "unknown_code", "资源小类不在代码表中", setter("class", "equip_other"))
    pairs = keys[~keys.isin([name for table, name in planter.used if table == "resources"])].tolist()
    for number in range(min(planter.many(3), len(pairs) // 2)):
        kept, doubled = pairs[2 * number], pairs[2 * number + 1]
        planter.used |= {("resources", kept), ("resources", doubled)}
        for frame in quarters:
            frame.loc[frame["resource_id"] == doubled, "resource_id"] = kept
        planter.found.append(("resources", kept, "resource_id", "duplicate_key", "资源编号重复"))


def plant_all_answers(
    planter: Planter,
    surveys: list[dict[str, pd.DataFrame]],
    capability: list[pd.DataFrame],
    sectors: Mapping[str, SampleStandard],
    capability_standard: SampleStandard | None,
    people: Population,
) -> None:
    """Plant defects in all survey tables and the capability answers; before anything is rated."""
    keep = stable_units(people)
    sizes = {name: len(surveys[0][name]) for name in sectors}
    wanted = {"missing_required": 48, "out_of_range": 20, "unknown_category": 10, "not_integer": 8}
    totals = {kind: planter.many(number) for kind, number in wanted.items()}
    before = 0
    for name, standard in sectors.items():
        # Each sector gets its share; what is left over of one goes to the next, so that the totals come out.
        after = before + sizes[name]
        counts = {
            kind: -(-total * after // sum(sizes.values())) - -(-total * before // sum(sizes.values()))
            for kind, total in totals.items()
        }
        before = after
        scale, planter.scale = planter.scale, 1.0
        plant_answers(planter, f"survey_unit/{name}", [q[name] for q in surveys], standard.fields, keep, counts)
        planter.scale = scale
    if capability_standard is not None:
        counts = {"missing_required": 12, "out_of_range": 8, "unknown_category": 4, "not_integer": 3}
        plant_answers(planter, "capability", capability, capability_standard.fields, keep, counts)
