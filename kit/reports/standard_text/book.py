"""A standard's document put together: cover, contents, foreword, scope, references, terms, clauses, annexes."""

from __future__ import annotations

from collections.abc import Sequence

from kit.checking.cases import CaseResult, run_cases
from kit.registers.codes_list import code_names
from kit.reports.blocks import (
    Block,
    Book,
    Contents,
    Cover,
    Heading,
    Item,
    Items,
    PageBreak,
    Paragraph,
    Run,
    Table,
    runs,
)
from kit.reports.standard_text.annex_b import annex_b
from kit.reports.standard_text.annexes import annex_a, annex_c
from kit.reports.standard_text.clauses import clause_blocks
from kit.reports.standard_text.draft import Draft, cell
from kit.reports.standard_text.phrases import phrase, said, say
from kit.standard.prose import DefinedTerm
from kit.standard.standard import Standard


def standard_book(standard: Standard, results: Sequence[CaseResult] | None = None) -> Book:
    """Return the document of a standard, in the structure of GB/T 1.1-2020.

    Every number in it comes from the standard, its worked examples or the matrix and scale it uses.

    Parameters
    ----------
    standard : a loaded standard; a variant is printed with its altered values.
    results : what came out of its worked examples, where that is known already.

    Raises
    ------
    ProblemsError
        When the worked examples cannot be read.

    Examples
    --------
    >>> standard_book(load_standard("taxi")).title          # doctest: +SKIP
    '出租汽车行业安全风险评估标准'
    """
    draft = Draft(standard)
    # Annex B first: it gives tables and formulas the numbers that the clauses refer to.
    tables = annex_b(draft)
    body = clause_blocks(draft)
    checklist = annex_a(draft) if standard.checklist else []
    examples = annex_c(draft, run_cases(standard) if results is None else results)
    blocks: list[Block] = [Contents(phrase("titles.contents")), *_foreword(draft)]
    blocks.append(PageBreak(body=True))
    blocks.append(Paragraph((Run(standard.title),), "center"))
    blocks += [*_scope(draft), *_references(draft), *_terms(draft), *body]
    if checklist:
        blocks += [*_annex("A", "normative", "checklist"), *checklist]
    blocks += [*_annex("B", "normative", "tables"), *tables]
    blocks += [*_annex("C", "informative", "examples"), *examples]
    mark = phrase("cover.mark") if standard.illustrative else ""
    header = f"{standard.label}　{standard.title}"
    meta = {"author": draft.department, "subject": standard.label, "keywords": standard.fingerprint}
    return Book(standard.title, f"{standard.id}_{standard.version}", _cover(draft), tuple(blocks), header, mark, meta=meta)


def _status(draft: Draft) -> str:
    return str(phrase("cover.status")[draft.standard.document.status])


def _dates(draft: Draft) -> tuple[str, str]:
    effective = draft.standard.document.effective
    start, end = (effective.start, effective.end) if effective else (None, None)
    return start.isoformat() if start else phrase("cover.open"), end.isoformat() if end else ""


def _cover(draft: Draft) -> Cover:
    standard = draft.standard
    document = standard.document
    start, end = _dates(draft)
    titles = phrase("cover.facts")
    facts = [(titles["version"], f"{standard.version}（{_status(draft)}）"), (titles["from"], start)]
    if end:
        facts.append((titles["to"], end))
    facts.append((titles["department"], draft.department))
    facts.append((titles["fingerprint"], standard.fingerprint[:16]))
    return Cover(
        series=phrase("cover.series"),
        number=standard.label,
        title=standard.title,
        subtitle=document.title.en or "",
        status=f"（{_status(draft)}）",
        mark=phrase("cover.mark") if standard.illustrative else "",
        mark_text=phrase("cover.mark_text") if standard.illustrative else "",
        facts=tuple(facts),
    )


def _front(title: str) -> Heading:
    return Heading(1, phrase(f"titles.{title}"), "", f"c-{title}", centred=True)


