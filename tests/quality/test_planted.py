"""The quality check measured on known defects: nearly all are found, and clean rows are left alone."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from kit.quality import checks_for, summaries, validate
from kit.quality.registry import rules
from kit.registers import make_sample
from tests.registers import sample_fakes

AS_OF = dt.date(2019, 12, 31)
# Registers that this sample does not have, and fields that its small standards do not ask.
# Rules whose tables this small sample lacks, or that need more rows: agreement is told from 20 sources on.
ABSENT = {
    "agreement_low",
    "major_hazard_level",
    "major_without_plan",
    "reviewed_without_record",
    "obvious_source_missing",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    standards = sample_fakes.fake_standards()
    make_sample(folder, standards=standards, rate=sample_fakes.fake_rate, size="tiny")
    quarter = folder / "2019Q4"
    files = sorted(quarter.rglob("*.parquet"))
    tables = {str(path.relative_to(quarter).with_suffix("")): pd.read_parquet(path) for path in files}
    tables["previous/risk_sources"] = pd.read_parquet(folder / "2019Q3" / "risk_sources.parquet")
    fields = {f"survey_unit/{name}": standards[name].fields for name in ("park", "retail")}
    fields["capability"] = standards["emergency_capability"].fields
    tables["computed/levels"] = _computed(tables)
    tables |= summaries(tables)
    result = validate(tables, checks_for(tables, fields, as_of=AS_OF), as_of=AS_OF, standards=standards)
    planted = pd.read_csv(folder / "planted_defects.csv")
    return tables, result, planted[planted["kind"] != "markup_in_text"]


def _computed(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the levels by the small standards."""
    parts = []
    for sector, part in tables["risk_sources"].drop_duplicates("source_id").groupby("sector"):
        rows = part.merge(tables[f"survey_unit/{sector}"], on="unit_id")
        levels = sample_fakes.fake_rate(str(sector), rows)
        parts.append(pd.DataFrame({"source_id": rows["source_id"], "computed_level": levels.to_numpy()}))
    return pd.concat(parts, ignore_index=True)


def test_every_check_could_be_made(run) -> None:
    _, result, _ = run
    unchecked = result.checks[(result.checks["state"] == "not_checked") & ~result.checks["check_id"].isin(ABSENT)]
    assert unchecked.empty, unchecked[["table", "check_id", "detail_zh"]].to_string()


def test_each_planted_kind_that_is_a_rule_is_found_by_that_rule(run) -> None:
    _, result, planted = run
    known = {rule.id for rule in rules()}
    found = set(zip(result.rows["check_id"], result.rows["key"].fillna(""), strict=True))
    of_rules = planted[planted["kind"].isin(known)]
    assert of_rules["kind"].nunique() >= 30
    missed = [pair for pair in zip(of_rules["kind"], of_rules["key"], strict=True) if pair not in found]
    assert len(missed) <= 0.01 * len(of_rules), missed


def test_at_least_99_of_100_planted_defects_are_found(run) -> None:
    _, result, planted = run
    found = set(zip(result.rows["table"], result.rows["key"].fillna(""), result.rows["column"], strict=True))
    wanted = list(zip(planted["table"], planted["key"], planted["column"], strict=True))
    missed = [place for place in wanted if place not in found]
    assert len(missed) <= 0.01 * len(wanted), missed


def test_at_most_one_clean_row_in_200_is_flagged(run) -> None:
    tables, result, planted = run
    known = set(zip(planted["table"], planted["key"], strict=True))
    flagged = set(zip(result.rows["table"], result.rows["key"].fillna(""), strict=True)) - known
    rows = sum(len(frame) for name, frame in tables.items() if not name.startswith(("previous/", "computed/")))
    assert len(flagged) <= 0.005 * (rows - len(known)), sorted(flagged)[:20]


def test_findings_of_a_unit_carry_its_district(run) -> None:
    tables, result, _ = run
    rows = result.rows[result.rows["table"] == "risk_sources"]
    known = rows[rows["unit_id"].isin(tables["units"]["unit_id"])]
    assert len(known)
    assert known["district"].notna().all()
