"""Editing YAML: just the wanted values change, all else stays to the byte."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import KitError, ProblemsError
from kit.standard.editing import EditMismatchError, differences, edit_yaml, rewrite_yaml, same
from kit.standard.editing_text import flow_text, scalar_text
from kit.standard.yaml_io import read_yaml_text
from tests.shipped import some_files
from tests.standard.yaml_texts import KEYS, SCALARS, collections, documents, leaves, values, written

TEXT = """\
# 标准
version: 0.1.0   # 版本
title: {zh: 车龄,   en: 'Age'}  # 名称
fields:
  age:
    {label: {zh: 平均车龄}, range: [0, 15],   # 上下限
     how: {zh: 登记日期}}
  # 第二项
  hours: {label: {zh: 时长}}

overrides:
  - id: a
    clause: "5.10"   # 条款

    when: age > 1
  - id: b
    # 说明
    clause: 6.3b
    when: |
      x > 1
      and y
# 完
"""


def at(data: Any, address: tuple[Any, ...]) -> Any:
    for step in address:
        data = data[step]
    return data


def put(data: Any, address: tuple[Any, ...], value: Any) -> Any:
    if not address:
        return value
    at(data, address[:-1])[address[-1]] = value
    return data


def lines_changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Return the lines gone and the lines come."""
    import difflib

    found = list(difflib.ndiff(before.splitlines(True), after.splitlines(True)))
    return [one[2:] for one in found if one[0] == "-"], [one[2:] for one in found if one[0] == "+"]


@pytest.mark.parametrize(
    ("address", "value", "old", "new"),
    [
        (("version",), "0.2.0", "version: 0.1.0   # 版本", "version: 0.2.0   # 版本"),
        (("version",), "1.0", "version: 0.1.0   # 版本", 'version: "1.0"   # 版本'),
        (("title", "en"), "It's", "en: 'Age'", "en: 'It''s'"),
        (("title", "zh"), "车龄, 年", "zh: 车龄,", 'zh: "车龄, 年",'),
        (("fields", "age", "range", 1), 20.5, "[0, 15]", "[0, 20.5]"),
        (("fields", "age", "range"), [1, 2, 3], "[0, 15]", "[1, 2, 3]"),
        (("fields", "age", "how"), {"zh": "a"}, "{zh: 登记日期}", "{zh: a}"),
        (("overrides", 0, "clause"), "5.11", '"5.10"   #', '"5.11"   #'),
        (("overrides", 1, "when"), "x > 2\nand y\n", "x > 1\n", "x > 2\n"),
        (("overrides", 1, "when"), "z", "|\n      x > 1\n      and y\n", "z\n"),
        (("overrides", 0, "when"), None, "age > 1", "null"),
        (("overrides", 1, "clause"), dt.date(2020, 1, 31), "6.3b", "2020-01-31"),
    ],
)
def test_a_value_is_replaced_and_nothing_else(address: tuple[Any, ...], value: Any, old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    assert edit_yaml(TEXT, {address: value}) == TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("address", "gone", "left"),
    [
        (("version",), "version: 0.1.0   # 版本\n", ""),
        (("title", "zh"), "zh: 车龄,   ", ""),
        (("title", "en"), ",   en: 'Age'", ""),
        (("fields", "hours"), "  hours: {label: {zh: 时长}}\n", ""),
        (("fields", "age", "range"), "range: [0, 15],   # 上下限\n", "   # 上下限\n"),
        (("fields", "age", "range", 0), "0, ", ""),
        (("fields", "age", "label", "zh"), "zh: 平均车龄", ""),
        (("overrides", 0, "id"), "id: a\n    clause", "clause"),
        (("overrides", 0, "clause"), '    clause: "5.10"   # 条款\n', ""),
        (("overrides", 1, "when"), "    when: |\n      x > 1\n      and y\n", ""),
    ],
)
def test_an_entry_is_removed(address: tuple[Any, ...], gone: str, left: str) -> None:
    assert TEXT.count(gone) == 1
    assert edit_yaml(TEXT, delete=[address]) == TEXT.replace(gone, left)


def test_the_only_entry_of_a_block_leaves_an_empty_one() -> None:
    assert edit_yaml("a:   # 注\n  b: 1\nc: 2\n", delete=[("a", "b")]) == "a: {}   # 注\nc: 2\n"
    assert edit_yaml("- b: 1\n- c\n", delete=[(0, "b")]) == "- {}\n- c\n"


