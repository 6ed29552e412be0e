"""Writers: a document of blocks as a web page, a Word file, a PDF. One module for each format."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "docx_bytes": "kit.reports.writers.docx",
        "html_page": "kit.reports.writers.html",
        "pdf_bytes": "kit.reports.writers.typst",
    },
)
