"""The risk inventory: what the registers of a period come to once the standards are applied."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Assessed": "kit.inventory.tables",
        "Assessment": "kit.inventory.assessment",
        "Changes": "kit.inventory.changes",
        "Compound": "kit.inventory.compound",
        "assess": "kit.inventory.assessment",
        "changes_between": "kit.inventory.changes",
        "compound_risks": "kit.inventory.compound",
        "for_area": "kit.inventory.tables",
        "load_period": "kit.inventory.tables",
        "History": "kit.inventory.store",
        "Store": "kit.inventory.store",
        "StoreError": "kit.inventory.store_texts",
        "StoreRefused": "kit.inventory.store_texts",
        "export_quarter": "kit.inventory.export",
        "write_assessment": "kit.inventory.assessment",
        "checklist": "kit.inventory.deliverables",
        "coverage": "kit.inventory.progress",
        "draw_sample": "kit.inventory.spot_checks",
        "estimate": "kit.inventory.spot_checks",
        "milestones": "kit.inventory.progress",
        "overdue_sources": "kit.inventory.progress",
        "overdue_units": "kit.inventory.progress",
        "read_spot_forms": "kit.inventory.spot_return",
        "update_rates": "kit.inventory.progress",
        "write_progress": "kit.inventory.progress_workbook",
        "write_spot_form": "kit.inventory.spot_form",
    },
)
