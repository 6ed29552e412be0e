"""Each check finds its fault in a small standard, says where, and is silent about a sound one."""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from kit.checking.bounds import Reach
from kit.checking.checks.code_names import Entry, name_faults, read_entries, right_check_digit, same_substance
from kit.checking.checks.references import years
from kit.checking.findings import Finding
from kit.checking.registry import Check, all_checks, check_standard
from kit.scoring import score
from kit.standard import load_standard, standard_files
from kit.standard.beside import CHECKLIST_COLUMNS
from kit.standard.fields import FieldSpec

GB18218 = Path(__file__).parents[1] / "cases" / "gb18218_major_hazard" / "transcription_with_errors.csv"

SOUND = """\
format: 1
id: sound
version: 0.0.1
status: draft
provenance: illustrative
title: {zh: 试题}
department: commerce
object: risk_source
effective: {from: 2019-10-01, to: null}
references:
  - {id: GB 18218-2018, title: 辨识, checked: true}
clauses:
  "5": {title: {zh: 指标}}
  "5.1": {title: {zh: 可能性指标}}
  "5.1.1": {text: [{zh: "年限达到8年的计5分，按GB/T 50016—2014第4.3条取数"}]}
  "5.1.2": {title: {zh: 种类指标}}
  "5.2": {title: {zh: 后果指标}}
  "5.2.1": {title: {zh: 人数指标}}
  "6": {title: {zh: 调整}}
  "6.1": {title: {zh: 直接判定}}
  "7": {text: [{zh: 每季度更新一次}], rule: false}
fields:
  age: {label: {zh: 年限}, type: number, unit: 年, range: [0, 15], worse: higher, required: true}
  people: {label: {zh: 人数}, type: integer, unit: 人, range: [0, 5], worse: higher, required: true}
  kind: {label: {zh: 种类}, type: category, values: {a: 甲, b: 乙}, required: true}
  licensed: {label: {zh: 有证}, type: boolean, worse: lower, required: true}
scores:
  likelihood:
    label: {zh: 可能性}
    weighted_mean:
      age:
        {weight: 0.4, clause: 5.1.1, label: {zh: 年限}, bands: {of: age, at: [2, 4, 6, 8], scores: [1, 2, 3, 4, 5]}}
      kind: {weight: 0.6, clause: 5.1.2, label: {zh: 种类}, map: {of: kind, to: {a: 1, b: 5}}}
    round: {digits: 0, mode: half_up}
  severity:
    label: {zh: 后果}
    max:
      people: {clause: 5.2.1, label: {zh: 人数}, bands: {of: people, at: [1, 2, 3, 4], scores: [1, 2, 3, 4, 5]}}
level:
  matrix: {use: ls_5x5, likelihood: likelihood, severity: severity}
overrides:
  - {id: unlicensed, clause: 6.1a, when: not licensed, at_least: major, reason: {zh: 无证}}
controls:
  major: {owner: [city], review_days: 30}
  considerable: {owner: [district], review_days: 90}
  general: {owner: [street], review_days: 90}
  low: {owner: [unit], review_days: 90}
"""
HEAD = ",".join(CHECKLIST_COLUMNS) + "\n"


def checked(folder: Path, text: str, checklist: str | None = None, only: str | None = None) -> list[Finding]:
    (folder / "standard.yaml").write_text(text, encoding="utf-8")
    if checklist is not None:
        (folder / "checklist.csv").write_text(HEAD + checklist, encoding="utf-8")
    checks = all_checks()
    return check_standard(load_standard(folder), {only: checks[only]} if only else checks)


def changed(old: str, new: str) -> str:
    assert SOUND.count(old) == 1, old
    return SOUND.replace(old, new)


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if words in line)


def test_a_sound_standard_has_no_findings(tmp_path: Path) -> None:
    assert checked(tmp_path, SOUND, "s1,甲,08,物,处,果,age;people,措施,,,\n") == []


