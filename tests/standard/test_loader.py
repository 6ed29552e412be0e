"""Finding standards, and what lies beside them: lookup tables and the suggestion list."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from kit.errors import KitError, ProblemsError
from kit.standard import Standard, find_standard, load_all, load_standard, read_matrices, read_scales, standard_files
from kit.standard.beside import CHECKLIST_COLUMNS

BASE = """\
format: 1
id: probe
version: 0.1.0
status: draft
provenance: illustrative
title: {zh: 试题}
department: transport
object: risk_source
tables:
  limits: {file: limits.csv, key: cas, values: {Q: {type: number}, name: {type: text}}}
fields:
  age: {label: {zh: 车龄}, type: number, range: [0, 15]}
  permit: {label: {zh: 许可}, type: boolean}
derived:
  months: {formula: age * 12}
scores:
  risk: {bands: {of: age, at: [2, 4], scores: [1, 2, 3]}}
level:
  cuts: {of: risk, at: [2, 3], levels: [low, general, major]}
"""
LIMITS = "cas,name,Q\na,甲,1\nb,乙,\n"
HEAD = ",".join(CHECKLIST_COLUMNS) + "\n"
OVERRIDE = "overrides:\n  - {{id: o, clause: '6.1', when: {when}, set: major, reason: {{zh: 由}}}}\n"


def write(folder: Path, text: str = BASE, limits: str | bytes = LIMITS, checklist: str | bytes | None = None) -> Path:
    for name, content in (("standard.yaml", text), ("limits.csv", limits), ("checklist.csv", checklist)):
        if content is not None:
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(ProblemsError) as caught:
        load_standard(folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_ids_versions_and_paths() -> None:
    path = standard_files()["taxi"]
    version = load_standard("taxi").version
    for reference in ("taxi", "taxi@draft", f"taxi@{version}", str(path), path, path.parent):
        assert find_standard(reference) == path
        assert load_standard(reference).label == f"taxi@{version}"
    with pytest.raises(KitError, match=r"no standard 'taxy'; there are: .*; did you mean taxi\?, or give a path"):
        find_standard("taxy")
    with pytest.raises(KitError, match=f"taxi has no version '9.9.9'; there are: {version}"):
        find_standard("taxi@9.9.9")
    with pytest.raises(ProblemsError, match="file not found"):
        load_standard(path.with_name("standrad.yaml"))


def test_versions_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What publishing makes of a version is in tests/checking/test_publishing.py."""
    common = Path(__file__).resolve().parents[2] / "standards" / "common"
    (tmp_path / "notebooks").mkdir()
    folder = tmp_path / "standards" / "transport" / "probe"
    frozen = folder / "versions" / "0.0.9"
    frozen.mkdir(parents=True)
    write(folder)
    write(frozen, BASE.replace("0.1.0", "0.0.9"))
    (tmp_path / "standards" / "common").mkdir()
    for name in ("scales.yaml", "matrices.yaml"):
        (tmp_path / "standards" / "common" / name).write_bytes((common / name).read_bytes())
    monkeypatch.setenv("KIT_HOME", str(tmp_path))
    assert list(standard_files()) == ["probe"]
    assert load_standard("probe").version == "0.1.0"
    with pytest.raises(KitError, match=r"probe has no version '0.0.9'; there are: 0.1.0"):
        load_standard("probe@0.0.9")  # a folder alone is no version: no history names it
    with pytest.raises(KitError, match=r"there are: 0.1.0; did you mean 0.1.0\?"):
        load_standard("probe@0.1.1")


def test_scales_and_matrices_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, BASE.replace("levels: [low, general, major]}", "levels: [bad, middling, good]}\n  scale: own"))
    with pytest.raises(ProblemsError, match=r"no scale 'own'; there are: .*risk"):
        load_standard(tmp_path)
    levels = "".join(f"{name}: {{label: {{zh: {name}}}}}, " for name in ("bad", "middling", "good"))
    (tmp_path / "scales.yaml").write_text(f"own: {{label: {{zh: 自定}}, worst: first, levels: {{{levels}}}}}\n")
    standard = load_standard(tmp_path)
    assert standard.scale.names == ["bad", "middling", "good"] and standard.scale.worst_level == "bad"


def test_all_shipped_standards_load() -> None:
    found = load_all()
    assert {"taxi", "catering", "hazardous_chemicals", "gb18218", "emergency_capability"} <= set(found)
    for name, standard in found.items():
        assert standard.id == name
        assert standard.illustrative, "no text of a department has come yet"
        assert standard.checklist or standard.document.annex is None, name


def test_lookup_tables(tmp_path: Path) -> None:
    table = load_standard(write(tmp_path)).lookups["limits"]
    assert list(table.index) == ["a", "b"] and list(table["name"]) == ["甲", "乙"]
    assert table.loc["a", "Q"] == 1 and math.isnan(table.loc["b", "Q"])


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ("cas,name,Q\na,甲,1\na,甲,2\n", ["limits.csv:3: tables.limits: key 'a' stands twice"]),
        ("cas,name,Q\na,甲,三\nb,乙,inf\n", ["limits.csv:2", "'三' in column Q is no number", "limits.csv:3", "'inf'"]),
        ("cas,name,q\na,甲,1\n", ["limits.csv:1", "column 'Q' is missing; there are: cas, name, q"]),
        ("cas,name,Q\na,甲,1,2\nb,乙\n", ["limits.csv:2", "4 cells, but there are 3", "limits.csv:3", "2 cells"]),
        ("cas,name,Q\n\n\n,甲,1\n", ["limits.csv:4", "the row has no key (cas)"]),
        ("cas,Q,Q,name\na,1,2,甲\n", ["the column 'Q' stands twice"]),
        ('cas,name,Q\n"a,甲,1\n', ["damaged CSV"]),
        ("", ["column 'cas' is missing", "column 'Q' is missing", "column 'name' is missing"]),
        ("cas,name,Q\na,甲,1\n".encode("gb18030"), ["limits.csv:2", "not UTF-8 text (saved as GBK?)"]),
    ],
)
def test_mistakes_in_a_lookup_table(tmp_path: Path, limits: str | bytes, says: list[str]) -> None:
    told = "\n".join(problems(write(tmp_path, limits=limits)))
    assert [words for words in says if words not in told] == []


