"""What progress and spot checks refuse is told in Chinese, too."""

from __future__ import annotations

from pathlib import Path

import pytest

import kit
from kit.inventory.spot_checks import texts
from kit.messages import in_chinese
from tests.chinese import english_left
from tests.test_messages import told_in

KIT = Path(kit.__file__).parent
NAMES = ("progress", "deliverables", "spot_checks", "spot_form", "spot_return", "spot_estimate", "workbook")
FILES = [KIT / "inventory" / f"{name}.py" for name in NAMES]
FILES += [KIT / "cli" / f"inventory_{name}.py" for name in ("progress", "spot_check")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_message_is_told_in_chinese(file: Path) -> None:
    untold = [(line, text) for line, text in told_in(file) if in_chinese(text) == text]
    assert untold == []


def test_problems_of_the_form_have_both_languages_with_the_same_gaps() -> None:
    gaps = {"sources": "甲", "source": "甲", "other": "甲", "first": "甲", "title": "甲", "labels": "甲", "value": "甲",
            "allowed": "甲", "was": "甲", "found": "甲", "day": "甲"}  # fmt: skip
    for kind, words in texts()["problems"].items():
        assert words["en"].format(**gaps) != words["zh"].format(**gaps), kind
        assert not english_left(words["zh"].format(**gaps)), kind
