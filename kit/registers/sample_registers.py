"""The made registers beside units, sources and resources: substances, agreements, plans, drills, experts, incidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kit.registers.codes_list import code_names
from kit.registers.sample_profile import settings
from kit.registers.sample_tables import LEVELS, QUARTERS, Population, days, people, phone
from kit.registers.schema import load_schema

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Frames = list[pd.DataFrame]

_DTYPES = {"number": "float64", "integer": "float64", "boolean": "boolean", "date": "datetime64[ms]"}
# A degree of longitude at 40° N is shorter than one of latitude; roads are longer than the straight line.
_NARROW, _DETOUR = 0.766, 1.35
_KM_PER_DEGREE = 111.32
_KMH = 25.0


def make_registers(
    rng: np.random.Generator, people_: Population, sources: Sequence[pd.DataFrame], resources: Sequence[pd.DataFrame],
    rated: Sequence[pd.Series], count: int,
) -> dict[str, Frames]:  # fmt: skip
    """Return the further registers, for each quarter: table -> frames. They are free of planted defects.

    Parameters
    ----------
    sources, resources : the registers of each quarter.
    rated : the standard's level of each source of a quarter, along `sources`; assessors judge around it.
    count : units of the sample, from which the number of rows follows.
    """
    # One stream per table: a change in one leaves the others as they were.
    streams = iter(rng.spawn(6))
    known = set(sources[0]["source_id"]) & set(sources[-1]["source_id"])
    plans = _plans(next(streams), people_, sources)
    experts = _experts(next(streams))
    made = {
        "substances": _substances(next(streams), people_),
        "agreements": _agreements(next(streams), people_, resources, max(12, count // 25)),
        "plans": plans,
        "drills": _drills(plans),
        "experts": [experts, experts],
        "panels": _panels(experts),
        "incidents": _incidents(next(streams), people_, sources[-1][sources[-1]["source_id"].isin(known)]),
        "assessors": _assessors(next(streams), sources, rated, known, max(30, count // 10)),
    }
    # A register that nobody has anything for is not there, like any other.
    return {name: frames for name, frames in made.items() if any(len(frame) for frame in frames)}


def _typed(name: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with the register's columns, in its order and with its types; columns not given are null."""
    import pandas as pd

    fields = load_schema(name).fields
    frame = pd.DataFrame(dict(columns))
    for field, spec in fields.items():
        values = frame[field] if field in frame else pd.Series([None] * len(frame), index=frame.index, dtype="object")
        frame[field] = values.astype(_DTYPES.get(spec.type, "str"))  # type: ignore[call-overload]
    return frame[list(fields)].reset_index(drop=True)


def _until(name: str, frame: pd.DataFrame, column: str) -> Frames:
    """Return what was known at the end of each quarter."""
    typed = _typed(name, frame)  # type: ignore[arg-type]
    return [typed[typed[column] <= quarter.end].reset_index(drop=True) for quarter in QUARTERS]


def _substances(rng: np.random.Generator, people_: Population) -> Frames:
    """Return what is stored in one or two installations of each unit that handles hazardous chemicals."""
    import numpy as np
    import pandas as pd

    own = np.flatnonzero((people_.standard == settings()["substances"]["sector"]) & ~people_.born & ~people_.closed)
    options = settings()["substances"]["kinds"]
    rows = []
    for unit in people_.units["unit_id"].to_numpy()[own]:
        for installation in range(1, int(rng.integers(1, 3)) + 1):
            for kind in sorted(rng.choice(len(options), int(rng.integers(1, 4)), replace=False).tolist()):
                cas, name, usual = options[kind]
                q = round(float(usual * np.exp(rng.normal(-1.5, 1.2))), 3)
                rows.append((f"{unit}-I{installation}", unit, cas, name, q))
    frame = _typed("substances", pd.DataFrame(rows, columns=["installation_id", "unit_id", "cas", "name", "q"]))  # type: ignore[arg-type]
    return [frame, frame]


