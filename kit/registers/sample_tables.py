"""The made registers of units and risk sources, for two quarters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from kit.registers.codes_list import code_names, load_codes
from kit.registers.identifiers import made_uscc
from kit.registers.obvious import obvious_sources
from kit.registers.sample_defaults import blanked, concerned, profile_of
from kit.registers.sample_places import draw_places
from kit.registers.sample_profile import (
    SampleProfile,
    applies,
    draw_answers,
    has_profile,
    interpolate,
    normal_cdf,
    settings,
)
from kit.standard.fields import FieldSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

LEVELS = ("low", "general", "considerable", "major")
TRIALS = 6
Rate = Callable[[str, "pd.DataFrame"], "pd.Series"]


class Item(Protocol):
    """A line of a standard's checklist, as far as the sample needs it."""

    @property
    def id(self) -> str: ...
    @property
    def name_zh(self) -> str: ...
    @property
    def accident_class(self) -> str: ...
    @property
    def where_zh(self) -> str: ...
    @property
    def engineering(self) -> tuple[str, ...]: ...
    @property
    def technical(self) -> tuple[str, ...]: ...
    @property
    def management(self) -> tuple[str, ...]: ...


class SampleStandard(Protocol):
    """A standard, as far as the sample needs it; `kit.standard.Standard` is one."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def fields(self) -> dict[str, FieldSpec]: ...
    @property
    def checklist(self) -> Any: ...


@dataclass(frozen=True)
class Quarter:
    """One quarter of the sample: its name, first and last day."""

    name: str
    start: str
    end: str


QUARTERS = (Quarter("2019Q3", "2019-07-01", "2019-09-30"), Quarter("2019Q4", "2019-10-01", "2019-12-31"))


@dataclass
class Population:
    """All units that exist in either quarter, with what no register shows.

    Attributes
    ----------
    units : the register's columns but for those that change.
    standard : id of the standard of each unit.
    risk, size : hidden standard normal values.
    changed : units whose survey answers are new in the last quarter.
    born, closed : units that are new in the last quarter, or closed in it.
    """

    units: pd.DataFrame
    standard: np.ndarray
    risk: np.ndarray
    size: np.ndarray
    changed: np.ndarray
    born: np.ndarray
    closed: np.ndarray


def phone(numbers: np.ndarray) -> list[str]:
    """Return phone numbers that look like mobile numbers and cannot be any: none begins with 100."""
    return [f"100{number:08d}" for number in numbers.tolist()]


def people(rng: np.random.Generator, count: int) -> list[str]:
    """Return made names, all with the given name 示例."""
    import numpy as np

    return [f"{name}{settings()['given']}" for name in rng.choice(np.array(settings()["surnames"]), count)]


def days(rng: np.random.Generator, start: str, end: str, count: int) -> np.ndarray:
    """Return random days of a span, both ends included, as datetime64[ms]."""
    import numpy as np

    first = np.datetime64(start, "D")
    span = int((np.datetime64(end, "D") - first).astype(int)) + 1
    return (first + rng.integers(0, span, count)).astype("datetime64[ms]")


def make_population(rng: np.random.Generator, count: int, sectors: Mapping[str, SampleStandard]) -> Population:
    """Return `count` units of the first quarter and 1.5 % more that are born in the second; 1 % close in it."""
    import numpy as np
    import pandas as pd

    total = count + round(count * 0.015)
    profiles = {name: profile_of(standard) for name, standard in sectors.items()}
    share = np.array([profile.units for profile in profiles.values()])
    counts = np.floor(share / share.sum() * total).astype(int)
    counts[0] += total - counts.sum()
    standard = np.repeat(np.array(list(sectors), dtype=object), counts)[rng.permutation(total)]
    risk, size = rng.normal(size=total), rng.normal(size=total)
    places = draw_places(rng, total)
    codes = load_codes("sectors").set_index("code")["industries"]
    areas, streets = code_names("districts"), code_names("streets_towns")
    number = np.arange(1, total + 1)
    running = pd.Series(standard).groupby(standard).cumcount().to_numpy() + 1
    roads, industries, headcount, names = rng.choice(np.array(settings()["roads"]), total), [], np.empty(total), []
    for place in range(total):
        options = [code for code in codes.get(standard[place], "").split(";") if code] or [None]
        industries.append(options[place % len(options)])
        names.append(profiles[standard[place]].name.format(n=int(running[place])))
    probability = normal_cdf(0.8 * size + 0.6 * rng.normal(size=total))
    for name, profile in profiles.items():
        own = standard == name
        headcount[own] = np.maximum(1, np.round(interpolate(probability[own], profile.headcount)))
    born = np.arange(total) >= count
    closed = ~born & (rng.random(total) < 0.01)
    changed = ~born & ~closed & (rng.random(total) < 0.03)
    registered = days(rng, "2008-01-01", "2019-06-30", total)
    registered[born] = days(rng, QUARTERS[1].start, QUARTERS[1].end, int(born.sum()))
    review = rng.choice(np.array(["accepted", "pending", "returned"], dtype=object), total, p=[0.965, 0.025, 0.01])
    uscc = [None if gone else made_uscc(at) for gone, at in zip(rng.random(total) < 0.02, number.tolist(), strict=True)]
    units = pd.DataFrame(
        {
            "unit_id": [f"U{at:05d}" for at in number.tolist()],
            "name": names,
            "uscc": uscc,
            "sector": standard,
            "industry": industries,
            "supervision": np.where(rng.random(total) < 0.08, "municipal_soe", "district"),
            "district": places["district"],
            "street": places["street"],
            "address": [
                f"北京市{areas[area].removeprefix('北京')}{streets[street]}{road}{at}号"
                for area, street, road, at in zip(
                    places["district"], places["street"], roads, rng.integers(1, 300, total).tolist(), strict=True
                )
            ],
            "lon": places["lon"],
            "lat": places["lat"],
            "crs": "wgs84",
            "contact": people(rng, total),
            "phone": phone(number),
            "headcount": headcount,
            "registered_at": registered,
            "basic_review": review,
            "closed_at": pd.Series(pd.NaT, index=range(total), dtype="datetime64[ms]"),
        }
    )
    texts = ["unit_id", "name", "uscc", "sector", "industry", "supervision", "address", "crs", "contact", "phone"]
    units = units.astype(dict.fromkeys([*texts, "district", "street", "basic_review"], "str"))
    units.loc[closed, "closed_at"] = days(rng, QUARTERS[1].start, QUARTERS[1].end, int(closed.sum()))
    return Population(units, standard, risk, size, changed, born, closed)


def make_surveys(
    rng: np.random.Generator, people_: Population, sectors: Mapping[str, SampleStandard], rate: Rate
) -> list[dict[str, pd.DataFrame]]:
    """Return the answers to each sector standard's fields, per quarter: standard id -> unit_id and fields.

    Answers that come from no profile of the sector's own are drawn again where they make a unit worse than its hidden
    risk allows: the share of levels is then plausible whatever the standard.
    """
    import numpy as np

    result: list[dict[str, pd.DataFrame]] = [{}, {}]
    for name, standard in sectors.items():
        own = np.flatnonzero(people_.standard == name)
        fields = standard.fields
        noise = rng.normal(size=(len(own), len(fields)))
        later_noise = rng.normal(size=noise.shape)
        # Two thirds of a changed unit's answers stay as they were.
        stays = rng.random(noise.shape) < 0.67
        shift = rng.normal(-0.15, 0.8, len(own))
        moved = people_.changed[own]
        ids = people_.units["unit_id"].to_numpy()[own]
        risk, size = people_.risk[own], people_.size[own]
        profile = profile_of(standard)

        def drawn(
            risk: np.ndarray, noise: np.ndarray, standard: SampleStandard = standard, profile: SampleProfile = profile,
            size: np.ndarray = size,
        ) -> pd.DataFrame:  # fmt: skip
            return blanked(standard, draw_answers(standard.fields, profile, risk, size, noise))

        if not has_profile(name):
            noise = _settled(rng, risk, noise, drawn, partial(rate, name))
        first = drawn(risk, noise)
        later_noise = np.where(stays | ~moved[:, None], noise, later_noise)
        last = drawn(np.where(moved, risk + shift, risk), later_noise)
        for quarter, answers, present in ((0, first, ~people_.born[own]), (1, last, ~people_.closed[own])):
            answers.insert(0, "unit_id", ids)
            result[quarter][name] = answers.astype({"unit_id": "str"})[present].reset_index(drop=True)
    return result


def _settled(
    rng: np.random.Generator,
    risk: np.ndarray,
    noise: np.ndarray,
    drawn: Callable[[np.ndarray, np.ndarray], pd.DataFrame],
    level_of: Callable[[pd.DataFrame], pd.Series],
) -> np.ndarray:
    """Return noise with which no unit is worse than its hidden risk allows, as far as some draws find such."""
    import numpy as np
    import pandas as pd

    order = np.argsort(np.argsort(-risk)) / max(1, len(risk))
    allowed, edge = np.zeros(len(risk)), 0.0
    for place, share in enumerate(settings()["allowed"].values()):
        edge += share
        allowed = np.where((order < edge) & (allowed == 0), 3 - place, allowed)
    # Towards the middle from draw to draw: far-off draws are what makes a unit worse than it should be.
    tried = [noise, *(rng.normal(size=noise.shape) * (1.0 - trial / TRIALS) for trial in range(1, TRIALS))]
    answers = pd.concat([drawn(risk, one) for one in tried], ignore_index=True)
    answers["checklist_item"] = pd.Series([None] * len(answers), dtype="str")
    ranks = {"low": 0, "general": 1, "considerable": 2, "major": 3}
    found = level_of(answers).map(ranks).fillna(0).to_numpy(dtype=float).reshape(len(tried), len(risk))
    good = found <= allowed
    chosen = np.where(good.any(axis=0), good.argmax(axis=0), found.argmin(axis=0))
    return np.stack(tried)[chosen, np.arange(len(risk))]


def make_sources(
    rng: np.random.Generator,
    people_: Population,
    surveys: list[dict[str, pd.DataFrame]],
    sectors: Mapping[str, SampleStandard],
) -> list[pd.DataFrame]:
    """Return the risk sources of each quarter without levels and review; hidden columns begin with ``_``."""
    import numpy as np
    import pandas as pd

    parts = []
    for name, standard in sectors.items():
        profile: SampleProfile = profile_of(standard)
        # What a unit has is asked of its last answers, or of the first when it closed.
        known = pd.concat([surveys[1][name], surveys[0][name]]).drop_duplicates("unit_id").sort_values("unit_id")
        known = known.reset_index(drop=True)
        taken = np.zeros(len(known), dtype=bool)
        for item in standard.checklist:
            shape = profile.items.get(item.id)
            has = rng.random(len(known)) < (shape.share if shape else 0.72)
            if shape:
                has &= applies(known, shape.only_if)
            if not has_profile(name):
                has &= concerned(standard, item, known)
            if item is standard.checklist[-1]:
                has |= ~taken
            taken |= has
            twice = has & (rng.random(len(known)) < 0.06)
            for copy, mask in ((0, has), (1, twice)):
                place = item.where_zh.split("、")[0].split("和")[0][:20]
                parts.append(
                    pd.DataFrame(
                        {
                            "unit_id": known.loc[mask, "unit_id"],
                            "sector": name,
                            "standard": f"{standard.id}@{standard.version}",
                            "checklist_item": item.id,
                            "name": f"{item.name_zh}（2号）" if copy else item.name_zh,
                            "accident_class": item.accident_class,
                            "location": place,
                            "_measures": [(item.engineering, item.technical, item.management)] * int(mask.sum()),
                        }
                    )
                )
    every = pd.concat(parts, ignore_index=True)
    every = every.sort_values(["unit_id", "checklist_item", "name"], kind="stable").reset_index(drop=True)
    return _finish_sources(rng, people_, every)


def _finish_sources(rng: np.random.Generator, people_: Population, every: pd.DataFrame) -> list[pd.DataFrame]:
    import numpy as np
    import pandas as pd

    count = len(every)
    unit = pd.Series(range(len(people_.units)), index=people_.units["unit_id"]).loc[every["unit_id"]].to_numpy()
    owners = people(rng, count)
    texts = settings()
    # A checklist item without a measure of some kind gets a common one.
    common = [rng.choice(np.array(texts[kind], dtype=object), count) for kind in ("technical", "management")]
    pick = rng.random(count)
    chosen: list[list[str]] = [[], [], []]
    for row, (kinds, at) in enumerate(zip(every["_measures"], pick.tolist(), strict=True)):
        for place, options in enumerate(kinds):
            spare = "" if place == 0 else common[place - 1][row]
            chosen[place].append(options[int(at * len(options))] if options else spare)
    engineering, technical, management = chosen
    updated = days(rng, QUARTERS[0].start, QUARTERS[0].end, count)
    stale = rng.random(count) < 0.05
    state = rng.choice(
        np.array(["confirmed", "reassessed", "sector_reviewed", "self_assessed", "draft", "returned"], dtype=object),
        count, p=[0.925, 0.012, 0.018, 0.025, 0.012, 0.008],
    )  # fmt: skip
    frame = every.drop(columns="_measures").assign(
        source_id=[f"R{at:06d}" for at in range(1, count + 1)],
        lon=people_.units["lon"].to_numpy()[unit],
        lat=people_.units["lat"].to_numpy()[unit],
        crs="wgs84",
        public_impact=pd.array(rng.random(count) < 0.3, dtype="boolean"),
        owner=owners,
        owner_phone=phone(unit + 50_001),
        measures_engineering=engineering,
        measures_technical=technical,
        measures_management=management,
        _draw=rng.random(count),
        _state=state,
        _unit=unit,
    )
    new = people_.born[unit] | (rng.random(count) < 0.016)
    # What a unit has by its own answers it does not close while it goes on.
    obvious = every["checklist_item"].isin({line.item for line in obvious_sources()}).to_numpy()
    gone = people_.closed[unit] | (~new & (rng.random(count) < 0.01) & ~obvious)
    moved = people_.changed[unit]
    first = frame.assign(updated_at=updated)[~new]
    last = frame.assign(updated_at=days(rng, QUARTERS[1].start, QUARTERS[1].end, count))
    # Some units did not report in the last quarter: their rows stay as they were.
    kept = stale & ~new & ~moved
    last.loc[kept, "updated_at"] = updated[kept]
    # A source new in the quarter has seldom gone through all reviews yet.
    stages = np.array(["confirmed", "self_assessed", "sector_reviewed"], dtype=object)
    fresh = rng.choice(stages, count, p=[0.6, 0.25, 0.15])
    last["_state"] = np.where(new, fresh, last["_state"])
    note = f"；{texts['measure_update']}"
    last["measures_management"] = np.where(moved, last["measures_management"] + note, last["measures_management"])
    return [first.reset_index(drop=True), last[~gone].reset_index(drop=True)]


def set_levels(sources: pd.DataFrame, rated: pd.Series) -> pd.DataFrame:
    """Return the sources with the levels that units and reviewers gave, in the register's columns and order.

    About 10 % of the units report one level too low, 2 % one too high; reviewers follow the standard but for 2 % that
    they raise. A source that the standard cannot rate has a self level (general) and no reviewed one.
    """
    import numpy as np
    import pandas as pd

    from kit.registers.schema import load_schema

    rank = rated.map({name: at for at, name in enumerate(LEVELS)}).to_numpy(dtype="float64")
    known = ~np.isnan(rank)
    base = np.where(known, rank, 1.0).astype(int)
    draw = sources["_draw"].to_numpy()
    own = np.where(known, np.clip(base - (draw < 0.10) + (draw > 0.98), 0, 3), base)
    reviewed = np.clip(base + ((draw > 0.5) & (draw < 0.52)), 0, 3)
    names = np.array(LEVELS, dtype=object)
    state = sources["_state"]
    seen = state.isin(["sector_reviewed", "reassessed", "confirmed"]).to_numpy() & known
    out = sources.assign(
        self_level=pd.Series(names[own], dtype="str").where(state != "draft"),
        reviewed_level=pd.Series(names[reviewed], dtype="str").where(seen),
        review_state=state,
    )
    schema = load_schema("risk_sources")
    out = out[list(schema.fields)]
    return out.astype({name: "str" for name, spec in schema.fields.items() if spec.type in ("text", "category")})
