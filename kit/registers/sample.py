"""The made sample: registers of two quarters that look like a city's and name no real unit, place or person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import KitError, did_you_mean
from kit.files import whole_file, write_text
from kit.registers.codes_list import code_names
from kit.registers.sample_defects import (
    COLUMNS,
    Planter,
    plant_all_answers,
    plant_resources,
    plant_sources,
    plant_units,
    stable_units,
)
from kit.registers.sample_defects_rules import RulePlanter, set_grades
from kit.registers.sample_emergency import make_capability, make_resources
from kit.registers.sample_profile import load_profile
from kit.registers.sample_registers import make_registers
from kit.registers.sample_reviews import made_reviews
from kit.registers.sample_tables import (
    QUARTERS,
    Population,
    Rate,
    SampleStandard,
    make_population,
    make_sources,
    make_surveys,
    set_levels,
)
from kit.registers.sample_totals import plant_totals, totals

if TYPE_CHECKING:
    import pandas as pd


SIZES = {"tiny": 240, "pilot": 4000, "city": 120_000}
CAPABILITY = "emergency_capability"
ORIGIN = "示例数据：由本工具按固定随机种子生成，不对应任何真实单位、地点和人员"


@dataclass(frozen=True)
class SampleSummary:
    """What was made.

    Attributes
    ----------
    folder : where.
    rows : ``period/table`` -> number of rows.
    levels : share of each rated level among the last quarter's risk sources; ``insufficient`` where the standard
        cannot rate.
    defects : number of planted defects.
    bytes : size of all files.
    """

    folder: Path
    rows: dict[str, int]
    levels: dict[str, float]
    defects: int
    bytes: int


def make_sample(
    out: str | Path,
    *,
    standards: Mapping[str, SampleStandard],
    rate: Rate,
    size: str = "pilot",
    seed: int = 20191231,
) -> SampleSummary:
    """Make the sample in the folder `out` and return what was made. The same seed gives the same bytes.

    About 4,000 units, 20,000 risk sources in 17 areas, two quarters (the second with about 3 % new sources, 2 % closed
    and 3 % of the units changed), 3,000 resources, capability answers of 60 % of the units, the review
    records that the states follow from; and planted defects, each listed in `planted_defects.csv`. A hidden risk of
    each unit drives its answers; what units and reviewers say of levels is the standard's level with noise.

    Parameters
    ----------
    out : folder; files of a former sample in it are replaced.
    standards : sector standards by id (ids of the code list `sectors`; their risk sources come from their checklist)
        and ``emergency_capability``; others are not used.
    rate : ``(standard id, frame) -> levels``: the frame has a standard's fields and `checklist_item`, one row per risk
        source; the result, along the frame, is low, general, considerable, major or null.
    size : ``pilot``; ``tiny`` (240 units) for tests; ``city`` (120,000 units, 600,000 risk sources, 30 times as many
        planted defects; about 3 GB of memory and some minutes).
    seed : of all random numbers.

    Raises
    ------
    KitError
        When the size is unknown, no sector standard is given, or a profile names a field that its standard lacks.
    """
    import numpy as np

    if size not in SIZES:
        raise KitError(f"no sample of size '{size}'; {did_you_mean(size, SIZES)}")
    sectors = {name: standard for name, standard in sorted(standards.items()) if name in code_names("sectors")}
    if not sectors:
        raise KitError("no sector standard given: the sample needs at least one, for example taxi")
    for name, standard in sectors.items():
        _profile_fits(name, standard)
    folder = Path(out)
    # One stream per table: a change in one leaves the others as they were.
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(7)]
    people = make_population(streams[0], SIZES[size], sectors)
    surveys = make_surveys(streams[1], people, sectors, rate)
    sources = make_sources(streams[2], people, surveys, sectors)
    resources = make_resources(streams[3], people, round(SIZES[size] * 0.75))
    capability_standard = standards.get(CAPABILITY)
    capability = make_capability(streams[4], people, capability_standard) if capability_standard else []
    planter = Planter(streams[5], SIZES[size] / SIZES["pilot"])
    plant_all_answers(planter, surveys, capability, sectors, capability_standard, people)
    keep = stable_units(people)
    graded = set_grades(planter, surveys, keep)
    levels = [_rated(frame, survey, rate) for frame, survey in zip(sources, surveys, strict=True)]
    rated_sources = [set_levels(frame, level) for frame, level in zip(sources, levels, strict=True)]
    units = [_units(people, quarter) for quarter in range(len(QUARTERS))]
    plant_units(planter, units, keep)
    plant_sources(planter, rated_sources, keep)
    plant_resources(planter, resources)
    by_id = [level.set_axis(frame["source_id"]) for level, frame in zip(levels, sources, strict=True)]
    tables_of = {"units": units, "risk_sources": rated_sources, "resources": resources, "capability": capability}
    further = RulePlanter(planter, tables_of, by_id, keep, graded)
    further.plant_all()
    rated_sources = further.sources
    reported = [totals(one, other) for one, other in zip(units, rated_sources, strict=True)]
    plant_totals(planter, reported)

    known = [frame["source_id"].map(level.to_dict()) for frame, level in zip(rated_sources, by_id, strict=True)]
    more = make_registers(streams[6], people, rated_sources, resources, known, SIZES[size])

    rows: dict[str, int] = {}
    for at, quarter in enumerate(QUARTERS):
        tables = {"units": units[at], "risk_sources": rated_sources[at], "resources": resources[at]}
        tables |= {"capability": capability[at]} if capability else {}
        tables |= {name: frames[at] for name, frames in more.items()}
        tables["reported_totals"] = reported[at]
        tables |= {f"survey_unit/{name}": survey for name, survey in surveys[at].items()}
        tables["reviews"] = made_reviews(units[: at + 1], rated_sources[: at + 1])
        for name, frame in tables.items():
            _write(frame, folder / quarter.name / f"{name}.parquet", seed)
            rows[f"{quarter.name}/{name}"] = len(frame)
    counts = levels[-1].fillna("insufficient").value_counts(normalize=True)
    summary = {str(name): round(float(share), 4) for name, share in counts.items()}
    _write_texts(folder, planter, rows, summary, sectors, size, seed)
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return SampleSummary(folder, rows, summary, len(planter.found), total)


def _profile_fits(name: str, standard: SampleStandard) -> None:
    profile = load_profile(name)
    ids = [item.id for item in standard.checklist]
    for given, known, what in ((profile.fields, standard.fields, "field"), (profile.items, ids, "checklist item")):
        for key in given:
            if key not in known:
                hint = did_you_mean(key, known)
                raise KitError(f"sample_profiles/{name}.yaml: standard {name} has no {what} '{key}'; {hint}")


def _units(people: Population, quarter: int) -> pd.DataFrame:
    """Return the unit register of a quarter: before the last one nobody has closed and nobody is born."""
    import pandas as pd

    units = people.units.copy()
    if quarter == 0:
        units["closed_at"] = pd.Series(pd.NaT, index=units.index, dtype="datetime64[ms]")
        units = units[~people.born]
    return units.reset_index(drop=True)


def _rated(sources: pd.DataFrame, surveys: Mapping[str, pd.DataFrame], rate: Rate) -> pd.Series:
    """Return the level of each source by its sector's standard."""
    import pandas as pd

    levels = pd.Series([None] * len(sources), index=sources.index, dtype="str")
    for name, survey in surveys.items():
        own = sources.index[sources["sector"] == name]
        frame = sources.loc[own, ["unit_id", "source_id", "checklist_item"]].merge(survey, on="unit_id", how="left")
        levels.loc[own] = pd.Series(list(rate(name, frame)), index=own, dtype="str")
    return levels