def _agreements(rng: np.random.Generator, people_: Population, resources: Sequence[pd.DataFrame], count: int) -> Frames:
    """Return agreements by which units promise what they have and may be asked for to others of their district."""
    import numpy as np
    import pandas as pd

    units = people_.units[~people_.born & ~people_.closed].reset_index(drop=True)
    place = units.set_index("unit_id")
    both = resources[-1][resources[-1]["resource_id"].isin(resources[0]["resource_id"])]
    free = both[both["requestable"].fillna(False).astype(bool) & both["owner_unit"].isin(place.index)]
    free = free.drop_duplicates(["owner_unit", "class"]).rename(columns={"class": "kind_of"}).reset_index(drop=True)
    chosen = free.iloc[np.sort(rng.permutation(len(free))[:count])]
    by_district = dict(list(units.groupby("district")))
    rows = []
    stock: Any
    for at, stock in enumerate(chosen.itertuples(), start=1):
        giver: Any = place.loc[stock.owner_unit]
        others = by_district[giver["district"]]
        others = others[others["unit_id"] != stock.owner_unit]
        if others.empty:
            continue
        some = others.iloc[np.sort(rng.choice(len(others), min(8, len(others)), replace=False))]
        east = (some["lon"] - giver["lon"]) * _NARROW
        km = np.hypot(east, some["lat"] - giver["lat"]) * _KM_PER_DEGREE * _DETOUR
        nearest = int(np.argmin(km.to_numpy()))
        taker, distance = some.iloc[nearest], max(0.1, round(float(km.iloc[nearest]), 1))
        minutes = float(np.ceil(5 + distance / _KMH * 60))
        most = max(1.0, np.floor(stock.quantity / 2)) if stock.quantity > 0 else 1.0
        rows.append((f"A{at:04d}", stock.owner_unit, taker["unit_id"], stock.kind_of, most, distance, minutes))
    names = ["agreement_id", "from_unit", "to_unit", "class", "quantity", "distance", "arrival_minutes"]
    frame = pd.DataFrame(rows, columns=names)
    signed = days(rng, "2018-07-01", "2019-11-30", len(frame))
    frame["signed_at"] = signed
    frame["expires_at"] = signed + np.timedelta64(3 * 365, "D")
    owners = place.loc[frame["from_unit"]]
    frame["contact"], frame["phone"] = owners["contact"].to_numpy(), owners["phone"].to_numpy()
    return _until("agreements", frame, "signed_at")


def _plans(rng: np.random.Generator, people_: Population, sources: Sequence[pd.DataFrame]) -> Frames:
    """Return a plan for each source that was confirmed as major, kept as long as the source is there."""
    import numpy as np
    import pandas as pd

    units = people_.units.set_index("unit_id")
    areas, streets = code_names("districts"), code_names("streets_towns")
    made: list[pd.DataFrame] = []
    spans = (("2019-03-01", "2019-06-30"), ("2019-10-01", "2019-10-31"))
    for quarter, (frame, span) in enumerate(zip(sources, spans, strict=True)):
        major = (frame["review_state"] == "confirmed") & (frame["reviewed_level"] == "major")
        planned = {source for plans in made for source in plans["source_id"]}
        own = frame[major & frame["unit_id"].isin(units.index) & ~frame["source_id"].isin(planned)]
        home = units.loc[own["unit_id"]]
        where = [
            f"{areas[district]}应急管理部门、{streets.get(street, '')}"
            for district, street in zip(home["district"], home["street"], strict=True)
        ]
        names = own["name"].fillna("风险源")
        new = pd.DataFrame(
            {
                "plan_id": ["P" + source for source in own["source_id"]],
                "source_id": own["source_id"].to_numpy(),
                "unit_id": own["unit_id"].to_numpy(),
                "name": [f"{name}事故“一对一”应急预案（示例）" for name in names],
                "counterpart": where,
                "version": "1.0",
                "approved_at": days(rng, *span, len(own)),
            }
        )
        new["filed_at"] = new["approved_at"] + np.timedelta64(15, "D")
        kept = [plans[plans["source_id"].isin(frame["source_id"])] for plans in made[:quarter]]
        made.append(pd.concat([*kept, new], ignore_index=True))
    return [_typed("plans", frame) for frame in made]  # type: ignore[arg-type]


def _drills(plans: Frames) -> Frames:
    """Return the drills: of every fifth plan in the third quarter, of four fifths of the others in November."""
    import numpy as np
    import pandas as pd

    result = []
    for quarter, frame in enumerate(plans):
        # By the running number of the source, so that a drill of one quarter stands in the next one too.
        number = pd.to_numeric(frame["source_id"].str.replace(r"\D", "", regex=True)).to_numpy(dtype="int64")
        early = (number % 5 == 0) & (frame["approved_at"] < "2019-07-01").to_numpy()
        late = ~early & (number % 5 != 1)
        own = frame[early | (late & (quarter == 1))]
        when = np.where(early, np.datetime64("2019-07-01"), np.datetime64("2019-11-01")) + (number % 28)
        when = when[early | (late & (quarter == 1))]
        odd = number[early | (late & (quarter == 1))] % 2 == 1
        columns = {
            "drill_id": ["D" + plan[1:] for plan in own["plan_id"]],
            **{name: own[name].to_numpy() for name in ("plan_id", "source_id", "unit_id", "counterpart")},
            "kind": np.where(odd, "tabletop", "practical"),
            "drilled_at": when.astype("datetime64[ms]"),
            "scenario": [f"{name.split('事故')[0]}发生事故，先期处置、报告和疏散" for name in own["name"]],
            "participants": np.where(odd, 12.0, 45.0),
            "findings": np.where(odd, "信息报告用时偏长", "现场警戒范围不明确"),
            "closed": odd,
        }
        result.append(_typed("drills", columns))
    return result


