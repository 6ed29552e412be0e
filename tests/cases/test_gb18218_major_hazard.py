"""The published grading of major hazard installations: exam item, boundaries and factors; sources in the README."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from kit.standard import Standard, load_standard

FOLDER = Path(__file__).parent / "gb18218_major_hazard"
GRADES = {"一级": "grade_1", "二级": "grade_2", "三级": "grade_3", "四级": "grade_4"}
# Has a factor, but no row of its own among the 85 of table 1.
WITHOUT_A_ROW = {"一氧化碳"}


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard("gb18218")


def grade(standard: Standard, residents: list[float], substances: list[tuple[str, float]]) -> pd.DataFrame:
    from kit.scoring import score

    names = [str(place) for place in range(len(residents))]
    parents = pd.DataFrame({"installation_id": names, "residents_500m": residents})
    children = pd.DataFrame(
        {"installation_id": names, "cas": [cas for cas, _ in substances], "q": [float(q) for _, q in substances]}
    )
    return score(standard, parents, children={"substances": children})


def cas_of(standard: Standard, name: str) -> str:
    with (standard.path.parent / "critical_quantity.csv").open(encoding="utf-8-sig", newline="") as handle:
        entries = [row for row in csv.DictReader(handle) if "表1" in row["entry"]]
    (found,) = [row["cas"] for row in entries if row["name_zh"].partition("（")[0] == name]
    return found


def test_the_exam_item(standard: Standard) -> None:
    (case,) = rows("case.csv")
    cas = cas_of(standard, case["chemical"])
    assert standard.lookups["critical_quantity"].loc[cas, "Q"] == float(case["Q_t"])
    scored = grade(standard, [float(case["exposed_persons"])], [(cas, float(case["q_t"]))]).iloc[0]
    assert scored["alpha"] == float(case["alpha_expected"])
    assert scored["R"] == float(case["R_expected"]) == 30
    assert scored["level"] == GRADES[case["level_expected"]] == "grade_3"


def test_alpha_at_every_boundary(standard: Standard) -> None:
    wanted = {}
    for row in rows("alpha.csv"):
        wanted[int(row["persons_min"])] = float(row["alpha"])
        wanted[int(row["persons_max"] or 1_000_000)] = float(row["alpha"])
    people = sorted(wanted)
    scored = grade(standard, [float(count) for count in people], [("7446-09-5", 200)] * len(people))
    assert scored["alpha"].tolist() == [wanted[count] for count in people]


def test_levels_at_every_boundary(standard: Standard) -> None:
    """Petrol (Q 200 t, beta 1) with 1 to 29 persons has R = q / 200."""
    petrol = "86290-81-5"
    for row in rows("level.csv"):
        low, high = float(row["R_min_inclusive"]), float(row["R_max_exclusive"] or 1000)
        # Below S = 1 nothing is graded, which hides R below 1.
        inside = [max(low, 1.0), (max(low, 1.0) + high) / 2, high - 1e-6]
        scored = grade(standard, [10.0] * 3, [(petrol, 200 * ratio) for ratio in inside])
        assert scored["level"].tolist() == [GRADES[row["level"]]] * 3
    assert grade(standard, [10.0], [(petrol, 199.9999)])["level"].tolist() == ["not_major_hazard"]


def test_factors_of_toxic_gases(standard: Standard) -> None:
    table = standard.lookups["critical_quantity"]
    published = {row["name"]: float(row["beta"]) for row in rows("beta_toxic_gas_2011.csv")}
    assert len(published) == 14
    for name in published.keys() - WITHOUT_A_ROW:
        assert table.loc[cas_of(standard, name), "beta"] == published[name], name


def test_the_faulty_transcription_is_not_what_ships(standard: Standard) -> None:
    """Eight rows of a third-party transcription name one substance and number another."""
    with (standard.path.parent / "critical_quantity.csv").open(encoding="utf-8-sig", newline="") as handle:
        shipped = {row["cas"]: row["name_zh"] for row in csv.DictReader(handle)}
    for row in rows("transcription_with_errors.csv"):
        assert shipped.get(row["cas"]) != row["name_as_transcribed"], row["cas"]