@pytest.mark.parametrize(
    ("address", "value", "after", "new"),
    [
        (("fields", "age", "unit"), "年", "how: {zh: 登记日期}", ", unit: 年"),
        (("fields", "age", "range", 1), 7, "range: [0", ", 7"),
        (("overrides", 2), {"id": "c", "reason": {"zh": "因"}}, "and y\n", "  - id: c\n    reason: {zh: 因}\n"),
        (("overrides", 0), {"id": "c", "n": 1}, "overrides:\n  ", "- id: c\n    n: 1\n  "),
        (("overrides", 0, "note"), "1.5", "when: age > 1\n", '    note: "1.5"\n'),
        (("fields", "late"), {"label": {"zh": "晚"}}, "{label: {zh: 时长}}\n", "  late: {label: {zh: 晚}}\n"),
        (("status",), "draft", "and y\n", "status: draft\n"),
    ],
)
def test_an_entry_is_added_like_its_neighbour(address: tuple[Any, ...], value: Any, after: str, new: str) -> None:
    assert TEXT.count(after) == 1
    assert edit_yaml(TEXT, insert={address: value}) == TEXT.replace(after, after + new)


def test_a_value_below_its_key_is_the_model_of_a_new_one() -> None:
    text = "fields:\n  age:\n    {label: {zh: 龄}, unit: 年}\nx: 1\n"
    long = {"label": {"zh": "很长的名字" * 12}, "unit": "年", "how": {"zh": "很长的取数方法" * 8}}
    edited = edit_yaml(text, insert={("fields", "b"): long})
    first = f"{{label: {{zh: {long['label']['zh']}}}, unit: 年,"
    second = f"how: {{zh: {long['how']['zh']}}}}}"
    assert edited == text.replace("x: 1", f"  b:\n    {first}\n     {second}\nx: 1")
    windows = edit_yaml(text.replace("\n", "\r\n"), insert={("fields", "b"): long})
    assert windows == edited.replace("\n", "\r\n")


def test_deletion_and_insertion_in_one_go() -> None:
    edited = edit_yaml(
        "a: [1, 2, 3]\nb: {x: 1}\n",
        {("a", 1): 9},
        delete=[("a", 0), ("a", 2), ("b", "x")],
        insert={("a", 1): "z", ("b", "y"): True, ("b", "z"): [1]},
    )
    assert edited == "a: [9, z]\nb: {y: true, z: [1]}\n"


def test_an_empty_value_is_filled() -> None:
    assert edit_yaml("a:\nb:   # 注\nc: {d: , e}\n- \n".replace("- \n", ""), {
        ("a",): 1, ("b",): [1], ("c", "d"): "x", ("c", "e"): 2
    }) == "a: 1\nb: [1]   # 注\nc: {d: x , e: 2}\n"  # fmt: skip
    assert edit_yaml("-\n- 1\n-\n", {(0,): "x", (2,): "z"}) == "- x\n- 1\n- z\n"


def test_nothing_is_glued_to_an_empty_value() -> None:
    assert edit_yaml("{a: , b: }\n", insert={("c",): 1}) == "{a: , b: , c: 1 }\n"


def test_block_scalars_and_lists_beside_a_dash() -> None:
    text = "a: |   # 注\n  one\n\n# c\nb: >-\n  f\n  g\ne:\n- - 1\n  # 内\n  - 2\n-\n  k: v\n  l: |+\n    x\n\n"
    assert edit_yaml(text, {("a",): 1, ("b",): "h"}) == text.replace("|   # 注\n  one", "1").replace(
        ">-\n  f\n  g", "h"
    )
    assert edit_yaml(text, delete=[("e", 0, 0)]) == text.replace("- - 1\n  # 内\n  - 2", "- - 2")
    assert edit_yaml(text, delete=[("e", 0)]) == text.replace("- - 1\n  # 内\n  - 2\n", "")
    assert edit_yaml(text, insert={("e", 0, 2): "3"}) == text.replace("  - 2\n", '  - 2\n  - "3"\n')
    with pytest.raises(KitError, match="written with"):
        edit_yaml("? a\n: 1\nb: 2\n", delete=[("a",)])


