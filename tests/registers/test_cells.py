"""Cells as people fill them in: categories with full-width marks, ticks."""

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
    spec = FieldSpec.model_validate(
        {"label": {"zh": "档"}, "type": "category", "values": {"1": "2", "2": "３", "3": "1"}}
    )
    shown = shown_options(spec)
    assert parse_column(list(shown.values()), spec)[0].tolist() == ["1", "2", "3"]


@pytest.mark.parametrize(("text", "truth"), [("✓", True), ("√", True), ("☑", True), ("✗", False), ("没有", False)])
def test_ticks(text: str, truth: bool) -> None:
    spec = FieldSpec.model_validate({"label": {"zh": "有证"}, "type": "boolean"})
    assert parse_column([text], spec)[0].tolist() == [truth]