# check, severity, what is replaced, by what, words of the message, words in the line where it must be placed
FAULTS = [
    ("bands", "error", "at: [2, 4, 6, 8]", "at: [2, 4, 6, 80]", "永远取不到.*[80, ∞)", "at: [2, 4, 6, 80]"),
    ("bands", "warning", "at: [2, 4, 6, 8]", "at: [0, 4, 6, 8]", "永远取不到.*(-∞, 0)", "bands: {of: age"),
    (
        "bands",
        "error",
        "{of: people, at: [1, 2, 3, 4]",
        "{of: people, at: [1, 1.2, 1.8, 4]",
        "[1.2, 1.8)",
        "people, at",
    ),
    (
        "bands",
        "warning",
        "scores: [1, 2, 3, 4, 5]}}\n      kind",
        "scores: [1, 2, 2, 4, 5]}}\n      kind",
        "分界4两侧都是2分",
        "of: age",
    ),
    (
        "bands",
        "warning",
        "scores: [1, 2, 3, 4, 5]}}\n      kind",
        "scores: [5, 4, 3, 2, 1]}}\n      kind",
        "越高越不利，分值却相反",
        "of: age",
    ),
    (
        "bands",
        "warning",
        "scores: [1, 2, 3, 4, 5]}}\n      kind",
        "scores: [1, 2, 5, 4, 5]}}\n      kind",
        "先升后降",
        "of: age",
    ),
    ("map", "warning", "to: {a: 1, b: 5}", "to: {a: 5, b: 5}", "分不出高低", "to: {a: 5"),
    (
        "map",
        "error",
        "map: {of: kind, to: {a: 1, b: 5}}",
        "map: {of: people, to: {0: 1, 1: 1, 2: 2, 3: 2, 5: 5}}",
        "没有给people = 4分值",
        "of: people, to",
    ),
    (
        "map",
        "warning",
        "map: {of: kind, to: {a: 1, b: 5}}",
        "map: {of: people, to: {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 5, 9: 5}}",
        "列了9",
        "of: people, to",
    ),
    ("matrix", "error", "    round: {digits: 0, mode: half_up}\n", "", "可以是任意小数", "matrix: {use"),
    ("matrix", "error", "[1, 2, 3, 4, 5]}}\nlevel", "[1, 2, 3, 4, 7]}}\nlevel", "可以得7分", "matrix: {use"),
    (
        "matrix",
        "warning",
        "[1, 2, 3, 4, 5]}}\nlevel",
        "[1, 2, 3, 3, 4]}}\nlevel",
        "后果严重性 = 5永远取不到",
        "matrix: {use",
    ),
    (
        "levels",
        "warning",
        "at: [1, 2, 3, 4], scores: [1, 2, 3, 4, 5]",
        "at: [1], scores: [1, 1]",
        "等级“较大”没有任何规则",
        "level:",
    ),
    ("levels", "warning", "  low: {owner: [unit], review_days: 90}\n", "", "等级“低”没有分级管控要求", "controls:"),
    ("weights", "warning", "weight: 0.6", "weight: 0.5", "之和为0.9", "weighted_mean:"),
    ("unused", "warning", "when: not licensed", "when: age > 14", "“有证”（licensed）没有任何指标", "licensed: {label"),
    ("declarations", "error", "unit: 年, range: [0, 15], ", "unit: 年, ", "没有取值范围", "age: {label"),
    ("declarations", "note", "type: number, unit: 年, ", "type: number, ", "没有单位", "age: {label"),
    ("declarations", "note", "range: [0, 15], worse: higher", "range: [0, 15]", "没有说明高了不利", "age: {label"),
    ("clauses", "warning", "clause: 5.1.2, ", "", "“种类”没有条款号", "kind: {weight"),
    ("clauses", "error", "clause: 5.2.1", "clause: 5.2.7", "引用的第5.2.7条不在条款表中", "people: {clause"),
    ("clauses", "warning", "每季度更新一次}], rule: false", "每季度更新一次}]", "第7条没有任何规则", '"7":'),
    ("clauses", "warning", "{title: {zh: 种类指标}}", "{title: {zh: 种类指标}, rule: false}", "却引用它", '"5.1.2":'),
    ("clauses", "note", '  "5.1": {title: {zh: 可能性指标}}\n', "", "没有它上面的第5.1条", '"5.1.1":'),
    ("clause_numbers", "warning", "年限达到8年的计5分", "年限达到9年的计5分", "有“9”，这一条的规则里没有", "年限达到"),
    ("clauses", "warning", "clause: 5.2.1", "clause: 5.1.1", "“年限”条款号相同", "people: {clause"),
    ("references", "warning", "GB 18218-2018", "GB 18218", "没有年份", "GB 18218"),
    ("references", "note", "checked: true", "checked: false", "还没有核对原文", "checked: false"),
    ("references", "warning", "GB 18218-2018", "GB 18218-2030", "晚于本标准的施行日期", "2030"),
    (
        "references",
        "warning",
        "checked: true}",
        "checked: true, note: 2019-11-01起施行}",
        "晚于本标准的施行日期",
        "GB 18218",
    ),
    (
        "references",
        "error",
        "reason: {zh: 无证}",
        "reason: {zh: 无证}, basis: 交办运〔2023〕52号",
        "却没有标later",
        "unlicensed",
    ),
    (
        "references",
        "warning",
        "reason: {zh: 无证}",
        "reason: {zh: 无证}, provenance: found",
        "没有写依据",
        "unlicensed",
    ),
    ("overrides", "error", "when: not licensed", "when: age > 15", "永远不成立", "age > 15"),
    ("overrides", "error", "when: not licensed", "when: age >= 0", "总是成立", "when: age"),
    ("overrides", "error", "at_least: major", "at_least: low", "任何等级本来如此", "at_least: low"),
    ("overrides", "error", "clause: 5.1.2, ", "clause: 5.1.2, applies_when: age < 0, ", "永远不适用", "age < 0"),
]


