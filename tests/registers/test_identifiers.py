"""Arithmetic of identifiers against published figures."""

from __future__ import annotations

import pytest

from kit.registers.identifiers import made_uscc, uscc_check_character, uscc_is_valid


def test_published_worked_example_of_gb_32100() -> None:
    assert uscc_check_character("91350100M000100Y4") == "3"
    assert uscc_is_valid("91350100M000100Y43")
    assert not uscc_is_valid("91350100M000100Y4Z")


@pytest.mark.parametrize("code", ["91350211M0000XUF46", "91350100M0001TGQXM"])
def test_real_codes_that_are_known_to_fail(code: str) -> None:
    assert not uscc_is_valid(code)


def test_wrong_length_and_letters_are_refused() -> None:
    assert not uscc_is_valid("9135")
    assert not uscc_is_valid("91350100M000100I43")
    with pytest.raises(ValueError, match="17 characters"):
        uscc_check_character("123")


def test_made_codes_are_valid_distinct_and_of_no_area() -> None:
    codes = [made_uscc(number) for number in range(1, 2000)]
    assert len(set(codes)) == len(codes)
    assert all(uscc_is_valid(code) and code[2:8] == "000000" for code in codes)
