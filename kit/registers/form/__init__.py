"""The survey form of a standard as an Excel workbook, and a filled form back into tables."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "form_layout": "kit.registers.form.layout",
        "form_workbook": "kit.registers.form.writer",
        "read_form": "kit.registers.form.reader",
        "write_form": "kit.registers.form.writer",
    },
)
