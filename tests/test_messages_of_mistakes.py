"""Mistakes of every kind, told in Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.checking.cases import read_cases, run_cases
from kit.errors import ProblemsError
from kit.messages import in_chinese
from kit.standard import load_standard
from kit.standard.expressions import ExpressionError, Symbol, parse_expression
from tests.checking import test_cases
from tests.chinese import english_left
from tests.standard import test_loader

MISTAKES = sorted((Path(__file__).parent / "standard" / "mistakes").glob("*.yaml"))


def assert_chinese(error: ProblemsError) -> None:
    assert error.problems
    for problem in error.problems:
        assert problem.message_zh != problem.message, problem.message
        assert english_left(problem.message_zh) == [], problem.message_zh
    head = error.text().splitlines()[0]
    assert "处错误" in head or "已发布的版本" in head, head


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_mistakes_of_standards(path: Path) -> None:
    with pytest.raises(ProblemsError) as caught:
        load_standard(path)
    assert_chinese(caught.value)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("limits", "cas,name,Q\na,甲,1\na,甲,2\n,乙,三\n"),
        ("limits", "cas,name,q\na,甲,1\n"),
        ("limits", "cas,name,Q\na,甲,1,2\nb,乙\n"),
        ("limits", "cas,Q,Q,name\na,1,2,甲\n"),
        ("limits", 'cas,name,Q\n"a,甲,1\n'),
        ("limits", 'cas,name,Q\n"a"b,甲,1\n'),
        ("limits", ""),
        ("limits", "cas,name,Q\na,甲,1\n".encode("gb18030")),
        ("checklist", test_loader.HEAD + "i1,甲,08,物,处,果,agee,,,,\ni1,乙,08,物,处,果,,,,,\n,丙,08,物,处,果,,,,,\n"),
        ("checklist", test_loader.HEAD.replace("fields", "feilds")),
        ("checklist", test_loader.HEAD + "i1,甲\n"),
        ("text", test_loader.BASE.replace("  risk: {bands", "  level: {bands").replace("of: risk", "of: level")),
        ("text", test_loader.BASE.replace("  permit: {", "  and: {")),
        ("text", test_loader.BASE.replace("  months: {", "  age: {")),
        ("text", test_loader.BASE.replace("range: [0, 15]", f"range: [0, 1{'0' * 400}]")),
        ("text", test_loader.BASE.replace("range: [0, 15]", "range: [0, .inf]")),
        ("text", test_loader.BASE.replace("range: [0, 15]", "range: [0]")),
        ("text", test_loader.BASE.replace("range: [0, 15]", "range: []")),
        ("text", test_loader.BASE.replace("range: [0, 15]", "range: [0, 1, 2]")),
        ("text", test_loader.BASE.replace("range: [0, 15]", "range: 15")),
        ("text", test_loader.BASE.replace("fields:", "effective: {from: soon}\nfields:")),
        ("text", test_loader.BASE.replace("fields:", "effective: {from: 2019-10-01 08:00:00}\nfields:")),
        ("text", test_loader.BASE.replace("{zh: 试题}", "{zh: ''}")),
        ("text", test_loader.BASE.replace("{zh: 试题}", "试题")),
        ("text", test_loader.BASE.replace("{zh: 试题}", "[试题]")),
        ("text", test_loader.BASE.replace("department: transport", "department: 2019-10-01")),
        ("text", test_loader.BASE.replace("format: 1", "format: 2")),
        ("text", test_loader.BASE.replace("format: 1", "format: one")),
        ("text", test_loader.BASE.replace("scores: [1, 2, 3]", "scores: 3")),
        ("text", test_loader.BASE.replace("scores: [1, 2, 3]}}", "scores: [1, 2, 3]}, weight: -0.0, full: 0}")),
        ("text", test_loader.BASE.replace("scores: [1, 2, 3]}}", "scores: [1, 2, 3]}, missing: wors}")),
        ("text", test_loader.BASE.replace("scores: [1, 2, 3]}}", "scores: [1, 2, 3]}, round: {digits: 12}}")),
        ("text", test_loader.BASE.replace("scores: [1, 2, 3]}}", "scores: [1, 2, 3]}, round: {digits: 1.5}}")),
        ("text", test_loader.BASE.replace("{bands: {of: age, at: [2, 4], scores: [1, 2, 3]}}",
                                          "{table: {inputs: [], hit: first, rows: [], otherwise: 1}}")),
        ("text", test_loader.BASE.replace("{bands: {of: age, at: [2, 4], scores: [1, 2, 3]}}",
            "{table: {inputs: [age, permit], hit: best, rows: [{when: [old, maybe], score: many}], otherwise: any}}")),
        ("text", test_loader.BASE.replace("{bands: {of: age, at: [2, 4], scores: [1, 2, 3]}}", "{map: age}")),
        ("text", test_loader.BASE.replace("{bands: {of: age, at: [2, 4], scores: [1, 2, 3]}}", "{max: []}")),
        ("text", test_loader.BASE.replace("{bands: {of: age, at: [2, 4], scores: [1, 2, 3]}}", "{deduct: x}")),
        ("text", test_loader.BASE + "controls: {low: {owner: 区, review_days: 0}}\n"),
        ("text", test_loader.BASE + "overrides: {id: o}\n"),
        ("text", test_loader.BASE + "references: [x]\n"),
        ("text", test_loader.BASE + "2: x\n"),
        ("text", test_loader.BASE + "[a]: x\n"),
        ("text", "- a\n- b\n"),
        ("text", "a: b: c\n"),
        ("text", "a: 'b\n"),
        ("text", "a: *b\n"),
        ("text", "a: \"\\q\"\n"),
        ("text", "a: b\n---\nc: d\n"),
        ("text", "a: @b\n"),
        ("text", "a: {b: c\n"),
        ("text", "a: [b: c\nd: e\n"),
        ("text", "a:\n  - b\n c: d\n"),
        ("text", "a:\n- b\nc\n"),
        ("text", "a: 'b' c\n"),
        ("text", "a：b\n"),
        ("text", ""),
        ("text", "[" * 80 + "]" * 80),
        ("text", "a: 试题".encode("gb18030")),
    ],
)  # fmt: skip
def test_mistakes_of_files(tmp_path: Path, kind: str, content: str | bytes) -> None:
    (tmp_path / "standard.yaml").write_text("", encoding="utf-8")
    if kind == "text":
        test_loader.write(tmp_path)
        (tmp_path / "standard.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    else:
        test_loader.write(tmp_path, **{kind: content})
    with pytest.raises(ProblemsError) as caught:
        load_standard(tmp_path)
    assert_chinese(caught.value)


@pytest.mark.parametrize(
    "formula",
    ["age =", "age = 3", "age + ", "(age", "age)", "[age)", "'age", "age，months", "3age", "01 + age",
     "age if permit", "age\\", "age is 3", "age in 3", "age in []", "age in ['a']", "age(3)",
     "round(age, age)", "min(age)", "age ** age", "age @ 2", "1e400 * age", "not age", "-permit",
     "permit > permit", "true", "age.x", "lambda: 3", "None", "3 4", "age\u00a0+ 1", "f'{age}'", "{age",
     "age <> 3", "age = = 3", "permit < True", "max(" * 60, "age; months", "1_000_0__0",
     "age if permit else permit", "≥3", "age×2"],
)  # fmt: skip
def test_mistakes_of_formulas(formula: str) -> None:
    names = {"age": Symbol("field:age", "number"), "permit": Symbol("field:permit", "boolean")}
    with pytest.raises(ExpressionError) as caught:
        parse_expression(formula, names, "number")
    told = caught.value.text()
    assert told != str(caught.value)
    assert english_left(told.partition("。例如")[0].replace("(or f-string)", "")) == [], told
    assert "写法有误" not in told, "Python's word for it has a Chinese one"


@pytest.mark.parametrize(
    "case",
    [
        "- name: a\n  input: {aeg: 3, permit: maybe}\n  expect: {risk.odl: 1}\n",
        "- name: a\n  item: i9\n  input: {age: three}\n",
        "- name: a\n  inptu: {age: 3}\n  expect: {level: low}\n",
        "- name: a\n  children: {tanks: [{q: 1}]}\n  input: {}\n  error: {field: aeg, kind: mising}\n",
        "- name: a\n  input: {}\n  error: {field: aeg, kind: missing}\n",
        "- {name: 3, input: [], expect: x}\n",
        "name: a\n",
        "- name: [a\n",
    ],
)
def test_mistakes_of_cases(tmp_path: Path, case: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        read_cases(load_standard(test_cases.write(tmp_path, case)))
    assert_chinese(caught.value)


def test_examples_that_fail(tmp_path: Path) -> None:
    cases = """\
- {name: a, input: {age: 3, permit: true}, expect: {level: major, risk: 3, override: x}}
- {name: b, input: {age: 3, permit: true}, error: {field: age, kind: missing}}
- {name: c, input: {age: null, permit: true}, expect: {level: low}}
- {name: d, input: {age: 3, permit: true}, expect: {level: null}}
"""
    results = run_cases(load_standard(test_cases.write(tmp_path, cases)))
    told = [in_chinese(difference) for result in results for difference in result.differences]
    assert told == [
        "“risk”应为 3，得出 2.0", "“override”应为 x，没有得出结果", "“level”应为 major，得出 general",
        "应因“missing:age”不予评分，却得出等级“general”，原因“空值”",
        "“level”应为 low，没有得出结果（车龄未填报）", "“level”应没有结果，得出 general",
    ]  # fmt: skip