def test_the_checklist(tmp_path: Path) -> None:
    text = "\ufeff" + HEAD + '\ni1,甲,08,物,"处,所",果,age; months,措施一;措施二,,,\ni2,乙,08,物,处,果,,,,,\n'
    one, two = load_standard(write(tmp_path, checklist=text)).checklist
    assert (one.id, one.where_zh, one.fields, one.controls) == ("i1", "处,所", ("age", "months"), ("措施一", "措施二"))
    assert two.fields == () and two.controls == ()


@pytest.mark.parametrize(
    ("checklist", "says"),
    [
        (
            HEAD + "i1,甲,08,物,处,果,agee;permit,,,,\n",
            ["checklist.csv:2: i1: 'agee' is no field", "did you mean age?"],
        ),
        (HEAD + "i1,甲,08,物,处,果,,,,,\ni1,乙,08,物,处,果,,,,,\n", ["checklist.csv:3: i1: the item stands twice"]),
        (HEAD + ",甲,08,物,处,果,,,,,\n", ["checklist.csv:2", "the item has no id"]),
        (HEAD + "i1,甲,08,物,处,所,果,age,,,,\n", ["checklist.csv:2", "12 cells, but there are 11 columns", "quotes"]),
        (HEAD + "i1,甲\n", ["2 cells, but there are 11 columns"]),
        (HEAD.replace("fields", "feilds"), ["column 'fields' is missing", "did you mean feilds?"]),
        ((HEAD + "i1,甲,08,物,处,果,,,,,\n").encode("gb18030"), ["not UTF-8 text"]),
    ],
)
def test_mistakes_in_the_checklist(tmp_path: Path, checklist: str | bytes, says: list[str]) -> None:
    told = "\n".join(problems(write(tmp_path, checklist=checklist)))
    assert [words for words in says if words not in told] == []


@pytest.mark.parametrize("when", ["'1 < 2'", "'True'", "\"'a' == 'a'\"", "'permit or True'", "'max(1, 2) > 1'"])
def test_an_override_must_look_at_something(tmp_path: Path, when: str) -> None:
    (told,) = problems(write(tmp_path, BASE + OVERRIDE.format(when=when)))
    assert told.startswith("standard.yaml:21:") and "overrides.0.when: the condition is always the same" in told


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  risk: {bands", "  level: {bands", "'level' is the name of a result column"),
        ("  permit: {", "  reason: {", "'reason' is the name of a result column"),
        ("  permit: {", "  and: {", "'and' is a word of the formula language"),
        ("  months: {", "  age: {", "'age' is already the name of a field"),
        ("  risk: {bands: {", "  risk: {max: {a.b: {bands: {", "'a.b' is no name"),
        ("range: [0, 15]", f"range: [0, 1{'0' * 400}]", "the number is too large"),
        ("range: [0, 15]", "range: [0, .inf]", "finite"),
    ],
)
def test_names_and_numbers_that_cannot_be(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = BASE.replace(old, new)
    if "max:" in new:
        text = text.replace("scores: [1, 2, 3]}}", "scores: [1, 2, 3]}}}}")
    text = text.replace("of: risk,", "of: level,") if "  level: {" in new else text
    told = problems(write(tmp_path, text))
    assert says in "\n".join(told) and all("standard.yaml:" in line for line in told)


def test_mistakes_in_all_files_at_once(tmp_path: Path) -> None:
    text = BASE.replace("general", "genral") + OVERRIDE.format(when="permt")
    told = problems(write(tmp_path, text, limits="cas,name\n", checklist=HEAD + "i1,甲,08,物,处,果,agee,,,,\n"))
    assert [line.split(":")[0] for line in told] == ["checklist.csv", "limits.csv", "standard.yaml", "standard.yaml"]


def test_the_fingerprint_covers_everything_used(tmp_path: Path) -> None:
    def fingerprint(**files: str) -> str:
        return load_standard(write(tmp_path, **files)).fingerprint

    first = fingerprint()
    assert first == fingerprint()
    assert first != fingerprint(text=BASE + "# a comment\n")
    assert first != fingerprint(limits=LIMITS + "c,丙,3\n")
    assert first != fingerprint(checklist=HEAD)


def test_common_parts(tmp_path: Path) -> None:
    assert read_scales()["risk"].names == ["low", "general", "considerable", "major"]
    assert read_scales()["risk"].worst_level == "major" and read_scales()["capability"].worst_level == "poor"
    for matrix in read_matrices().values():
        assert {level for row in matrix.levels for level in row} <= set(read_scales()[matrix.scale].names)
    with pytest.raises(ProblemsError, match=r"scales.yaml: file not found"):
        load_standard(write(tmp_path), common=tmp_path / "nowhere")


def test_derived_values_in_order(tmp_path: Path) -> None:
    text = BASE.replace("  months:", "  weeks: {formula: months * 4}\n  months:")
    standard: Standard = load_standard(write(tmp_path, text))
    assert list(standard.derived_terms) == ["months", "weeks"]
    assert standard.fields_of(standard.names.parse("weeks > 3 or permit")) == {"age", "permit"}
    assert standard.names_of(standard.names.parse("weeks")) == {"weeks", "months", "age"}
