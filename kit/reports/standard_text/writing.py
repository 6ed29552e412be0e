"""A standard's document as files: Word, web page, PDF."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kit.checking.cases import CaseResult, run_cases
from kit.errors import KitError, cut, did_you_mean
from kit.files import whole_file
from kit.reports.blocks import Book
from kit.standard.standard import Standard

FORMATS = ("docx", "html", "pdf")
_MIME = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "html": "text/html",
}


def check_formats(formats: Sequence[str] | None) -> list[str]:
    """Return the formats, each once; all of them for none.

    Raises
    ------
    KitError
        For an unknown one, with the nearest.
    """
    for one in formats or ():
        if one not in FORMATS:
            raise KitError(f"no format '{cut(one)}'; {did_you_mean(one, FORMATS)}")
    return list(dict.fromkeys(formats or FORMATS))


@dataclass(frozen=True)
class StandardDocument:
    """A standard's document, shown as a page in a notebook."""

    standard: Standard

    @cached_property
    def results(self) -> list[CaseResult]:
        """Return what came out of the worked examples."""
        return run_cases(self.standard)

    @cached_property
    def book(self) -> Book:
        """Return the document as blocks."""
        from kit.reports.standard_text.book import standard_book

        return standard_book(self.standard, self.results)

    def data(self, form: str) -> bytes:
        """Return the file of one format: docx, html or pdf."""
        check_formats([form])
        if form == "docx":
            from kit.reports.writers.docx import docx_bytes

            return docx_bytes(self.book)
        if form == "pdf":
            from kit.reports.writers.typst import pdf_bytes

            return pdf_bytes(self.book)
        from kit.reports.writers.html import html_page

        return html_page(self.book).encode("utf-8")

    def write(self, folder: str | Path, formats: Sequence[str] | None = None) -> list[Path]:
        """Write the files into `folder`, each whole or not at all, and return their paths."""
        made = []
        for form in check_formats(formats):
            data = self.data(form)
            path = Path(folder) / f"{self.book.name}.{form}"
            with whole_file(path) as target:
                target.write_bytes(data)
            made.append(path)
        return made

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the page for a notebook, and the finished files for the engine that renders reports."""
        files = {form: self.data(form) for form in FORMATS}
        bundle: dict[str, Any] = {
            f"application/x-kit-{form}": base64.b64encode(data).decode("ascii") for form, data in files.items()
        }
        page = files["html"].decode("utf-8").replace("&", "&amp;").replace('"', "&quot;")
        bundle[_MIME["html"]] = f'<iframe srcdoc="{page}" style="width:100%;height:80vh;border:0"></iframe>'
        return bundle


def write_standard_document(
    standard: Standard, folder: str | Path, formats: Sequence[str] | None = None
) -> list[Path]:
    """Write the document of a standard (标准文本) and return the paths of the files.

    Parameters
    ----------
    standard : a loaded standard.
    folder : made when it is not there; files are named `<id>_<version>.<format>`.
    formats : some of docx, html, pdf; all of them by default.

    Raises
    ------
    KitError
        For an unknown format.
    ProblemsError
        When the worked examples cannot be read, or the font of the PDF lacks a character.

    Examples
    --------
    >>> [path.name for path in write_standard_document(taxi, "out", ["html"])]      # doctest: +SKIP
    ['taxi_0.1.0.html']
    """
    return StandardDocument(standard).write(folder, formats)