@pytest.mark.parametrize(("check", "severity", "old", "new", "words", "place"), FAULTS)
def test_each_fault_is_found_in_its_place(
    tmp_path: Path, check: str, severity: str, old: str, new: str, words: str, place: str
) -> None:
    text = changed(old, new)
    pattern = ".*".join(re.escape(part) for part in words.split(".*"))
    found = [one for one in checked(tmp_path, text, only=check) if re.search(pattern, one.message_zh)]
    assert len(found) == 1, [one.text() for one in checked(tmp_path, text, only=check)]
    assert found[0].severity == severity
    assert found[0].line == line_of(text, place)
    assert found[0].file == str(tmp_path / "standard.yaml")
    assert found[0].message_en
    assert found[0].remedy_zh


NORMALISED = """\
scores:
  s:
    label: {zh: 综合}
    geometric_mean:
      age: {clause: "5.1", label: {zh: 年限}, HOW}
      people: {clause: "5.2", label: {zh: 人数}, bands: {of: people, at: [1, 2], scores: [1, 2, 3]}}
level:
  cuts: {of: s, at: [1, 2, 3], levels: [low, general, considerable, major]}
"""


@pytest.mark.parametrize(
    ("check", "severity", "how", "words"),
    [
        (
            "normalise",
            "error",
            "of: age, log: true, min_max: {goalposts: [1, 10], outside: clamp}",
            "可以是0，没有对数",
        ),
        ("normalise", "error", "of: age, min_max: {goalposts: [20, 30]}", "取值范围0至15之外"),
        ("normalise", "warning", "of: age, min_max: {goalposts: [2, 30]}", "可以超出标杆值2至30"),
        ("normalise", "note", "of: age, min_max: {}", "发布时按所给数据固定为数值"),
        ("means", "warning", "of: age, min_max: {goalposts: [2, 30]}", "可以是-0.07.*“综合”没有值"),
        ("means", "warning", "of: age, z_score: {}", "没有下限.*“综合”没有值"),
        ("means", "note", "of: age, min_max: {goalposts: [0, 30]}", "都是0"),
    ],
)
def test_normalised_values_and_their_means(tmp_path: Path, check: str, severity: str, how: str, words: str) -> None:
    text = SOUND[: SOUND.index("scores:\n")] + NORMALISED.replace("HOW", f"normalise: {{{how}}}")
    found = [one for one in checked(tmp_path, text, only=check) if re.search(words, one.message_zh)]
    assert [one.severity for one in found] == [severity], [one.text() for one in checked(tmp_path, text)]
    assert found[0].line == line_of(text, "年限}, normalise")
    assert not checked(tmp_path, text.replace(how, "of: age, to: [1, 5], min_max: {goalposts: [0, 15]}"), only=check)


def test_a_direction_against_worse(tmp_path: Path) -> None:
    bands = "bands: {of: age, at: [2, 4, 6, 8], scores: [1, 2, 3, 4, 5]}"
    rising = "normalise: {of: age, min_max: {goalposts: [0, 15]}, to: [1, 5]}"
    assert not checked(tmp_path, changed(bands, rising), only="normalise")
    for falling in (rising.replace("[1, 5]", "[5, 1]"), rising.replace("to:", "direction: down, to:")):
        (found,) = checked(tmp_path, changed(bands, falling), only="normalise")
        assert "归一化的方向却相反" in found.message_zh and found.severity == "warning"


