"""The made registers of emergency resources and capability answers, for two quarters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.registers.codes_list import load_codes
from kit.registers.sample_profile import draw_answers, load_profile
from kit.registers.sample_tables import QUARTERS, Population, SampleStandard, days, people, phone

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

KINDS = {"TEAM": "team", "EXPERT": "expert", "EQUIP": "equipment", "SUPPLY": "supply", "OTHER": "other"}


def make_resources(rng: np.random.Generator, people_: Population, count: int) -> list[pd.DataFrame]:
    """Return the emergency resources of each quarter; the second has about 2 % more."""
    import numpy as np
    import pandas as pd

    total = count + round(count * 0.02)
    classes = load_codes("resource_classes")
    classes = classes[classes["type"].isin(["TEAM", "EQUIP", "SUPPLY"]) | (classes["code"].isin(["other_shelter"]))]
    weight = classes["type"].map({"TEAM": 0.5, "EQUIP": 1.2, "SUPPLY": 1.4, "OTHER": 0.4}).to_numpy(dtype="float64")
    row = rng.choice(len(classes), total, p=weight / weight.sum())
    stable = np.flatnonzero(~people_.closed & ~people_.born)
    unit = rng.choice(stable, total, p=np.exp(0.9 * people_.size[stable]) / np.exp(0.9 * people_.size[stable]).sum())
    picked, owner = classes.iloc[row].reset_index(drop=True), people_.units.iloc[unit].reset_index(drop=True)
    draw = rng.random(total).tolist()
    names = [texts.split("、") for texts in picked["examples_zh"]]
    supply = picked["type"].isin(["SUPPLY", "EQUIP"]).to_numpy() & (rng.random(total) < 0.6)
    expires = days(rng, "2020-02-01", "2023-12-31", total)
    expires[~supply] = np.datetime64("NaT")
    frame = pd.DataFrame(
        {
            "resource_id": [f"E{at:05d}" for at in range(1, total + 1)],
            "owner_unit": owner["unit_id"],
            "kind": picked["type"].map(KINDS),
            "class": picked["code"],
            "name": [options[int(at * len(options))] for options, at in zip(names, draw, strict=True)],
            "quantity": np.maximum(1, np.round(np.exp(rng.normal(1.6, 1.0, total)))),
            "unit": picked["unit"],
            "expires_at": pd.Series(expires, dtype="datetime64[ms]"),
            "lon": owner["lon"],
            "lat": owner["lat"],
            "crs": "wgs84",
            "street": owner["street"],
            "available_24h": pd.array(rng.random(total) < 0.7, dtype="boolean"),
            "requestable": pd.array(rng.random(total) < 0.55, dtype="boolean"),
            "contact": people(rng, total),
            "phone": phone(unit + 80_001),
            "mobilise_minutes": rng.choice(np.array([5.0, 10.0, 15.0, 20.0, 30.0, 60.0]), total),
        }
    )
    texts = ["resource_id", "owner_unit", "kind", "class", "name", "unit", "crs", "street", "contact", "phone"]
    frame = frame.astype(dict.fromkeys(texts, "str"))
    return [frame.iloc[:count].reset_index(drop=True), frame]


def make_capability(rng: np.random.Generator, people_: Population, standard: SampleStandard) -> list[pd.DataFrame]:
    """Return capability answers of about 60 % of the units; those of changed units are new in the second quarter."""
    import numpy as np

    total = len(people_.units)
    answers_given = rng.random(total) < 0.6
    weak = 0.5 * people_.risk - 0.3 * people_.size + np.sqrt(1 - 0.34) * rng.normal(size=total)
    fields = standard.fields
    noise = rng.normal(size=(total, len(fields)))
    moved = people_.changed[:, None] & (rng.random(noise.shape) < 0.3)
    later = np.where(moved, rng.normal(size=noise.shape), noise)
    assessed = days(rng, "2019-03-01", QUARTERS[0].end, total)
    new_day = days(rng, QUARTERS[1].start, QUARTERS[1].end, total)
    profile = load_profile(standard.id)
    result = []
    for drawn, present, when in (
        (noise, ~people_.born, assessed),
        (later, ~people_.closed & ~people_.born, np.where(people_.changed, new_day, assessed)),
    ):
        frame = draw_answers(fields, profile, weak, people_.size, drawn)
        frame.insert(0, "unit_id", people_.units["unit_id"])
        frame.insert(1, "assessed_at", when)
        result.append(frame[answers_given & present].reset_index(drop=True))
    return result
