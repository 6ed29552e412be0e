"""What the areas of the sample report of their registers, with wrong totals planted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.registers.sample_defects import Planter

if TYPE_CHECKING:
    import pandas as pd

    Frames = list[pd.DataFrame]


def totals(units: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return what the areas report of a quarter's registers: whole areas, their streets, their sectors."""
    import pandas as pd

    place = units.drop_duplicates("unit_id").set_index("unit_id")
    rows = sources[["sector"]].assign(
        district=sources["unit_id"].map(place["district"]), street=sources["unit_id"].map(place["street"])
    )
    parts = []
    for names in (["district"], ["district", "street"], ["district", "sector"]):
        counted = units.groupby(names).size().rename("n_units").reset_index()
        found = rows.groupby(names).size().rename("n_sources").reset_index()
        parts.append(counted.merge(found, on=names, how="outer").fillna({"n_units": 0, "n_sources": 0}))
    every = pd.concat(parts, ignore_index=True)
    every.insert(0, "line_id", [f"T{at:05d}" for at in range(1, len(every) + 1)])
    every = every[["line_id", "district", "street", "sector", "n_units", "n_sources"]]
    texts = dict.fromkeys(["line_id", "district", "street", "sector"], "str")
    return every.astype({**texts, "n_units": "float64", "n_sources": "float64"})


def plant_totals(planter: Planter, quarters: Frames) -> None:
    """Plant wrong totals: of a street and of a sector (parts), and a whole area's."""
    last = quarters[-1]
    streets = last.loc[last["street"].notna(), ["district", "street"]].apply(tuple, axis=1).tolist()
    chosen = planter.choose(streets, 3)
    hit = set()
    for number, (area, street) in enumerate(chosen):
        column = ("n_units", "n_sources")[number % 2]
        kind = ("totals_of_units", "totals_of_sources")[number % 2]
        for frame in quarters:
            rows = (frame["district"] == area) & (frame["street"] == street)
            frame.loc[rows, column] = frame.loc[rows, column] + 3
        line = last.loc[(last["district"] == area) & (last["street"] == street), "line_id"].iloc[0]
        planter.found.append(("reported_totals", line, column, kind, "上报数与台账不一致"))
        hit.add(area)
    whole = last[last["district"].isin(hit) & last["street"].isna() & last["sector"].isna()]
    words = "区合计不等于各街道（乡镇）之和"
    planter.found += [("reported_totals", line, "district", "totals_add_up", words) for line in whole["line_id"]]