def test_a_field_by_which_a_required_resource_is_multiplied_is_used(tmp_path: Path) -> None:
    storeys = "  storeys: {label: {zh: 层数}, type: integer, unit: 层, range: [1, 50]}\n"
    text = SOUND.replace("scores:\n", storeys + "scores:\n", 1)
    assert ["storeys" in one.message_zh for one in checked(tmp_path, text, only="unused")] == [True]
    masks = "  - {name: {zh: 面罩}, kind: equipment, class: equip_ppe, unit: 具, minutes: 5, at_least: {major: 4}"
    masks += ", per: storeys}"
    assert checked(tmp_path, f"{text}resources:\n{masks}\n", only="unused") == []


def test_every_kind_of_node_is_examined_by_some_check() -> None:
    from kit.standard.tree import KINDS

    assert set(KINDS) == {kind for one in all_checks().values() for kind in one.examines}


def test_points_keep_the_cuts_of_the_level_within_reach(tmp_path: Path) -> None:
    standard = load_standard("emergency_capability")
    text = standard.path.read_text(encoding="utf-8")
    assert "at: [600, 750, 900]" in text
    (tmp_path / "standard.yaml").write_text(
        text.replace("at: [600, 750, 900]", "at: [600, 750, 1001]"), encoding="utf-8"
    )
    found = check_standard(load_standard(tmp_path), {"levels": all_checks()["levels"]})
    assert [one.severity for one in found if "“优”这一档永远取不到" in one.message_zh] == ["error"]


@pytest.mark.parametrize("name", ["taxi", "catering", "hazardous_chemicals", "emergency_capability"])
def test_bounds_leave_no_possible_value_out(name: str) -> None:
    standard = load_standard(name)
    rng = random.Random(20191001)
    frame = pd.DataFrame({field: _values(spec, rng, 300) for field, spec in standard.fields.items()})
    frame = frame[[field for field in frame.columns if field in standard.fields]]
    scored = score(standard, frame)
    reach = Reach(standard)
    for path in standard.nodes:
        values = {round(value, 9) for value in scored[path].dropna().tolist()}
        assert [value for value in values if not reach.node(path).may_be(value)] == [], path
    assert scored["level"].notna().sum() > 100


def _values(spec: FieldSpec, rng: random.Random, count: int) -> pd.Series:
    if spec.numeric:
        assert spec.range is not None
        low, high = spec.range
        draw = [
            rng.choice([low, high, rng.uniform(low, high), low + (high - low) * rng.random() ** 4])
            for _ in range(count)
        ]
        return pd.Series([float(int(value)) if spec.type == "integer" else value for value in draw])
    if spec.type == "boolean":
        return pd.Series([rng.random() < 0.5 for _ in range(count)], dtype="boolean")
    return pd.Series([rng.choice(list(spec.values or {"x": "x"})) for _ in range(count)], dtype="str")


def test_counter_examples_are_concrete(tmp_path: Path) -> None:
    text = changed("map: {of: kind, to: {a: 1, b: 5}}", "map: {of: people, to: {0: 1, 1: 1, 2: 2, 3: 2, 5: 5}}")
    assert [one.counter_example for one in checked(tmp_path, text, only="map")] == [{"people": 4.0}]


def test_a_field_that_only_counts_resources_is_used(tmp_path: Path) -> None:
    field = (
        "  floors: {label: {zh: 层数}, type: integer, unit: 层, range: [1, 60], required: true}\nscores:\n  likelihood:"
    )
    idle = changed("scores:\n  likelihood:", field)
    assert ["floors" in one.message_zh for one in checked(tmp_path, idle, only="unused")] == [True]
    counted = (
        "  - {name: {zh: 引导员}, kind: team, class: team_guide, unit: 人, at_least: {low: 1}, per: floors, minutes: 3}"
    )
    text = idle.replace("controls:", f"resources:\n{counted}\ncontrols:", 1)
    assert checked(tmp_path, text, only="unused") == []


def test_repeated_override(tmp_path: Path) -> None:
    again = "  - {id: again, clause: 6.1b, when: not licensed, at_least: major, reason: {zh: 又无证}}\ncontrols:"
    found = checked(tmp_path, changed("controls:", again), only="overrides")
    assert [one.clause for one in found] == ["6.1b"]
    assert "与前面的unlicensed" in found[0].message_zh


