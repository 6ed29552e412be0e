"""Reports: the catalogue of kinds, rendering of one and of a batch, and the city portal."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Document": "kit.reports.document",
        "Kind": "kit.reports.catalogue",
        "StandardDocument": "kit.reports.standard_text.writing",
        "batch": "kit.reports.batching",
        "check_parameters": "kit.reports.catalogue",
        "kinds": "kit.reports.catalogue",
        "load_kind": "kit.reports.catalogue",
        "portal": "kit.reports.city_portal",
        "render": "kit.reports.engine",
        "write_standard_document": "kit.reports.standard_text.writing",
    },
)
