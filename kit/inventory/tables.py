"""The tables of the district assessment, all under one name: ``from kit.inventory import tables``.

Counting is in `tables_counts` (coverage, levels, tracks, controls), `tables_changes` (changes, major list) and
`tables_findings` (figures, quality, problems, reconciliation, the portal's summary).
"""

from __future__ import annotations

from kit.inventory.tables_changes import change_counts, change_list, major_list, previous_counts
from kit.inventory.tables_counts import (
    BLANK,
    CLASS_NAMES,
    COUNTED,
    TOTAL,
    WORDS,
    Assessed,
    accidents,
    controls,
    coverage,
    done_units,
    for_area,
    levels,
    load_period,
    share,
    tracks,
    with_total,
)
from kit.inventory.tables_findings import (
    area_summary,
    findings,
    numbers,
    open_checks,
    problems,
    quality,
    quality_summary,
    reconciliation,
)

__all__ = [
    "BLANK",
    "CLASS_NAMES",
    "COUNTED",
    "TOTAL",
    "WORDS",
    "Assessed",
    "accidents",
    "area_summary",
    "change_counts",
    "change_list",
    "controls",
    "coverage",
    "done_units",
    "findings",
    "for_area",
    "levels",
    "load_period",
    "major_list",
    "numbers",
    "open_checks",
    "previous_counts",
    "problems",
    "quality",
    "quality_summary",
    "reconciliation",
    "share",
    "tracks",
    "with_total",
]
