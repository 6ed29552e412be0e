"""A standard as a workbook to edit, and the edits back into its text."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "export_workbook": "kit.standard.spreadsheet.export",
        "import_workbook": "kit.standard.spreadsheet.reading",
    },
)