def _experts(rng: np.random.Generator) -> pd.DataFrame:
    import numpy as np

    names = list(code_names("sectors").items())
    total = 60
    sector = [names[at % len(names)] for at in rng.permutation(total)]
    return _typed(
        "experts",
        {
            "expert_id": [f"X{at:03d}" for at in range(1, total + 1)],
            "name": people(rng, total),
            "speciality": [f"{title}安全" for _, title in sector],
            "sector": [code for code, _ in sector],
            "title": rng.choice(np.array(["高级工程师", "教授级高级工程师", "注册安全工程师"], dtype=object), total),
            "employer": [f"示例单位{at % 9 + 1}" for at in range(total)],
            "phone": phone(np.arange(total) + 90_001),
        },
    )


def _panels(experts: pd.DataFrame) -> Frames:
    """Return one review a quarter with nine experts each; the plan asks for at least seven."""
    import pandas as pd

    reviews = [("V2019Q3", "第三季度重大安全风险源清单（示例）", "2019-09-20", 0),
               ("V2019Q4", "年度评估报告和重大安全风险源清单（示例）", "2019-11-27", 9)]  # fmt: skip
    rows = [
        {
            "panel_id": panel, "subject": subject, "held_at": pd.Timestamp(day), "expert_id": expert,
            "chair": seat == 0, "opinion": "材料齐全，建议补充影响范围图（示例）",
            "verdict": "passed_if_mended" if seat % 4 == 3 else "passed", "signed": True,
        }
        for panel, subject, day, first in reviews
        for seat, expert in enumerate(experts["expert_id"].iloc[first : first + 9])
    ]  # fmt: skip
    return _until("panels", pd.DataFrame(rows), "held_at")


def _incidents(rng: np.random.Generator, people_: Population, sources: pd.DataFrame) -> Frames:
    """Return accidents since 2018, the more of them the higher a unit's hidden risk."""
    import numpy as np
    import pandas as pd

    classes = code_names("accident_classes")
    # The expected number of a unit is 0.03 on average, whatever the spread of the hidden risk.
    times = rng.poisson(0.03 * np.exp(1.1 * people_.risk - 1.1**2 / 2))
    times[people_.born] = 0
    unit = people_.units["unit_id"].to_numpy()[np.repeat(np.arange(len(times)), times)]
    own = sources[sources["accident_class"].isin(classes)].groupby("unit_id", sort=False)
    first: Callable[[str], Any] = dict(list(own)).get
    frames = [first(name) for name in unit]
    draw = rng.random(len(unit)).tolist()
    rows = [None if frame is None else frame.iloc[int(at * len(frame))] for frame, at in zip(frames, draw, strict=True)]
    count = len(unit)
    frame = pd.DataFrame(
        {
            "incident_id": [f"Y{at:05d}" for at in range(1, count + 1)],
            "unit_id": unit,
            "source_id": [None if row is None else row["source_id"] for row in rows],
            "occurred_at": days(rng, "2018-01-01", QUARTERS[-1].end, count),
            "accident_class": [next(reversed(classes)) if row is None else row["accident_class"] for row in rows],
            "deaths": (rng.random(count) < 0.04).astype("float64"),
            "serious_injuries": rng.choice(np.array([0.0, 1.0, 2.0]), count, p=[0.7, 0.25, 0.05]),
            "loss_cny": np.round(np.exp(rng.normal(11.0, 1.2, count)), -2),
        }
    )
    return _until("incidents", frame.sort_values("occurred_at", kind="stable"), "occurred_at")


def _assessors(
    rng: np.random.Generator, sources: Sequence[pd.DataFrame], rated: Sequence[pd.Series], known: set[str], count: int
) -> Frames:
    """Return the levels that five assessors gave the same sources.

    Each gives the standard's level, or with a chance of 12 % the next one; for one source all err the same way.
    """
    import numpy as np
    import pandas as pd

    level = pd.Series(rated[0].to_numpy(), index=sources[0]["source_id"].to_numpy()).dropna()
    level = level[level.index.isin(known)]
    chosen = level.iloc[np.sort(rng.permutation(len(level))[:count])]
    rank = chosen.map({name: at for at, name in enumerate(LEVELS)}).to_numpy(dtype="int64")
    step = np.where(rng.random(len(rank)) < 0.5, 1, -1)
    step = np.where(rank == 0, 1, np.where(rank == len(LEVELS) - 1, -1, step))
    judges = 5
    given = rank[:, None] + step[:, None] * (rng.random((len(rank), judges)) < 0.12)
    frame = _typed(
        "assessors",
        {
            "source_id": np.repeat(chosen.index.to_numpy(), judges),
            "assessor": [f"评估人{at % judges + 1}" for at in range(len(rank) * judges)],
            "level": np.array(LEVELS, dtype=object)[given.ravel()],
            "assessed_at": np.repeat(days(rng, "2019-08-01", "2019-09-20", len(rank)), judges),
        },
    )
    return [frame, frame]
