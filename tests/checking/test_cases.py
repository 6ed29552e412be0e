"""The worked examples beside a standard: all shipped ones pass, and a failing one says where it went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.checking import run_cases
from kit.checking.cases import read_cases
from kit.errors import ProblemsError
from kit.standard import load_standard
from kit.standard.beside import CHECKLIST_COLUMNS

STANDARD = """\
format: 1
id: probe
version: 0.1.0
status: draft
provenance: illustrative
title: {zh: 试题}
department: transport
object: risk_source
fields:
  age: {label: {zh: 车龄}, type: number, range: [0, 15]}
  permit: {label: {zh: 许可}, type: boolean}
scores:
  risk:
    max:
      old: {bands: {of: age, at: [2, 4], scores: [1, 2, 3.25]}}
      illegal: {map: {of: permit, to: {true: 1, false: 3}}}
level:
  cuts: {of: risk, at: [2, 3], levels: [low, general, major]}
"""
CHECKLIST = ",".join(CHECKLIST_COLUMNS) + "\ni1,甲,08,物,处,果,permit,,,,\n"


def write(folder: Path, cases: str, checklist: str | None = None) -> Path:
    (folder / "standard.yaml").write_text(STANDARD, encoding="utf-8")
    (folder / "cases.yaml").write_text(cases, encoding="utf-8")
    if checklist:
        (folder / "checklist.csv").write_text(checklist, encoding="utf-8")
    return folder


def test_passing_cases(tmp_path: Path) -> None:
    cases = """\
- name: 按小数位比较
  input: {age: 5, permit: true}
  expect: {risk.old: 3.25, risk: 3.3, level: major}
- name: 清单条目
  item: i1
  input: {permit: true}
  expect: {risk.old: null, risk: 1, level: low, reason: null}
- name: 超出值域
  input: {age: 16, permit: true}
  error: {field: age, kind: out_of_range}
"""
    results = run_cases(load_standard(write(tmp_path, cases, CHECKLIST)))
    assert [(result.passed, result.differences, result.line) for result in results] == [
        (True, (), 1), (True, (), 4), (True, (), 8),
    ]  # fmt: skip
    assert results[0].outcome["risk"] == 3.25


def test_a_failing_case_names_the_first_node_that_differs(tmp_path: Path) -> None:
    cases = """\
- name: 期望写错
  input: {age: 3, permit: true}
  expect: {level: major, risk: 3, risk.old: 3, risk.illegal: 1}
- name: 应被拒绝
  input: {age: 3, permit: true}
  error: {field: age, kind: missing}
- name: 缺数据
  input: {age: null, permit: true}
  expect: {level: low}
"""
    wrong, accepted, missing = run_cases(load_standard(write(tmp_path, cases)))
    assert not wrong.passed and wrong.first == "risk.old", "leaves come before branches"
    assert wrong.differences == (
        "risk.old: expected 3, came 2.0",
        "risk: expected 3, came 2.0",
        "level: expected major, came general",
    )
    assert (
        not accepted.passed and "expected to be refused for missing:age, came level general" in accepted.differences[0]
    )
    assert missing.first == "level" and missing.differences == ("level: expected low, came None（车龄未填报）",)


@pytest.mark.parametrize(
    ("case", "line", "words"),
    [
        (
            "- name: a\n  input:\n    aeg: 3\n  expect: {level: low}",
            3,
            "'aeg' is no field; allowed: age, permit; did you mean age?",
        ),
        ("- name: a\n  input: {age: 3}\n  expect:\n    risk.odl: 1", 4, "did you mean risk.old?"),
        ("- name: a\n  item: i9\n  input: {age: 3}\n  expect: {level: low}", 2, "'i9' is no checklist item"),
        ("- name: a\n  input: {age: 3}", 1, "a case needs expect: or error:"),
        ("- name: a\n  inptu: {age: 3}\n  expect: {level: low}", 1, "required key 'input' is missing"),
        ("name: a", 1, "a list of cases"),
        ("- name: [a", 1, "damaged YAML"),
    ],
)
def test_mistakes_in_cases(tmp_path: Path, case: str, line: int, words: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        read_cases(load_standard(write(tmp_path, case)))
    (problem, *_) = [found for found in caught.value.problems if words in found.message] or [None]
    assert problem is not None, str(caught.value)
    assert problem.file is not None and problem.file.endswith("cases.yaml") and problem.line == line


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("  children: {tanks: [{q: 1}]}\n", "'tanks' is no child register"),
        ("  error: {field: aeg, kind: missing}\n", "'aeg' is unknown; .*did you mean age"),
        ("  error: {field: age, kind: mising}\n", "'mising' is no fault; .*did you mean missing"),
        ("  input: {age: three, permit: true}\n", "age"),
        ("  input: {age: 3, permit: maybe}\n", "permit"),
    ],
)
def test_values_that_cannot_be_meant(tmp_path: Path, case: str, words: str) -> None:
    given = "" if "input:" in case else "  input: {age: 3, permit: true}\n"
    with pytest.raises(ProblemsError, match=words):
        run_cases(load_standard(write(tmp_path, f"- name: a\n{given}{case}  expect: {{level: low}}\n")))


def test_no_cases(tmp_path: Path) -> None:
    (tmp_path / "standard.yaml").write_text(STANDARD, encoding="utf-8")
    assert run_cases(load_standard(tmp_path)) == []
