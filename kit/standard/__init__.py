"""The standard as a document: model, reading with places, formulas, finding, versions."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "ChecklistItem": "kit.standard.standard",
        "Document": "kit.standard.document",
        "FieldSpec": "kit.standard.fields",
        "Label": "kit.standard.fields",
        "Scale": "kit.standard.document",
        "Standard": "kit.standard.standard",
        "VariantStandard": "kit.standard.variants",
        "editor_schema": "kit.standard.json_schema",
        "find_standard": "kit.standard.finding",
        "load_all": "kit.standard.loader",
        "load_standard": "kit.standard.loader",
        "parse_expression": "kit.standard.expressions",
        "Minutes": "kit.standard.minutes",
        "Release": "kit.standard.history",
        "read_history": "kit.standard.history",
        "read_matrices": "kit.standard.loader",
        "read_scales": "kit.standard.loader",
        "sectors": "kit.standard.sectors",
        "start_standard": "kit.standard.starting",
        "standard_files": "kit.standard.finding",
        "standard_from_data": "kit.standard.loader",
        "variant": "kit.standard.variants",
        "variant_addresses": "kit.standard.variants",
    },
)
