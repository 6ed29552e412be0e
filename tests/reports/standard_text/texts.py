"""The words of a document as a reader gets them out of each format, and the numbers of a standard."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from kit.checking.cases import read_cases
from kit.standard.cells import CellError, number_limits
from kit.standard.expressions import ExpressionError
from kit.standard.nodes.table import Table
from kit.standard.standard import Standard
from kit.standard.terms import Constant, Term, walk

NUMBER = re.compile(r"\d+(?:\.\d+)?")


class _Words(HTMLParser):
    """Collects text; MathML and cells are set apart, so that numbers side by side do not run together."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("style", "title")
        if tag in ("td", "th", "p", "div", "li", "mn", "mi", "mo", "mtext", "h1", "h2", "h3", "h4", "h5"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(data)


def html_text(data: bytes) -> str:
    parser = _Words()
    parser.feed(data.decode("utf-8"))
    return "".join(parser.words)


def docx_text(data: bytes) -> str:
    """All paragraphs of a Word file, those of tables and equations too."""
    import docx
    from docx.oxml.ns import qn

    document = docx.Document(io.BytesIO(data))
    math_text = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
    lines = []
    for paragraph in document.element.body.iter(qn("w:p")):
        pieces = []
        for element in paragraph.iter(qn("w:t"), math_text):
            pieces.append(f" {element.text} " if element.tag == math_text else element.text or "")
        lines.append("".join(pieces))
    return "\n".join(lines)


def pdf_text(data: bytes) -> str:
    import pypdf

    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


TEXTS = {"html": html_text, "docx": docx_text, "pdf": pdf_text}


def numbers_in(text: str) -> list[str]:
    return NUMBER.findall(text)


def _of(value: Any) -> Iterator[float]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        if not math.isnan(value):
            yield abs(float(value))
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("format", "annex"):
                yield from _of(key if isinstance(key, int | float) else None)
                yield from _of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _of(inner)


def _constants(term: Term) -> Iterator[float]:
    for part in walk(term):
        if isinstance(part, Constant) and isinstance(part.value, float) and part.value:
            yield abs(part.value)


def standard_numbers(standard: Standard) -> set[float]:
    """Every number of a standard: of its file, its formulas, matrix, tables, and its worked examples."""
    document = standard.document
    found = set(_of(document.model_dump(mode="python", exclude_unset=True)))
    formulas = [derived.formula for derived in document.derived.values()]
    formulas += [override.when for override in document.overrides]
    for node in standard.nodes.values():
        formulas += [source for _, source, _ in node.kind.formulas()]
        formulas += [node.applies_when] if node.applies_when else []
        if isinstance(node.kind, Table):
            found |= set(_cells([cell for row in node.kind.rows for cell in row.when]))
    if document.level.only_when:
        formulas.append(document.level.only_when.formula)
    if document.level.table:
        found |= set(_cells([cell for row in document.level.table.rows for cell in row.when]))
    for formula in formulas:
        try:
            found |= set(_constants(standard.names.parse(formula)))
        except ExpressionError:
            continue
    if standard.matrix is not None:
        found |= set(_of([standard.matrix.likelihood, standard.matrix.severity]))
    for frame in standard.lookups.values():
        found |= {value for column in frame for value in _of(frame[column].tolist())}
    for case, _ in read_cases(standard):
        found |= set(_of([case.input, case.children, case.expect]))
    return found


def _cells(cells: list[Any]) -> Iterator[float]:
    for cell in cells:
        for one in cell if isinstance(cell, list) else [cell]:
            try:
                yield from (abs(end) for end in number_limits(one)[:2] if math.isfinite(end))
            except CellError:
                continue
