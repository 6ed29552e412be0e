"""The method library against the tables that were published, row by row."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from kit.scoring import score
from kit.standard import load_standard, read_matrices

# Public copies print these bands; where an end point stands in two bands the dialect says to which it belongs.
CUTOFFS = {
    # some rules print "below 8" for the lowest: 8 itself is in no band there
    "ls_5x5_a": {"major": (20, 25), "considerable": (15, 16), "general": (9, 12), "low": (1, 8)},
    "ls_5x5": {"major": (20, 25), "considerable": (9, 16), "general": (4, 8), "low": (1, 3)},
    "ls_5x5_c": {"major": (17, 25), "considerable": (13, 16), "general": (8, 12), "low": (1, 7)},
}


@pytest.mark.parametrize("name", CUTOFFS)
def test_matrices_are_the_published_cut_offs_of_the_product(name: str) -> None:
    matrix = read_matrices()[name]
    for row, column in itertools.product(range(5), range(5)):
        product = (row + 1) * (column + 1)
        (level,) = [level for level, (low, high) in CUTOFFS[name].items() if low <= product <= high]
        assert matrix.levels[row][column] == level, product


LIKELIHOOD = {"p10": 10, "p6": 6, "p3": 3, "p1": 1, "p05": 0.5, "p02": 0.2, "p01": 0.1}
EXPOSURE = {"e10": 10, "e6": 6, "e3": 3, "e2": 2, "e1": 1, "e05": 0.5}
CONSEQUENCE = {"c100": 100, "c40": 40, "c15": 15, "c7": 7, "c3": 3, "c1": 1}


def lec_rows() -> tuple[pd.DataFrame, list[float]]:
    keys = list(itertools.product(LIKELIHOOD, EXPOSURE, CONSEQUENCE))
    frame = pd.DataFrame(keys, columns=["likelihood_class", "exposure_class", "consequence_class"])
    return frame, [LIKELIHOOD[a] * EXPOSURE[b] * CONSEQUENCE[c] for a, b, c in keys]


def classic(danger: float) -> str:
    for floor, name in ((160, "high"), (70, "significant"), (20, "moderate")):
        if danger >= floor:
            return "extreme" if danger > 320 else name
    return "slight"


def water(danger: float) -> str:
    return "major" if danger > 320 else "considerable" if danger > 160 else "general" if danger > 70 else "low"


@pytest.mark.parametrize(("name", "rule"), [("lec_classic", classic), ("lec_320", classic), ("lec_water", water)])
def test_lec_over_all_252_rows(name: str, rule: object) -> None:
    frame, dangers = lec_rows()
    scored = score(load_standard(name), frame)
    assert scored["D"].round(6).tolist() == [round(danger, 6) for danger in dangers]
    assert scored["level"].tolist() == [rule(round(danger, 6)) for danger in dangers]  # type: ignore[operator]


def test_the_usual_scores_give_no_320_so_that_both_dialects_agree() -> None:
    _, dangers = lec_rows()
    assert 320 not in {round(danger, 6) for danger in dangers}
    assert {20.0, 70.0} <= {round(danger, 6) for danger in dangers}


@pytest.mark.parametrize(
    ("deaths", "injuries", "loss", "points"),
    [(30, 0, 0, 100), (29, 0, 0, 40), (10, 0, 0, 40), (9, 0, 0, 15), (3, 0, 0, 15), (2, 0, 0, 7), (1, 0, 0, 7),
     (0, 0, 0, 1), (0, 100, 0, 100), (0, 99, 0, 40), (0, 50, 0, 40), (0, 0, 10000, 100), (0, 0, 5000, 40)],
)  # fmt: skip
def test_lec_by_accident_class(deaths: int, injuries: int, loss: float, points: int) -> None:
    row = {"likelihood_class": "p1", "exposure_class": "e1", "deaths": deaths, "injuries": injuries, "loss": loss}
    scored = score(load_standard("lec_accident_class"), pd.DataFrame([row]))
    assert scored["C"].tolist() == [points] and scored["D"].tolist() == [points]


def test_mes_over_all_90_rows_gives_the_printed_products() -> None:
    controls, severity = {"m5": 5, "m3": 3, "m1": 1}, {"s10": 10, "s8": 8, "s4": 4, "s2": 2, "s1": 1}
    keys = list(itertools.product(controls, EXPOSURE, severity))
    frame = pd.DataFrame(keys, columns=["control_class", "exposure_class", "severity_class"])
    scored = score(load_standard("mes"), frame)
    products = [controls[a] * EXPOSURE[b] * severity[c] for a, b, c in keys]
    assert scored["R"].tolist() == products
    # The printed grades are ranges of products that occur; nothing lies between them.
    printed = {
        "grade_1": (180, 500),
        "grade_2": (90, 150),
        "grade_3": (50, 80),
        "grade_4": (20, 48),
        "grade_5": (0, 18),
    }
    for level, product in zip(scored["level"], products, strict=True):
        low, high = printed[level]
        assert low <= product <= high


# State Council order 493, article 3: 以上 includes the number, 以下 does not.
@pytest.mark.parametrize(
    ("deaths", "injuries", "loss", "grade"),
    [(2, 9, 999.99, "ordinary"), (3, 0, 0, "larger"), (9, 49, 4999.99, "larger"), (0, 10, 0, "larger"),
     (0, 0, 1000, "larger"), (10, 0, 0, "grave"), (29, 99, 9999.99, "grave"), (0, 50, 0, "grave"),
     (0, 0, 5000, "grave"), (30, 0, 0, "extraordinary"), (0, 100, 0, "extraordinary"), (0, 0, 10000, "extraordinary")],
)  # fmt: skip
def test_accident_grades(deaths: int, injuries: int, loss: float, grade: str) -> None:
    frame = pd.DataFrame([{"deaths": deaths, "injuries": injuries, "loss": loss}])
    assert score(load_standard("accident_grade"), frame)["level"].tolist() == [grade]
