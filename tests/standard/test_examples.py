"""The three examples of the format load and compute; the expected values were worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kit.checking import run_cases
from kit.scoring import score
from kit.standard import load_standard

EXAMPLES = Path(__file__).parent / "examples"


def test_taxi() -> None:
    results = run_cases(load_standard(EXAMPLES / "taxi"))
    assert len(results) >= 4
    assert [result.differences for result in results if not result.passed] == []


def test_capability() -> None:
    standard = load_standard(EXAMPLES / "capability")
    table = pd.DataFrame(
        {
            "leading_group_gaps": [1, 0, 5, 0],
            "drills_last_year": [1, 2, 0, 2],
            "has_own_team": [False, False, True, None],
            "team_applies": [False, True, True, True],
        }
    )
    scored = score(standard, table)
    # (15 + 30) / 70, (20 + 0 + 50) / 100, (max(20 - 25, 0) + 30 + 0) / 100, and an unknown team
    assert scored["capability"].tolist()[:3] == pytest.approx([45 / 70 * 1000, 700, 300])
    assert scored["capability__full"].tolist()[:3] == [70, 100, 100]
    assert scored["level"].tolist()[:3] == ["fair", "fair", "poor"]
    assert scored["reason"].tolist()[3] == "missing:has_own_team" and scored["level"].isna()[3]


def test_gb18218() -> None:
    standard = load_standard(EXAMPLES / "gb18218")
    table = standard.lookups["critical_quantity"]
    cas = table.index[0]
    quantity, beta = table.loc[cas, "Q"], table.loc[cas, "beta"]
    parents = pd.DataFrame({"installation_id": ["p", "q"], "residents_500m": [60, 0]})
    rows = pd.DataFrame({"installation_id": ["p", "q"], "cas": [cas, cas], "q": [quantity * 10, quantity * 0.5]})
    scored = score(standard, parents, children={"substances": rows})
    # R = 1.5 * 10 * beta; half the critical quantity is no major hazard installation
    assert scored["R"].tolist() == pytest.approx([15 * beta, 0.25 * beta])
    assert scored["level"].tolist()[1] == "not_major_hazard"
    assert scored["level"].tolist()[0] == ("grade_3" if 10 <= 15 * beta < 50 else "grade_2")
