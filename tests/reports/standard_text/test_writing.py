"""No number in a printed standard differs from its file, in any format; nothing of the file is left out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from kit.checking.cases import run_cases
from kit.errors import KitError
from kit.reports.blocks import Display, Heading, Note, Table, block_lines, inline_text
from kit.reports.standard_text import StandardDocument, write_standard_document
from kit.scoring.wording import plain_number
from kit.standard import load_all, load_standard
from kit.standard.prose import clause_key, owner_clause
from kit.standard.standard import Standard
from kit.standard.variants import variant
from tests.reports.standard_text.texts import TEXTS, numbers_in, standard_numbers
from tests.shipped import NAMES, some_standards

ALL = sorted(NAMES)


@pytest.fixture(scope="module")
def documents() -> dict[str, StandardDocument]:
    return {name: StandardDocument(standard) for name, standard in some_standards().items()}


@pytest.mark.parametrize("form", ["html", "docx", "pdf"])
@pytest.mark.parametrize("name", ALL)
def test_every_number_of_the_standard_stands_in_the_document(
    name: str, form: str, documents: dict[str, StandardDocument]
) -> None:
    document = documents[name]
    printed = {float(number) for number in numbers_in(TEXTS[form](document.data(form)))}
    wanted = standard_numbers(document.standard)
    assert len(wanted) > 20
    assert sorted(wanted - printed) == []


@pytest.mark.parametrize("name", ALL)
def test_every_number_of_the_tables_comes_from_the_standard(name: str, documents: dict[str, StandardDocument]) -> None:
    document = documents[name]
    standard = document.standard
    known = {plain_number(number) for number in standard_numbers(standard)}
    files = [path for path in standard.path.parent.iterdir() if path.suffix in (".yaml", ".csv")]
    words = {number for path in files for number in numbers_in(path.read_text(encoding="utf-8"))}
    for block in document.book.blocks:
        if isinstance(block, Table) and block.label.startswith("表B"):
            for row in block.body:
                text = "\n".join(inline_text(cell.runs) for cell in row)
                text = re.sub(r"表B\.\d+", "", text)
                assert set(numbers_in(text)) <= known | words, text


def _without_examples(change: dict[str, float], folder: Path) -> tuple[Standard, Standard]:
    """The taxi standard and a variant of it, both without the examples, whose results follow from the change."""
    taxi = load_standard("taxi")
    path = folder / "standard.yaml"
    return replace(taxi, path=path), replace(variant(taxi, change), path=path)


@pytest.mark.parametrize("form", ["html", "docx", "pdf"])
def test_one_altered_weight_alters_that_number_and_no_other(form: str, tmp_path: Path) -> None:
    taxi, other = _without_examples({"scores.likelihood.hazard.crash_history.weight": 0.27}, tmp_path)

    def counted(standard: Standard) -> Counter[str]:
        text = TEXTS[form](StandardDocument(standard).data(form))
        for own in (standard.label, standard.fingerprint, standard.fingerprint[:16]):
            text = text.replace(own, "")
        # A fingerprint may be broken over two lines of a page.
        return Counter(numbers_in(re.sub(r"\b[0-9a-f]{20,}\b", "", text)))

    before, after = counted(taxi), counted(other)
    # In the clause and in the table of indicators.
    assert after - before == Counter({"0.27": 2})
    assert before - after == Counter({"0.35": 2})


def test_the_blocks_differ_in_the_altered_weight_only(tmp_path: Path) -> None:
    taxi, other = _without_examples({"scores.severity.people.bands.at.1": 12}, tmp_path)
    one, two = (StandardDocument(standard).book.text().splitlines() for standard in (taxi, other))
    assert len(one) == len(two)
    changed = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    marks = (taxi.label, taxi.fingerprint[:16], taxi.fingerprint)
    assert [pair for pair in changed if not any(mark in pair[0] for mark in marks)] == [
        ("3≤x＜10", "3≤x＜12"),
        ("10≤x＜30", "12≤x＜30"),
    ]


def test_an_example_that_does_not_hold_is_printed_as_such() -> None:
    other = variant(load_standard("taxi"), {"scores.likelihood.hazard.crash_history.weight": 0.95})
    failed = [result for result in run_cases(other) if not result.passed]
    notes = [block for block in StandardDocument(other).book.blocks if isinstance(block, Note)]
    wrong = [inline_text(note.runs) for note in notes if inline_text(note.runs).startswith("不符：")]
    assert len(wrong) == len(failed) > 0
    assert not any("不符：" in line for line in StandardDocument(load_standard("taxi")).book.text().splitlines())


@pytest.mark.parametrize("name", ALL)
def test_the_structure_is_that_of_a_national_standard(name: str, documents: dict[str, StandardDocument]) -> None:
    document = documents[name]
    headings = [block for block in document.book.blocks if isinstance(block, Heading)]
    first = [(heading.number, heading.text) for heading in headings if heading.level == 1]
    assert first[:4] == [("", "前言"), ("1", "范围"), ("2", "规范性引用文件"), ("3", "术语和定义")]
    assert [(heading.number, heading.annex) for heading in headings if heading.annex] == [
        *([("附录A", "规范性")] if document.standard.checklist else []),
        ("附录B", "规范性"),
        ("附录C", "资料性"),
    ]
    body = [heading.number for heading in headings if heading.number[:1].isdigit()]
    assert body == sorted(body, key=clause_key)
    chapters = [int(number) for number in body if "." not in number]
    assert chapters == list(range(1, len(chapters) + 1))
    anchors = [block.anchor for block in document.book.blocks if getattr(block, "anchor", "")]
    assert len(anchors) == len(set(anchors))


@pytest.mark.parametrize("name", ALL)
def test_every_cited_clause_is_declared_and_printed_with_its_title(
    name: str, documents: dict[str, StandardDocument]
) -> None:
    standard = documents[name].standard
    declared = standard.document.clauses
    titles = {block.number: block.text for block in documents[name].book.blocks if isinstance(block, Heading)}
    cited = {node.clause for node in standard.nodes.values() if node.clause}
    cited |= {override.clause for override in standard.document.overrides}
    for clause in cited:
        owner = owner_clause(clause)
        assert owner in declared and declared[owner].rule, owner
        assert titles[owner] == declared[owner].title.zh  # type: ignore[union-attr]
    for number, clause_text in declared.items():
        for text in clause_text.text:
            assert text.zh in documents[name].book.text(), number
    assert standard.document.text.scope is not None and standard.document.text.scope.zh in documents[name].book.text()


@pytest.mark.parametrize("name", ALL)
def test_every_override_measure_reference_and_example_is_printed(
    name: str, documents: dict[str, StandardDocument]
) -> None:
    standard, text = documents[name].standard, documents[name].book.text()
    for override in standard.document.overrides:
        assert override.reason.zh in text and (not override.basis or override.basis.rstrip("。") in text)
    for control in standard.document.controls.values():
        for measure in [*control.engineering, *control.technical, *control.management, *control.emergency]:
            assert measure in text
    for reference in standard.document.references:
        mark = "已见原文或公开件" if reference.checked else "未核对原文"
        assert f"{reference.id}　{reference.title}（{mark}）" in text
    for item in standard.checklist:
        assert item.name_zh in text and all(measure in text for measure in item.controls)
    for result in run_cases(standard):
        assert result.case.name in text and (not result.case.why or result.case.why.rstrip("。") in text)


def test_what_is_illustrative_says_so_and_what_is_official_does_not() -> None:
    taxi = load_standard("taxi")
    for form, read in TEXTS.items():
        assert "示意性标准" in read(StandardDocument(taxi).data(form))
    official = StandardDocument(variant(taxi, {"provenance": "official"}))
    assert official.book.mark == "" and official.book.cover.mark == ""
    assert "示意性标准" not in official.book.text()


def test_formulas_are_told_once_and_referred_to(documents: dict[str, StandardDocument]) -> None:
    for document in documents.values():
        numbers = [block.number for block in document.book.blocks if isinstance(block, Display)]
        assert numbers == [f"（B.{place}）" for place in range(1, len(numbers) + 1)]
        text = document.book.text()
        assert all(f"式{number}" in text for number in numbers)


def test_no_label_of_the_program_is_left_in_the_text(documents: dict[str, StandardDocument]) -> None:
    """Names such as crash_rate have Chinese labels; none must come through."""
    for name, document in documents.items():
        for block in document.book.blocks:
            for line in block_lines(block):
                found = re.findall(r"[a-z]+_[a-z_0-9]+", line.replace(name, ""))
                assert found == [] or "_i" in line or "_n" in line or "_1" in line, line


def test_files_are_written_whole_and_named_by_id_and_version(tmp_path: Path) -> None:
    paths = write_standard_document(load_standard("gb18218"), tmp_path / "new", ["html", "docx"])
    assert [path.name for path in paths] == ["gb18218_0.1.0.html", "gb18218_0.1.0.docx"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(path.name for path in paths)
    with pytest.raises(KitError, match=r"no format 'dcx'.*docx"):
        write_standard_document(load_standard("gb18218"), tmp_path / "no", ["dcx"])
    assert not (tmp_path / "no").exists()


def test_a_document_is_made_in_a_few_seconds(documents: dict[str, StandardDocument]) -> None:
    import time

    start = time.perf_counter()
    document = StandardDocument(documents["emergency_capability"].standard)
    for form in TEXTS:
        document.data(form)
    assert time.perf_counter() - start < 10  # about 1 on two cores
