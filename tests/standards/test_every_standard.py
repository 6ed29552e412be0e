"""What holds of every standard: a new folder under `standards/` is found by itself and held to it at once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from kit.checking import check_standard, coverage, prove, run_cases
from kit.checking.proofs import Proved
from kit.checking.proofs.outcomes import report_text
from kit.registers import form_frames, form_layout, write_form
from kit.reports.standard_index import NAME, index_text
from kit.reports.standard_text.writing import StandardDocument
from kit.standard import Standard, load_standard, standard_files
from kit.standard.common_parts import common_labels, common_list
from kit.standard.finding import standards_folder
from kit.standard.sectors import sectors
from tests.chinese import english_left

FILES = standard_files()
SECTORS = {sector.id: sector for sector in sectors()}


@cache
def standard(name: str) -> Standard:
    return load_standard(f"{name}@draft")


every = pytest.mark.parametrize("name", FILES)
of_a_sector = pytest.mark.parametrize("name", [name for name in FILES if name in SECTORS])


@every
def test_it_checks_without_error(name: str) -> None:
    found = [one.text(base=standards_folder()) for one in check_standard(standard(name)) if one.severity == "error"]
    assert found == []


@every
def test_its_worked_cases_come_out(name: str) -> None:
    results = run_cases(standard(name))
    assert len(results) >= 6
    failed = [(result.case.name, result.line, result.differences) for result in results if not result.passed]
    assert failed == []
    assert any(result.case.error for result in results), "one example shows what is refused"
    assert len({result.case.name for result in results}) == len(results), "two examples have the same name"


@every
def test_its_cases_reach_every_level_override_and_band(name: str) -> None:
    found = coverage(standard(name))
    missed = [part for part in found.missed if part.part != "cell"]
    assert [f"{part.part} {part.address}" for part in missed] == []


@every
def test_its_proofs_hold(name: str) -> None:
    report = prove(standard(name))
    held = all(isinstance(proof.outcome, Proved) for proof in report.proofs if proof.question != "matrix_cell")
    assert held, report_text(report, standard(name))


@every
def test_its_document_renders(name: str) -> None:
    document = StandardDocument(standard(name))
    page = document.data("html").decode("utf-8")
    assert standard(name).title in page and "待填" not in page and "待写" not in page
    assert not any(not result.passed for result in document.results)
    if standard(name).illustrative:
        assert "示意性标准" in page


@every
def test_its_form_renders(name: str, tmp_path: Path) -> None:
    frames, made = form_frames(standard(name), [])
    path = write_form(standard(name), tmp_path / "form.xlsx", data=frames, made=made)
    book = openpyxl.load_workbook(path, read_only=True)
    assert {sheet.title for sheet in form_layout(standard(name)).sheets} <= set(book.sheetnames)


@every
def test_it_says_where_it_comes_from(name: str) -> None:
    document = standard(name).document
    assert document.provenance == "illustrative", "no department's own text is shipped"
    assert document.references and all(reference.checked in (True, False) for reference in document.references)
    changes = (FILES[name].parent / "CHANGES.md").read_text(encoding="utf-8")
    assert f"## {document.version}" in changes
    for override in document.overrides:
        assert override.basis and override.provenance, f"{override.id} has no basis or no provenance"


@every
def test_it_names_only_what_is_shared(name: str) -> None:
    document = standard(name).document
    assert document.department in common_labels("departments")
    assert FILES[name].parent.parent.name in (document.department, "common")
    levels = common_labels("control_levels")
    assert all(owner in levels for control in document.controls.values() for owner in control.owner)


@of_a_sector
def test_a_sector_stands_where_the_plan_puts_it(name: str) -> None:
    document, sector = standard(name).document, SECTORS[name]
    assert (document.department, document.annex) == (sector.department, sector.annex)
    assert sector.name_zh in document.title.zh
    assert document.applies_to is not None
    assert document.applies_to.kinds == [sector.object_kind]
    assert set(document.applies_to.industries) == set(sector.industries)
    assert document.effective is not None and document.effective.start is not None
    assert document.effective.start > sector.due, "it takes effect after the plan's date"


@of_a_sector
def test_a_sector_has_all_that_the_plan_asks_for(name: str) -> None:
    one = standard(name)
    document = one.document
    assert len(one.checklist) >= 5
    classes = {row["code"] for row in common_list("accident_classes")}
    for item in one.checklist:
        assert item.accident_class in classes and item.hazard_factor in ("人", "物", "环境", "管理"), item.id
        assert item.fields and item.emergency and item.where_zh and item.consequence_zh, item.id
        assert item.engineering or item.technical or item.management, item.id
    assert set(document.controls) == {"low", "general", "considerable", "major"}
    major = document.controls["major"]
    assert major.owner == ["city", "district", "street", "unit"]
    assert major.engineering and major.technical and major.management and major.emergency
    assert len(document.resources) >= 4 and all("major" in resource.at_least for resource in document.resources)
    assert document.impact is not None and document.impact.targets
    assert len(document.scenarios) >= 2
    assert document.text.scope and len(document.text.terms) >= 2
    assert document.level.matrix is not None
    # An amount for each vehicle or storey is multiplied by `per:`, not told in brackets.
    assert not re.search(r"（每(车|层|床位|站|人|台)）", "".join(one.name.zh for one in document.resources))


@every
def test_it_is_written_in_chinese(name: str) -> None:
    document = standard(name).document
    texts = [label.zh for field in document.fields.values() for label in (field.label, field.how) if label]
    texts += [text.zh for clause in document.clauses.values() for text in clause.text]
    texts += [override.reason.zh for override in document.overrides]
    # Abbreviations of the trade (LNG, AED) are written as everybody writes them.
    left = {text: [word for word in english_left(text) if not word.isupper()] for text in texts}
    assert {text: words for text, words in left.items() if words} == {}


def test_every_sector_of_the_plan_has_its_standard() -> None:
    assert sorted(set(SECTORS) - set(FILES)) == []


def test_the_index_is_that_of_the_standards() -> None:
    there = (standards_folder() / NAME).read_text(encoding="utf-8")
    assert there == index_text(), "make it anew: kit standard index"


def test_a_reference_is_marked_alike_wherever_it_is_cited() -> None:
    marks: dict[str, dict[bool, list[str]]] = {}
    for name in FILES:
        for reference in standard(name).document.references:
            marks.setdefault(reference.id, {}).setdefault(reference.checked, []).append(name)
    assert {key: found for key, found in marks.items() if len(found) > 1} == {}
