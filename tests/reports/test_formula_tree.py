"""Formulas become trees once; what holds together in the formula holds together in the tree."""

from __future__ import annotations

import pytest

from kit.reports.formula_tree import Cases, Figure, Fraction, Over, Power, Symbol, all_parts, formula_tree, plain, row
from kit.standard import load_standard


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("crashes_3y / fleet_size * 100 / 3", "(近三年责任事故数 / 车辆数 × 100) / 3"),
        ("(crashes_3y + 1) * fleet_size", "(近三年责任事故数 + 1) × 车辆数"),
        ("crashes_3y - (fleet_size - 1)", "近三年责任事故数 − (车辆数 − 1)"),
        ("crashes_3y - fleet_size - 1", "近三年责任事故数 − 车辆数 − 1"),
        ("-fleet_size", " − 车辆数"),
        ("fleet_size ** 2", "车辆数^2"),
        ("(fleet_size + 1) ** 0.5", "((车辆数 + 1))^0.5"),
        ("max(fleet_size, 3)", "max(车辆数, 3)"),
        ("sqrt(fleet_size)", "√车辆数"),
        ("log(fleet_size)", "ln(车辆数)"),
        ("abs(fleet_size)", "|车辆数|"),
        ("1 if has_permit else 2", "1（持有有效经营许可且车辆人员双证齐全为是）；2（其他）"),
        ("0.1 + 0.2", "0.1 + 0.2"),
    ],
)
def test_a_formula_reads_as_it_was_written(formula: str, shown: str) -> None:
    taxi = load_standard("taxi")
    assert plain(formula_tree(taxi, taxi.names.parse(formula))) == shown


def test_one_letter_is_a_symbol_and_a_label_is_words() -> None:
    gb18218 = load_standard("gb18218")
    tree = formula_tree(gb18218, gb18218.names.parse("alpha * beta_sum"))
    assert plain(tree) == "厂外暴露人员校正系数α × 校正后的比值之和"
    assert not any(isinstance(part, Symbol) for part in all_parts(tree))


def test_all_parts_are_found_inside() -> None:
    tree = Over("∑", Fraction(Power(Symbol("q"), Figure("2")), row(Figure("3"), "+", Figure("4"))), Figure("1"), Symbol("n"))
    assert [part.text for part in all_parts(tree) if isinstance(part, Figure)] == ["1", "2", "3", "4"]
    assert len(list(all_parts(Cases(((Figure("1"), Figure("2")),))))) == 3
