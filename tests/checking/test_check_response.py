"""The check of controls, required resources, reach and scenarios."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kit.errors import ProblemsError
from kit.standard import load_standard
from tests.checking.test_checks import SOUND, checked, line_of

RESPONSE = """\
resources:
  - {name: {zh: 抢险队}, kind: team, class: team_repair, unit: 人, at_least: {major: 8, considerable: 4, general: 2}, minutes: 30}
  - {name: {zh: 灭火器}, kind: supply, class: supply_agent, unit: 具, at_least: {major: 2, low: 1}, per: people * 2, minutes: 1}
impact: {radius_m: {major: 200, considerable: 100}, targets: [学校]}
scenarios:
  - {title: {zh: 起火}, items: [s1], course: {zh: 起火。}, first_actions: [报警]}
"""  # noqa: E501
ITEM = "s1,甲,08,物,处,果,age;people,措施,,,\n"
TEXT = SOUND + RESPONSE


def found(folder: Path, text: str, checklist: str = ITEM) -> list[tuple[str, str, int | None]]:
    return [(one.severity, one.message_zh, one.line) for one in checked(folder, text, checklist, only="response")]


@pytest.mark.parametrize(
    ("old", "new", "says", "at"),
    [
        ("major: {owner: [city]", "major: {owner: [cty]", "管控层级“cty”不在", "cty"),
        ("major: {owner: [city]", "major: {owner: [unit]", "“重大”的管控层级比“较大”的低", "major: {owner"),
        (
            "[city], review_days: 30",
            "[city], review_days: 120",
            "“重大”的复核周期比“较大”的长",
            "major: {owner",
        ),
        ("major: 8", "major: 3", "“重大”的要求（3人）少于“较大”（4人）", "major: 3"),
        ("major: 2, low: 1", "major: 2, low: 1, general: 0", "“一般”的要求（0具）少于“低”（1具）", "general: 0"),
        ("class: team_repair", "class: team_repairs", "小类“team_repairs”不在代码表中", "team_repairs"),
        ("kind: team,", "kind: expert,", "类型expert与小类team_repair不符", "kind: expert"),
        ("{zh: 灭火器}", "{zh: 抢险队}", "“抢险队”列了两次", "per: people"),
        ("{major: 200,", "{major: 50,", "“影响半径”：“重大”的要求（50m）少于“较大”（100m）", "major: 50"),
    ],
)
def test_faults(tmp_path: Path, old: str, new: str, says: str, at: str) -> None:
    assert TEXT.count(old) == 1, old
    text = TEXT.replace(old, new)
    errors = [one for one in found(tmp_path, text) if one[0] == "error" and says in one[1]]
    assert len(errors) == 1 and errors[0][2] == line_of(text, at)


def test_a_sound_one_has_only_the_levels_that_are_not_named(tmp_path: Path) -> None:
    # `major: 2, low: 1` leaves 较大 and 一般 at 0, less than 低.
    assert [words for _, words, _ in found(tmp_path, TEXT) if "灭火器" not in words] == []
    sound = TEXT.replace("major: 2, low: 1", "major: 2, considerable: 1, general: 1, low: 1")
    assert found(tmp_path, sound) == []


def test_items_without_a_scenario_are_named(tmp_path: Path) -> None:
    text = TEXT.replace("major: 2, low: 1", "major: 2")
    ((severity, words, _),) = found(tmp_path, text, ITEM + "s2,乙,08,物,处,果,age;people,措施,,,\n")
    assert severity == "note" and "乙" in words and "甲" not in words


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{major: 8,", "{mayor: 8,", "no level 'mayor'.*did you mean major"),
        ("per: people * 2", "per: peple * 2", "peple.*did you mean people"),
        ("items: [s1]", "items: [s9]", "no checklist item 's9'"),
        ("{major: 8,", "{major: -8,", "greater than or equal to 0"),
        ("kind: team,", "kind: crew,", "'crew' is not allowed"),
    ],
)
def test_what_the_loader_refuses(tmp_path: Path, old: str, new: str, says: str) -> None:
    (tmp_path / "standard.yaml").write_text(TEXT.replace(old, new), encoding="utf-8")
    (tmp_path / "checklist.csv").write_text(
        "id,name_zh,accident_class,hazard_factor,where_zh,consequence_zh,fields,engineering_zh,technical_zh,"
        "management_zh,emergency_zh\n" + ITEM, encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(ProblemsError) as caught:
        load_standard(tmp_path)
    assert re.search(says, str(caught.value), re.DOTALL)