def test_a_block_gives_way_to_a_single_value() -> None:
    assert edit_yaml("a:   # 注\n  - 1\n  - 2\nb: 1\n", {("a",): 5}) == "a: 5   # 注\nb: 1\n"
    assert edit_yaml("a:\n- 1\n- 2\nb: 1\n", {("a",): [5]}) == "a: [5]\nb: 1\n"
    assert edit_yaml("- a: 1\n  b: 2\n- c\n", {(0,): "x"}) == "- x\n- c\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x {b: 1}\nc: *x\n", ["&x", "*x", ":1:", "Write the values out"]),
        ("a: {<<: {b: 1}, c: 2}\n", ["merge key <<"]),
        ("a: [1\n", ["damaged"]),
        ("a: 1\na: 2\n", ["twice"]),
    ],
)
def test_texts_that_are_not_edited(text: str, words: list[str]) -> None:
    with pytest.raises(ProblemsError) as caught:
        edit_yaml(text, {("c",): 1})
    for word in words:
        assert word.strip(":") in str(caught.value)


def test_addresses_that_are_not_there() -> None:
    with pytest.raises(KitError, match=r"no 'fields\.agee'.*did you mean age"):
        edit_yaml(TEXT, {("fields", "agee"): 1})
    with pytest.raises(KitError, match=r"no 'overrides\.7'"):
        edit_yaml(TEXT, delete=[("overrides", 7)])
    with pytest.raises(KitError, match="already there"):
        edit_yaml(TEXT, insert={("version",): 1})
    with pytest.raises(KitError, match="place from 0 to 2"):
        edit_yaml(TEXT, insert={("overrides", 3): 1})
    with pytest.raises(KitError, match="single value"):
        edit_yaml(TEXT, insert={("version", "x"): 1})
    with pytest.raises(KitError, match="the same place"):
        edit_yaml(TEXT, {("title",): "x", ("title", "zh"): "y"})


def test_a_result_that_says_something_else_is_never_returned() -> None:
    # A pair without brackets in a list takes no second key; the attempt must not become another text.
    with pytest.raises(EditMismatchError):
        edit_yaml("a: [b: 1]\n", insert={("a", 0, "c"): 2})


def test_rewriting_recognises_items_by_id() -> None:
    data, _ = read_yaml_text(TEXT)
    new = copy.deepcopy(data)
    new["overrides"].insert(0, {"id": "z", "when": "q"})
    del new["overrides"][1]
    new["overrides"][1]["clause"] = "6.3c"
    gone, come = lines_changed(TEXT, rewrite_yaml(TEXT, new))
    assert [line.strip() for line in gone] == [
        "- id: a",
        'clause: "5.10"   # 条款',
        "",
        "when: age > 1",
        "clause: 6.3b",
    ]
    assert [line.strip() for line in come] == ["- id: z", "when: q", "clause: 6.3c"]


def test_another_id_is_a_renamed_item_where_the_rest_is_the_same() -> None:
    text = "- id: a\n  n: 1   # 注\n  m: 2\n- {id: b, n: 3}\n"
    edited = rewrite_yaml(text, [{"id": "z", "n": 1, "m": 2}, {"id": "b", "n": 3}])
    assert edited == text.replace("id: a", "id: z")


def test_new_keys_stand_after_the_key_before_them() -> None:
    assert rewrite_yaml("a: 1\nc: 3\n", {"a": 1, "b": 2, "c": 3}) == "a: 1\nb: 2\nc: 3\n"
    assert rewrite_yaml("{a: 1, c: 3}\n", {"a": 1, "b": 2, "c": 3}) == "{a: 1, b: 2, c: 3}\n"


def test_differences_by_address() -> None:
    before = {"a": [{"id": "x", "n": 1}, {"id": "y"}], "b": [1, 2], "c": 1}
    after = {"a": [{"id": "y"}, {"id": "x", "n": 2}], "b": [1, 2, 3], "c": 1.0}
    assert list(differences(before, after)) == [(("a", "x", "n"), 1, 2), (("b",), [1, 2], [1, 2, 3]), (("c",), 1, 1.0)]


@pytest.mark.parametrize("path", some_files().values(), ids=lambda path: path.parent.name)
def test_each_value_of_the_shipped_standards_can_be_set_in_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    data, _ = read_yaml_text(text)
    changes = {address: f"字 {number}" for number, address in enumerate(leaves(data))}
    edited = edit_yaml(text, changes)
    comments = [line[line.index("#") :] for line in text.splitlines() if line.lstrip().startswith("#")]
    assert [line[line.index("#") :] for line in edited.splitlines() if line.lstrip().startswith("#")] == comments
    assert len(edited.splitlines()) == len(text.splitlines())
    assert rewrite_yaml(text, data) == text


