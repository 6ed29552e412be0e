"""The tables of the emergency capability report, all under one name: ``from kit.emergency import tables``."""

from __future__ import annotations

from kit.emergency.tables_counts import (
    BLANK,
    GRADE_NAMES,
    WORDS,
    Capability,
    for_area,
    grades,
    groups,
    load_period,
    not_applicable,
    share,
    unit_scores,
    weakest_items,
)
from kit.emergency.tables_findings import area_summary, numbers, open_checks, quality, reconciliation, rectification

__all__ = [
    "BLANK",
    "GRADE_NAMES",
    "WORDS",
    "Capability",
    "area_summary",
    "for_area",
    "grades",
    "groups",
    "load_period",
    "not_applicable",
    "numbers",
    "open_checks",
    "quality",
    "reconciliation",
    "rectification",
    "share",
    "unit_scores",
    "weakest_items",
]
