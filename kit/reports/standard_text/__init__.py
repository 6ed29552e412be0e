"""The standard's own document (标准文本): a standard and its worked examples as blocks, ready for any writer."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "FORMATS": "kit.reports.standard_text.writing",
        "StandardDocument": "kit.reports.standard_text.writing",
        "standard_book": "kit.reports.standard_text.book",
        "write_standard_document": "kit.reports.standard_text.writing",
    },
)