@pytest.mark.parametrize(("per", "messages"), [("", ["中间值pairs没有用到"]), ("per: pairs, ", [])])
def test_what_a_resource_is_multiplied_by_is_used(tmp_path: Path, per: str, messages: list[str]) -> None:
    text = (
        changed("scores:\n", "derived:\n  pairs: {formula: people / 2}\nscores:\n")
        + "resources:\n  - {name: {zh: 担架}, kind: equipment, class: equip_rescue, unit: 副, "
        + f"at_least: {{major: 1}}, {per}minutes: 5}}\n"
    )
    assert [one.message_zh for one in checked(tmp_path, text, only="unused")] == messages


@pytest.mark.parametrize(
    ("item", "severity", "words"),
    [
        ("s1,甲,08,物,处,果,age;people,", "error", "没有管控措施"),
        ("s1,甲,08,物,处,果,age;people;licensed,措施", "note", "没有指标用到的采集项：licensed"),
        ("s1,甲,08,物,处,果,age,措施", "error", "没有后果指标"),
        ("s1,甲,08,物,处,果,people,措施", "error", "没有可能性指标"),
        ("s1,甲,99,物,处,果,age;people,措施", "error", "事故类别“99”"),
    ],
)
def test_checklist(tmp_path: Path, item: str, severity: str, words: str) -> None:
    found = checked(tmp_path, SOUND, "s0,乙,08,物,处,果,age;people,措施,,,\n" + item + ",,,\n", only="checklist")
    assert [(one.severity, one.line) for one in found] == [(severity, 3)]
    assert words in found[0].message_zh
    assert found[0].file == str(tmp_path / "checklist.csv")


def test_matrix_that_falls(tmp_path: Path) -> None:
    common = tmp_path / "common"
    shutil.copytree(standard_files()["taxi"].parents[2] / "common", common)
    file = common / "matrices.yaml"
    text = file.read_text(encoding="utf-8")
    wrong = text.replace(
        "[general, considerable, considerable, major,        major]",
        "[general, considerable, considerable, general, major]",
    )
    assert wrong != text
    file.write_text(wrong, encoding="utf-8")
    (tmp_path / "standard.yaml").write_text(SOUND, encoding="utf-8")
    found = check_standard(load_standard(tmp_path, common=common), {"matrix": all_checks()["matrix"]})
    assert {one.severity for one in found} == {"error"}
    assert {"可能性": [5.0, 5.0], "后果严重性": [3.0, 4.0]} in [one.counter_example for one in found]
    assert {"可能性": [4.0, 5.0], "后果严重性": [4.0, 4.0]} in [one.counter_example for one in found]