def _foreword(draft: Draft) -> list[Block]:
    standard = draft.standard
    document = standard.document
    texts = [text.format(department=draft.department, file=f"{standard.id}/{standard.path.name}") if "{" in text else text
             for text in phrase("foreword")]  # fmt: skip
    texts += [paragraph.zh for paragraph in document.text.foreword]
    texts.append(phrase("foreword_annexes" if standard.checklist else "foreword_annexes_without_list"))
    if standard.illustrative:
        texts.append(phrase("foreword_illustrative"))
    start, end = _dates(draft)
    values = {
        "id": standard.label, "version": standard.version, "status": _status(draft),
        "provenance": phrase("foreword_table.provenance")[document.provenance], "from": start, "to": end,
        "fingerprint": standard.fingerprint,
    }  # fmt: skip
    rows = tuple(
        (cell(title), cell(values[key])) for key, title in phrase("foreword_table.rows").items() if values[key]
    )
    table = Table((2.2, 6.0), (), rows, phrase("foreword_table.caption"))
    return [PageBreak(), _front("foreword"), *(Paragraph(runs(text)) for text in texts), table]


def _scope(draft: Draft) -> list[Block]:
    standard = draft.standard
    document = standard.document
    words = document.text.scope.zh if document.text.scope else said("scope.generated", title=standard.title)
    blocks: list[Block] = [Heading(1, phrase("titles.scope"), "1", "c-1"), Paragraph(runs(words))]
    blocks.append(Paragraph(runs(phrase("scope.object")[document.object])))
    if document.applies_to and document.applies_to.industries:
        names = code_names("industries")
        shown = "、".join(f"{names[code]}（{code}）" if code in names else code for code in document.applies_to.industries)
        blocks.append(Paragraph(say("scope.industries", industries=shown)))
    if document.method:
        blocks.append(Paragraph(say("scope.method", method=document.method.zh.rstrip("。"))))
    return blocks


def _references(draft: Draft) -> list[Block]:
    references = draft.standard.document.references
    blocks: list[Block] = [Heading(1, phrase("titles.references"), "2", "c-2")]
    if not references:
        return [*blocks, Paragraph(runs(phrase("references.none")))]
    blocks.append(Paragraph(runs(phrase("references.lead"))))
    items = []
    for reference in references:
        checked = phrase("references.checked" if reference.checked else "references.unchecked")
        below = (runs(f"（{reference.note}）"),) if reference.note else ()
        items.append(Item("", runs(f"{reference.id}　{reference.title}", Run(f"（{checked}）", bold=False)), below))
    return [*blocks, Items(tuple(items))]


def _terms(draft: Draft) -> list[Block]:
    document = draft.standard.document
    blocks: list[Block] = [Heading(1, phrase("titles.terms"), "3", "c-3"), Paragraph(runs(phrase("terms.lead")))]
    own = {term.term.zh for term in document.text.terms}
    terms = [DefinedTerm.model_validate({key: value for key, value in entry.items() if key != "when"})
             for entry in phrase("terms.shared")
             if _wanted(draft, entry.get("when")) and entry["term"]["zh"] not in own]  # fmt: skip
    for place, term in enumerate([*terms, *document.text.terms], start=1):
        number = f"3.{place}"
        english = f"　{term.term.en}" if term.term.en else ""
        blocks.append(Heading(2, f"{term.term.zh}{english}", number, f"c-{number}", listed=False))
        blocks.append(Paragraph(runs(term.definition.zh)))
        if term.source:
            blocks.append(Paragraph(runs("［" + said("terms.source", source=term.source) + "］")))
    return blocks


def _wanted(draft: Draft, when: str | None) -> bool:
    document = draft.standard.document
    return {
        None: True,
        "risk_source": document.object == "risk_source",
        "matrix": document.level.matrix is not None,
        "overrides": bool(document.overrides),
    }[when]


def _annex(letter: str, kind: str, title: str) -> list[Block]:
    number = f"{phrase('titles.annex')}{letter}"
    return [PageBreak(), Heading(1, phrase(f"titles.{title}"), number, f"c-{letter}", annex=phrase(f"titles.{kind}"))]


