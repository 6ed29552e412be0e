"""The main job, step by step, as the commands share it: read a quarter, validate it, assess it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import KitError, did_you_mean
from kit.paths import project_root
from kit.periods import previous_quarter, quarter_end
from kit.standard.standard import Standard

if TYPE_CHECKING:
    import pandas as pd

    from kit.emergency.assess import CapabilityResult
    from kit.inventory.assessment import Assessment

CAPABILITY = "emergency_capability"
CAPABILITY_TABLE = "capability"


@dataclass(frozen=True)
class Quarter:
    """The registers of a quarter as they were handed in.

    Attributes
    ----------
    tables : by name, `survey_unit/<standard id>` for surveys.
    made : whether they are made data.
    """

    period: str
    folder: Path
    tables: dict[str, pd.DataFrame]
    made: bool


def pilot_folder() -> Path:
    """Return the folder of the shipped sample."""
    return project_root() / "data_samples" / "pilot"


def read_period(folder: str | Path | None, period: str) -> Quarter:
    """Return the registers of `period` below `folder` (the shipped sample by default).

    Raises
    ------
    KitError
        When the folder has no such quarter, with those it has.
    """
    import pandas as pd

    root = Path(folder) if folder else pilot_folder()
    quarter_end(period)
    inside = root / period
    if not inside.is_dir():
        there = [entry.name for entry in root.iterdir() if entry.is_dir()] if root.is_dir() else []
        raise KitError(f"{root} has no quarter '{period}'; {did_you_mean(period, there, allowed='there are')}")
    tables = {
        path.relative_to(inside).with_suffix("").as_posix(): pd.read_parquet(path)
        for path in sorted(inside.rglob("*.parquet"))
    }
    for name in ("units", "risk_sources"):
        if name not in tables:
            raise KitError(f"{inside} has no {name}.parquet; a quarter needs units and risk_sources")
    return Quarter(period, root, tables, (root / "MADE_DATA.txt").exists())


def rate(standard: Standard, frame: pd.DataFrame) -> pd.Series[Any]:
    """Return the level of each row under `standard`, null where it has none."""
    from kit.scoring.apply import ITEM_COLUMN, score

    asked = frame[[name for name in [*standard.fields, ITEM_COLUMN] if name in frame.columns]]
    level: pd.Series[Any] = score(standard, asked, nodes=False)["level"]
    return level


def quality_tables(
    quarter: Quarter, standards: Mapping[str, Standard], before: Quarter | None = None
) -> dict[str, pd.DataFrame]:
    """Return what the rules look at: the registers, the quarter before, the levels by the standards, the summaries."""
    from kit.quality import computed_levels, summaries

    tables = dict(quarter.tables)
    if before is not None:
        tables["previous/risk_sources"] = before.tables["risk_sources"]
    tables["computed/levels"] = computed_levels(quarter.tables, standards)
    return tables | summaries(quarter.tables)


def validate_period(quarter: Quarter, standards: Mapping[str, Standard], before: Quarter | None = None) -> Any:
    """Return the quality of a quarter: the suites that follow from registers and standards."""
    from kit.quality import validate

    tables, checks = quality_checks(quarter, standards, before)
    return validate(tables, checks, as_of=quarter_end(quarter.period), standards=standards)


def quality_checks(
    quarter: Quarter, standards: Mapping[str, Standard], before: Quarter | None = None
) -> tuple[dict[str, pd.DataFrame], list[Any]]:
    """Return the tables of a quarter as the rules look at them, and every check of them."""
    from kit.quality import checks_for

    fields = {f"survey_unit/{name}": std.fields for name, std in standards.items()}
    fields[CAPABILITY_TABLE] = standards[CAPABILITY].fields
    tables = quality_tables(quarter, standards, before)
    chosen = {name: spec for name, spec in fields.items() if name in tables}
    return tables, checks_for(tables, chosen, as_of=quarter_end(quarter.period))


def before_of(quarter: Quarter) -> Quarter | None:
    """Return the quarter before, where the folder has it."""
    period = previous_quarter(quarter.period)
    return read_period(quarter.folder, period) if (quarter.folder / period).is_dir() else None


@dataclass(frozen=True)
class Scored:
    """A quarter with its levels: the assessment, and capability where answers were handed in."""

    assessment: Assessment
    capability: CapabilityResult | None


def score_period(quarter: Quarter, before: Quarter | None, standards: Mapping[str, Standard]) -> Scored:
    """Return every risk source and unit of a quarter with its level."""
    from kit.emergency.assess import assess_capability
    from kit.inventory.assessment import assess

    assessment = assess(
        quarter.tables,
        standards,
        period=quarter.period,
        previous=before.tables if before else None,
        previous_period=before.period if before else None,
    )
    answers = quarter.tables.get(CAPABILITY_TABLE)
    capability = None
    if answers is not None:
        capability = assess_capability(answers, quarter.tables["units"], standards[CAPABILITY])
    return Scored(assessment, capability)


def write_period(
    folder: Path, quarter: Quarter, scored: Scored, quality: Any, standards: Mapping[str, Standard]
) -> dict[str, Any]:
    """Write the assessed data of a quarter into `folder`; return `meta.json` and the count of each class."""
    from kit.inventory.assessment import write_assessment

    extra = {}
    if scored.capability is not None:
        extra = {"capability": scored.capability.units, "capability_items": scored.capability.items}
    meta = write_assessment(
        folder,
        scored.assessment,
        quality=quality,
        extra=extra,
        also_used=[standards[CAPABILITY]] if extra else [],
        made=quarter.made,
        snapshot=quarter_end(quarter.period).isoformat(),
    )
    return meta | {"levels": scored.assessment.sources["level"].value_counts().to_dict()}