CUTS = changed(
    "  matrix: {use: ls_5x5, likelihood: likelihood, severity: severity}",
    "  cuts: {of: likelihood * severity, at: [4, 9, 20], levels: [low, general, considerable, major]}",
)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("at: [4, 9, 20]", "at: [4, 9, 26]", "“重大”这一档永远取不到"),
        ("levels: [low, general, considerable, major]", "levels: [low, general, general, major]", "不起作用"),
        ("levels: [low, general, considerable, major]", "levels: [low, considerable, general, major]", "先升后降"),
        ("major]}", "major]}\n  only_when: {formula: age >= 0, otherwise: low}", "总是true"),
    ],
)
def test_cuts_of_the_level(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert CUTS.count(old) == 1
    found = checked(tmp_path, CUTS.replace(old, new), only="levels")
    assert any(words in one.message_zh for one in found), [one.text() for one in found]


def test_a_check_that_breaks_is_an_error_and_not_silence(tmp_path: Path) -> None:
    (tmp_path / "standard.yaml").write_text(SOUND, encoding="utf-8")

    def broken(context: object) -> list[Finding]:
        raise ZeroDivisionError("oh")

    found = check_standard(load_standard(tmp_path), {"broken": Check("broken", "nothing", broken)})
    assert [(one.check, one.severity) for one in found] == [("broken", "error")]
    assert "ZeroDivisionError: oh" in found[0].message_zh
    assert "could not be checked" in found[0].message_en


# -- names against identifiers -----------------------------------------------------------------------------


def reviewed() -> list[Entry]:
    return read_entries(standard_files()["gb18218"].parent / "critical_quantity.csv", "cas")


def test_every_error_of_the_transcription_is_found() -> None:
    entries = read_entries(GB18218, "cas")
    assert len(entries) == 8
    assert all(right_check_digit(entry.code) for entry in entries)  # so the check digit alone finds none of them
    reference = {entry.code: entry.name for entry in reviewed()}
    found = {entry.line for entry, *_ in name_faults(entries, reference)}
    assert found == {entry.line for entry in entries}


def test_the_reviewed_list_agrees_with_itself() -> None:
    entries = reviewed()
    assert len(entries) > 100
    assert list(name_faults(entries, {entry.code: entry.name for entry in entries})) == []


def test_the_transcription_as_a_table_of_a_standard(tmp_path: Path) -> None:
    source = standard_files()["gb18218"].parent
    shutil.copytree(source, tmp_path / "copied")
    with GB18218.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    with (tmp_path / "copied" / "critical_quantity.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["cas", "name_zh", "Q", "beta"])
        writer.writerows([[row["cas"], row["name_as_transcribed"], row["threshold_t"], ""] for row in rows])
    found = check_standard(load_standard(tmp_path / "copied"), {"code_names": all_checks()["code_names"]})
    compared = [one for one in found if "核对过的代码表中是" in one.message_zh]
    assert sorted(one.line or 0 for one in compared) == list(range(2, 10))
    assert {one.severity for one in found} == {"error"}
    # 氯化氢 stands twice, for two numbers, neither of which is its own.
    assert any("有两个代码" in one.message_zh for one in found)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([Entry(2, "7664-41-8", "氨")], "校验位"),
        ([Entry(2, "7664-41-7", "氨"), Entry(3, "7664-41-7", "氯")], "第2行叫"),
        ([Entry(2, "7664-41-7", "氨"), Entry(3, "7782-50-5", "氨")], "有两个代码"),
    ],
)
def test_names_and_codes_within_a_list(entries: list[Entry], words: str) -> None:
    found = list(name_faults(entries, {}))
    assert len(found) == 1
    assert words in found[0][1]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("碳酰氯（光气）", "光气", True),
        ("氯化氢（无水）", "氯化氢", True),
        ("甲醛(含量>90%)", "甲醛（含量>90%）", True),
        ("甲醇(含量>90%)", "甲醛（含量>90%）", False),
        ("氢(压缩的或液化的)", "氧（压缩的或液化的）", False),
        ("硝酸（发红烟的除外）", "发烟硝酸", False),
    ],
)
def test_same_substance(one: str, other: str, same: bool) -> None:
    assert same_substance(one, other) is same


# -- years, shipped standards, command line --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("GB 50016-2014（2018年版）", [2014, 2018]),
        ("交办运〔2023〕52号", [2023]),
        ("国务院令第493号", []),
        ("原安监总局令第40号", []),
        ("DB11/T 1322.39-2018", [2018]),
        ("三年工作方案（2019年-2021年）", [2019]),
        ("GB/T 2025.1", []),
    ],
)
def test_years(text: str, found: list[int]) -> None:
    assert years(text) == found


def run(*arguments: str) -> tuple[int, str]:
    from kit.cli.standard_check import check_command

    app = typer.Typer()
    app.command()(check_command)
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout


def test_command_exits_1_on_an_error_only(tmp_path: Path) -> None:
    (tmp_path / "standard.yaml").write_text(SOUND, encoding="utf-8")
    assert run(str(tmp_path)) == (0, "错误 0  警告 0  提示 0\n")
    (tmp_path / "standard.yaml").write_text(changed("weight: 0.6", "weight: 0.5"), encoding="utf-8")
    code, out = run(str(tmp_path), "--lang", "en")
    assert code == 0
    assert "[warning]" in out and "the weights sum to 0.9, not 1" in out
    (tmp_path / "standard.yaml").write_text(changed("when: not licensed", "when: age > 15"), encoding="utf-8")
    code, out = run(str(tmp_path), "--json", "--severity", "error")
    assert code == 1
    findings = json.loads(out)
    assert [(one["check"], one["severity"]) for one in findings] == [("overrides", "error")]
    assert findings[0]["line"] == line_of(changed("when: not licensed", "when: age > 15"), "age > 15")


def test_command_shows_what_the_loader_refuses(tmp_path: Path) -> None:
    (tmp_path / "standard.yaml").write_text(changed("type: number", "type: numbr"), encoding="utf-8")
    code, out = run(str(tmp_path))
    assert code == 1
    assert "是不是想写“number”？" in out
