"""Cells as people fill them in: categories with full-width marks, ticks, numbers with their unit."""

from __future__ import annotations

import pytest

from kit.registers.cells import parse_column, shown_options
from kit.standard.fields import FieldSpec

KINDS = FieldSpec.model_validate(
    {"label": {"zh": "类别"}, "type": "category", "values": {"a": "（一）类", "b": "Ⅴ级", "c": "其他", "d": "其他"}}
)


def test_categories_with_full_width_marks_are_known_by_their_text() -> None:
    column, bad = parse_column(["（一）类", "(一)类", " Ⅴ级 ", "a", "其他", "别的"], KINDS)
    assert column.tolist() == ["a", "a", "b", "a", "其他", "别的"] and not bad


def test_what_is_shown_is_read_back_as_its_key() -> None:
    shown = shown_options(KINDS)
    assert shown == {"a": "（一）类", "b": "Ⅴ级", "c": "c", "d": "d"}
    column, _ = parse_column(list(shown.values()), KINDS)
    assert column.tolist() == list(shown)


def test_a_key_that_looks_like_another_text_stays_itself() -> None:
    spec = FieldSpec.model_validate({"label": {"zh": "档"}, "type": "category", "values": {"1": "2", "2": "３", "3": "1"}})
    shown = shown_options(spec)
    assert parse_column(list(shown.values()), spec)[0].tolist() == ["1", "2", "3"]


@pytest.mark.parametrize(("text", "truth"), [("✓", True), ("√", True), ("☑", True), ("✗", False), ("没有", False)])
def test_ticks(text: str, truth: bool) -> None:
    spec = FieldSpec.model_validate({"label": {"zh": "有证"}, "type": "boolean"})
    assert parse_column([text], spec)[0].tolist() == [truth]


@pytest.mark.parametrize(
    ("unit", "text", "number"), [("辆", "１２ 辆", 12), ("m²", "5.5m²", 5.5), ("h", "8H", 8), ("%", "85%", 85), ("t", "1e3t", 1000)]
)
def test_a_number_may_carry_its_own_unit(unit: str, text: str, number: float) -> None:
    spec = FieldSpec.model_validate({"label": {"zh": "数"}, "type": "number", "unit": unit})
    column, bad = parse_column([text], spec)
    assert column.tolist() == [number] and not bad


@pytest.mark.parametrize(("unit", "text"), [("t", "5kg"), ("辆", "12人"), ("辆", "辆"), (None, "5辆")])
def test_another_unit_is_refused(unit: str | None, text: str) -> None:
    spec = FieldSpec.model_validate({"label": {"zh": "数"}, "type": "number", "unit": unit})
    column, bad = parse_column([text], spec)
    assert column.isna().all() and "不是数" in bad[0].reason
