"""YAML that is damaged, hostile or merely odd: one clear error, and nothing built of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kit.errors import ProblemsError
from kit.standard.yaml_io import MAX_BYTES, read_yaml, read_yaml_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a: 1\nb: !shell 1", "!shell"),
        ("a: 1\nb: !shell [1, 2]", "!shell"),
        ("a: 1\nb: !shell {c: 1}", "!shell"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']", "!!python/object/apply:os.system"),
        ("a: 1\nb: !!set {c}", "!!set"),
        ("a: 1\nb: !!int '3'", "!!int"),
        ("a: 1\nb: !!binary aGVsbG8=", "!!binary"),
        ("a: 1\n!shell b: 1", "!shell"),
        ("a: 1\nb: != c", "!="),
        ("a: 1\nb: [1, != 2]", "!="),
    ],
)
def test_tags_are_refused_by_name(text: str, shown: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        read_yaml_text(text, "x.yaml")
    (problem,) = caught.value.problems
    assert f"the tag {shown} is not used here" in problem.message
    assert problem.file == "x.yaml" and problem.line == 2


def test_all_tags_at_once() -> None:
    with pytest.raises(ProblemsError) as caught:
        read_yaml_text("a: !x 1\nb: !y [1]\nc: !z {d: 1}")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("a: 1\nb: 2\na: 3", 'duplicate key "a": the same key stands twice', 3),
        ("a:\n  b: 1\n  b: 2", "the same key stands twice", 3),
        ("a: [1, 2\nb: 3", "damaged YAML", 2),
        ("a: 1\n\tb: 2", "damaged YAML", 2),
        ("a: 1\n---\nb: 2", "damaged YAML", 2),
        ("a: \x00", "damaged YAML", None),
        ("? [a, b]\n: 1", "a list or block cannot be a key", 1),
        ("x:\n  y:\n    ? {a: b}\n    : 1", "cannot be a key", 3),
        ("a: " + "[" * 70 + "]" * 70, "nested deeper than 60 levels", 1),
        ("[" * 100_000, "nested deeper than 60 levels", 1),
    ],
)
def test_damage(text: str, words: str, line: int | None) -> None:
    with pytest.raises(ProblemsError) as caught:
        read_yaml_text(text, "x.yaml")
    (problem,) = caught.value.problems
    assert words in problem.message
    assert problem.line == line


def test_aliases_cannot_swell() -> None:
    """Nine levels of nine aliases stand for 387 million values."""
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 9)]
    start = time.perf_counter()
    with pytest.raises(ProblemsError, match="200,000 values"):
        read_yaml_text("\n".join(lines))
    assert time.perf_counter() - start < 5


def test_plain_values_and_places() -> None:
    data, locate = read_yaml_text("a: 1\nb:\n  - {c: 2.5, d: yes}\n  - &x text\ne: *x\nf: {<<: {g: 1}, h: null}\n")
    assert data == {"a": 1, "b": [{"c": 2.5, "d": "yes"}, "text"], "e": "text", "f": {"g": 1, "h": None}}
    assert all(type(value) in (int, float, str) for value in (data["a"], data["b"][0]["c"], data["e"]))
    assert locate(("b", 0, "d")) == (3, 14)
    assert locate(("b", 1)) == (4, 5)
    assert locate(("b", 0, "nowhere")) == (3, 5), "the nearest known parent"
    assert locate(("nowhere",)) == (None, None)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    gbk = tmp_path / "gbk.yaml"
    gbk.write_bytes("a: 1\nb: 标准\n".encode("gb18030"))
    with pytest.raises(ProblemsError, match=r"gbk.yaml:2: not UTF-8 text \(saved as GBK\?\)"):
        read_yaml(gbk)
    with pytest.raises(ProblemsError, match=r"gkb.yaml: file not found; .*; did you mean gbk.yaml"):
        read_yaml(tmp_path / "gkb.yaml")
    with pytest.raises(ProblemsError, match="its folder does not exist"):
        read_yaml(tmp_path / "nowhere" / "a.yaml")
    big = tmp_path / "big.yaml"
    big.write_text("#" * (MAX_BYTES + 1), encoding="utf-8")
    with pytest.raises(ProblemsError, match="at most 4,000,000"):
        read_yaml(big)
    bom = tmp_path / "bom.yaml"
    bom.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(bom)[0] == {"a": 1}