@pytest.mark.parametrize("text", ["-", "y", "No", "on", ">=3", "?", "=1", "~", "@a", "%"])
def test_texts_that_other_readers_take_for_something_else_are_quoted(text: str) -> None:
    assert scalar_text(text, True) == scalar_text(text, False) == f'"{text}"'


@given(value=SCALARS, flow=st.booleans(), style=st.sampled_from([None, "'", '"']))
def test_scalars_read_back_with_their_type(value: Any, flow: bool, style: str | None) -> None:
    text = scalar_text(value, flow, style)
    found, _ = read_yaml_text(f"[{{k: {text}}}, 1]" if flow else f"k: {text}\nl: 1\n")
    assert same(found[0]["k"] if flow else found["k"], value)


@given(value=values(least=0))
def test_flow_text_reads_back(value: Any) -> None:
    found, _ = read_yaml_text(f"- {flow_text(value)}\n")
    assert same(found, [value])


@settings(deadline=None, max_examples=60)
@given(data=documents(), source=st.data())
def test_random_values_are_set(data: dict[str, Any], source: st.DataObject) -> None:
    text = written(data, source.draw)
    found, _ = read_yaml_text(text.removeprefix("\ufeff"))
    assert same(found, data)
    there = leaves(data)
    changes = source.draw(st.dictionaries(st.sampled_from(there), st.one_of(SCALARS, values(least=0)), max_size=4))
    expected = copy.deepcopy(data)
    for address, value in changes.items():
        expected = put(expected, address, copy.deepcopy(value))
    edited = edit_yaml(text, changes)
    assert same(read_yaml_text(edited.removeprefix("\ufeff"))[0], expected)
    # Lines stay lines, but for those that hold a changed value.
    before, after = text.split("\n"), edited.split("\n")
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) <= len(changes)


@settings(deadline=None, max_examples=60)
@given(data=documents(), source=st.data())
def test_random_entries_are_removed(data: dict[str, Any], source: st.DataObject) -> None:
    text = written(data, source.draw)
    address = source.draw(st.sampled_from([place for place in [*leaves(data), *collections(data)] if place]))
    expected = copy.deepcopy(data)
    del at(expected, address[:-1])[address[-1]]
    edited = edit_yaml(text, delete=[address])
    assert same(read_yaml_text(edited.removeprefix("\ufeff"))[0], expected)
    gone, come = lines_changed(text, edited)
    assert len(come) <= 2
    assert len(gone) <= len(text.splitlines())


@settings(deadline=None, max_examples=60)
@given(data=documents(), source=st.data())
def test_random_entries_are_added(data: dict[str, Any], source: st.DataObject) -> None:
    text = written(data, source.draw)
    parent = source.draw(st.sampled_from(collections(data)))
    value = source.draw(values(least=0))
    inside = at(data, parent)
    if isinstance(inside, dict):
        step: Any = source.draw(KEYS.filter(lambda key: key not in inside))
    else:
        step = source.draw(st.integers(0, len(inside)))
    expected = copy.deepcopy(data)
    if isinstance(inside, dict):
        at(expected, parent)[step] = value
    else:
        at(expected, parent).insert(step, value)
    edited = edit_yaml(text, insert={(*parent, step): value})
    assert same(read_yaml_text(edited.removeprefix("\ufeff"))[0], expected)
    gone, _ = lines_changed(text, edited)
    assert len(gone) <= 1
    # Removing it again gives the text back, but for a last line end that was missing.
    again = edit_yaml(edited, delete=[(*parent, step)])
    assert same(read_yaml_text(again.removeprefix("\ufeff"))[0], data)


@settings(deadline=None, max_examples=60)
@given(data=documents(), target=documents(), source=st.data())
def test_any_text_can_be_made_to_say_anything(
    data: dict[str, Any], target: dict[str, Any], source: st.DataObject
) -> None:
    mixed = {**data, **target} if source.draw(st.booleans()) else target
    text = written(data, source.draw)
    edited = rewrite_yaml(text, mixed)
    assert same(read_yaml_text(edited.removeprefix("\ufeff"))[0], mixed)
    assert rewrite_yaml(text, data) == text