def _write(frame: pd.DataFrame, path: Path, seed: int) -> None:
    """Write a table with the mark that it is made; the bytes depend on the values and the library versions only."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    mark = {b"kit_origin": b"made", b"kit_origin_zh": ORIGIN.encode(), b"kit_seed": str(seed).encode()}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **mark})
    with whole_file(path) as target:
        pq.write_table(table, target, compression="zstd", compression_level=12, row_group_size=65_536)


def _write_texts(
    folder: Path,
    planter: Planter,
    rows: Mapping[str, int],
    levels: Mapping[str, float],
    sectors: Mapping[str, SampleStandard],
    size: str,
    seed: int,
) -> None:
    import pandas as pd

    from kit.registers.writer import write_table

    write_table(pd.DataFrame(sorted(planter.found), columns=list(COLUMNS)), folder / "planted_defects.csv")
    write_text(folder / "MADE_DATA.txt", f"{ORIGIN}\nMade data: no real unit, place or person. seed={seed}\n")
    named = "、".join(f"{standard.id}@{standard.version}" for standard in sectors.values())
    lines = [
        "# 试点示例数据 / Pilot sample",
        "",
        f"**{ORIGIN}。** Everything here is made; it looks like a city's registers and describes none.",
        "",
        f"- made by `kit data sample --size {size} --seed {seed}`; the same seed gives the same bytes",
        f"- standards: {named}",
        "- unit names begin with 示例; credit codes have the area 000000, eleven-digit phone numbers begin with 100: "
        "no real ones do",
        "- coordinates are WGS-84, drawn at random around made centres inside each district",
        "- `planted_defects.csv` lists every planted defect (table, key, column, kind); they stand in both quarters "
        "alike and measure the quality check",
        "- levels by the standard, last quarter: " + ", ".join(f"{name} {share:.1%}" for name, share in levels.items()),
        "",
        "| table | rows |",
        "|---|---|",
        *(f"| {name} | {count:,} |" for name, count in rows.items()),
        "",
    ]
    write_text(folder / "README.md", "\n".join(lines))
