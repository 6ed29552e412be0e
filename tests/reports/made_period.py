"""A small made period in the shape of the assessed data (the real sample is bigger and comes from kit.inventory)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from kit.registers.codes_list import code_names, load_codes

SECTORS = ["出租汽车", "餐饮", "危险化学品"]
DEPARTMENTS = ["市交通委", "市商务局", "市应急局"]
ACCIDENTS = ["火灾", "道路交通事故", "中毒和窒息", "其他爆炸"]
CLASSES = ["major", "considerable", "general", "low", "insufficient", "pending"]
SHARES = [0.03, 0.12, 0.35, 0.37, 0.05, 0.08]
NASTY = [
    '<script>window.__hit=1</script>', '"><img src=x onerror="window.__hit=1">',
    "</script><script>window.__hit=1</script>",
    "</iframe><b>甲</b>", "=1+1", "O'Brien & Sons", "\\u003cscript\\u003e", "${window.__hit=1}", "{{7*7}}",
    "甲\u2028乙",
]  # fmt: skip


def make(folder: Path, *, n_sources: int = 600, n_units: int = 150, seed: int = 7, nasty: bool = True) -> Path:
    """Write the files of one assessed period to `folder` and return it."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    districts = code_names("districts")
    codes = list(districts)
    places = load_codes("districts").set_index("code")
    streets = load_codes("streets_towns")
    own_streets = {
        code: streets.loc[streets["code"].str.startswith(code[:6]), ["code", "name_zh"]].head(8).to_numpy()
        for code in codes
    }

    where = [codes[i % 17] for i in range(n_units)]
    street = [own_streets[code][rng.integers(len(own_streets[code]))] for code in where]
    sector = rng.integers(0, 3, n_units)
    names = [f"示例单位{i:03d}" for i in range(n_units)]
    if nasty:
        names[: len(NASTY)] = NASTY
    units = pd.DataFrame(
        {
            "unit_id": [f"U{i:04d}" for i in range(n_units)],
            "name": names,
            "sector": [["taxi", "catering", "hazardous_chemicals"][k] for k in sector],
            "sector_zh": [SECTORS[k] for k in sector],
            "district": where,
            "district_zh": [districts[code] for code in where],
            "street": [code for code, _ in street],
            "street_zh": [name for _, name in street],
            "supervision": np.where(rng.random(n_units) < 0.1, "municipal_soe", "district"),
            "lon": [float(places.loc[c, "seat_lon_wgs84"]) for c in where] + rng.normal(0, 0.02, n_units),
            "lat": [float(places.loc[c, "seat_lat_wgs84"]) for c in where] + rng.normal(0, 0.015, n_units),
            "headcount": rng.integers(5, 500, n_units).astype(float),
            "basic_review": "accepted",
        }
    )
    pick = np.concatenate([np.arange(n_units), rng.integers(0, n_units - 3, n_sources - n_units)])
    pick = np.where(pick >= n_units - 3, 0, pick)
    unit = units.iloc[pick].reset_index(drop=True)
    level = rng.choice(CLASSES, n_sources, p=SHARES)
    level[:17] = "major"
    previous = np.where(rng.random(n_sources) < 0.95, level, rng.choice(CLASSES[:4], n_sources)).astype(object)
    previous[rng.random(n_sources) < 0.03] = None
    rank = {"low": 1, "general": 2, "considerable": 3, "major": 4}

    def changed(before: str | None, after: str) -> str | None:
        if before is None:
            return "new"
        if before in rank and after in rank:
            return "raised" if rank[after] > rank[before] else "lowered" if rank[after] < rank[before] else "same"
        return None

    k = unit["sector_zh"].map({name: i for i, name in enumerate(SECTORS)}).to_numpy()
    rated = np.where(np.isin(level, list(rank)), level, None)
    sources = pd.DataFrame(
        {
            "source_id": [f"R{i:05d}" for i in range(n_sources)],
            "unit_id": unit["unit_id"],
            "unit_name": unit["name"],
            "name": [f"风险源{i}" for i in range(n_sources)],
            "sector": unit["sector"],
            "sector_zh": unit["sector_zh"],
            "department": [["transport", "commerce", "emergency_management"][i] for i in k],
            "department_zh": [DEPARTMENTS[i] for i in k],
            "district": unit["district"],
            "district_zh": unit["district_zh"],
            "street": unit["street"],
            "street_zh": unit["street_zh"],
            "address": "示例路1号",
            "lon": unit["lon"] + rng.normal(0, 0.01, n_sources),
            "lat": unit["lat"] + rng.normal(0, 0.01, n_sources),
            "accident_class": "08",
            "accident_class_zh": rng.choice(ACCIDENTS, n_sources),
            "supervision": unit["supervision"],
            "public_impact": rng.random(n_sources) < 0.2,
            "self_level": np.where(rng.random(n_sources) < 0.9, rated, "low"),
            "reviewed_level": rated,
            "review_state": np.where(level == "pending", "self_assessed", "confirmed"),
            "computed_level": rated,
            "computed_reason_zh": np.where(level == "insufficient", "车龄未填", None),
            "override": np.where(level == "major", "gb18218", None),
            "override_zh": np.where((level == "major") & (k == 2), "构成三级重大危险源", None),
            "level": level,
            "previous_level": previous,
            "owner": np.where(rng.random(n_sources) < 0.95, "张三丰", None),
            "owner_phone": "13800138000",
            "measures_engineering": np.where(rng.random(n_sources) < 0.6, "加装可燃气体报警", None),
            "measures_technical": np.where(rng.random(n_sources) < 0.5, "定期检测", None),
            "measures_management": np.where(rng.random(n_sources) < 0.95, "每日巡查", None),
            "updated_at": np.where(rng.random(n_sources) < 0.9, "2019-11-15", "2019-08-02"),
            "standard": [f"{s}@1.0.0" for s in unit["sector"]],
        }
    )
    if nasty:
        sources.loc[: len(NASTY) - 1, "name"] = NASTY
    sources["change"] = [changed(b, a) for b, a in zip(previous, level, strict=True)]
    sources.loc[20:22, ["lon", "lat"]] = np.nan
    sources.loc[30:31, "street_zh"] = None
    columns = ["source_id", "name", "unit_name", "district", "street_zh", "sector_zh", "change"]
    changes = sources[sources["change"].isin(["new", "raised", "lowered"])][[*columns, "previous_level", "level"]]
    changes = changes.rename(columns={"previous_level": "from_level", "level": "to_level"})
    gone = sources.iloc[:12][columns].assign(
        source_id=[f"X{i}" for i in range(12)], change="closed", from_level="general", to_level=None
    )
    changes = pd.concat([changes, gone], ignore_index=True).assign(reason_zh="字段变化引起")

    confirmed = sources[sources["level"] != "pending"]
    order = {name: i for i, name in enumerate(CLASSES)}
    best = confirmed.assign(r=confirmed["level"].map(order)).groupby("unit_id")["r"].min()
    units["n_sources"] = units["unit_id"].map(sources["unit_id"].value_counts()).fillna(0).astype(int)
    units["level"] = units["unit_id"].map(best).map(dict(enumerate(CLASSES))).fillna("pending")

    _capability(folder, units, rng)
    _quality(folder, sources)
    sources.to_parquet(folder / "sources.parquet")
    changes.to_parquet(folder / "changes.parquet")
    units.to_parquet(folder / "units.parquet")
    ids = [("taxi", "出租汽车安全风险评估标准"), ("catering", "餐饮业安全风险评估标准"),
           ("hazardous_chemicals", "危险化学品安全风险评估标准"), ("emergency_capability",
           "生产经营单位应急能力评估标准")]  # fmt: skip
    meta = {
        "period": "2019Q4", "previous_period": "2019Q3", "snapshot": "2019-12-31", "kit_version": "0.1.0", "made": True,
        "origin_zh": "示例数据：由程序生成，不对应任何真实单位",
        "standards": [
            {"id": key, "version": "1.0.0", "title_zh": title, "status": "trial", "provenance": "illustrative",
             "object": "unit" if key == "emergency_capability" else "risk_source", "fingerprint": f"{i}a3f" * 16}
            for i, (key, title) in enumerate(ids)
        ],
        "rejected_rows": 4,
    }  # fmt: skip
    (folder / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
    return folder


def _capability(folder: Path, units: pd.DataFrame, rng: np.random.Generator) -> None:
    groups = ["应急组织体系", "应急救援队伍", "应急预案管理", "监测与预警", "应急装备和物资",
              "应急演练", "培训和宣传教育", "信息报告与通信", "应急处置", "恢复与改进"]  # fmt: skip
    rows = []
    scores = []
    for number, unit in enumerate(units.iloc[::2].itertuples()):
        s1 = s0 = 0.0
        known = number % 13 != 0
        for g, group in enumerate(groups):
            for i in range(3):
                full = [40.0, 35.0, 25.0][i]
                applies = not (i == 2 and rng.random() < 0.3)
                got = float(np.floor(full * min(1, rng.beta(6, 1.6)))) if applies and known else np.nan
                rows.append((unit.unit_id, unit.district, f"i4{g}{i}", f"4.{g + 1}.{i + 1}", f"{group}条目{i + 1}",
                             f"g4{g}", group, full, got, applies if known else None))  # fmt: skip
                if applies and known:
                    s1, s0 = s1 + got, s0 + full
        s = 1000 * s1 / s0 if known else np.nan
        grade = (
            "insufficient"
            if not known
            else "excellent"
            if s >= 900
            else "good"
            if s >= 750
            else "fair"
            if s >= 600
            else "poor"
        )
        capped = known and number % 10 == 1
        scores.append((unit.unit_id, unit.name, unit.sector_zh, unit.district, unit.street_zh, unit.supervision,
                       s1 if known else np.nan, s0 if known else np.nan, s, "poor" if capped else grade, grade,
                       "no_plan" if capped else None, "未编制应急预案" if capped else None,
                       None if known else "演练次数未填"))  # fmt: skip
    items = ["unit_id", "district", "item", "clause", "name_zh", "group", "group_zh", "full", "got", "applies"]
    frame = pd.DataFrame(rows, columns=items)
    frame["applies"] = frame["applies"].astype("boolean")
    frame.to_parquet(folder / "capability_items.parquet")
    columns = ["unit_id", "unit_name", "sector_zh", "district", "street_zh", "supervision", "s1", "s0", "s", "grade",
               "grade_before_cap", "cap", "cap_zh", "reason_zh"]  # fmt: skip
    pd.DataFrame(scores, columns=columns).to_parquet(folder / "capability.parquet")


def _quality(folder: Path, sources: pd.DataFrame) -> None:
    bad = sources.iloc[::40]
    checks = [
        ("risk_sources", "c1", "坐标在本市范围内", "lon", "failed", len(sources), len(bad), "error", ""),
        ("risk_sources", "c2", "风险源名称在单位内不重复", "name", "passed", len(sources), 0, "warning", ""),
        ("risk_sources", "c3", "降级附有审核记录", "level", "not_checked", 0, 0, "error", "缺少审核记录表"),
        ("capability", "c4", "演练次数在允许范围内", "drills", "failed", 75, 3, "error", ""),
    ]
    columns = ["table", "check_id", "title_zh", "column", "state", "n_checked", "n_failed", "severity", "detail_zh"]
    columns.append("family")
    checks = [(*check, family) for check, family in zip(checks, ("place", "names", "level", "range"), strict=True)]
    pd.DataFrame(checks, columns=columns).to_parquet(folder / "quality_checks.parquet")
    place = ("坐标在本市范围内", "115.41～117.51", "error")
    drill = ("演练次数在允许范围内", "0～365", "error")
    rows = [
        ("risk_sources", "c1", row.source_id, row.unit_id, row.district, i, "lon", "0", *place)
        for i, row in enumerate(bad.itertuples())
    ]
    rows += [("capability", "c4", f"U{i:04d}", f"U{i:04d}", "110101", i, "drills", "999", *drill) for i in range(3)]
    names = [
        "table",
        "check_id",
        "key",
        "unit_id",
        "district",
        "row",
        "column",
        "value",
        "title_zh",
        "allowed_zh",
        "severity",
    ]
    pd.DataFrame(rows, columns=names).to_parquet(folder / "quality_rows.parquet")
