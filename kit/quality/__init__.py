"""Data quality: checks derived from declarations, run on Great Expectations; failing rows as one table."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Check": "kit.quality.suites",
        "QualityResult": "kit.quality.run",
        "checks_for": "kit.quality.suites",
        "computed_levels": "kit.quality.computed",
        "families": "kit.quality.registry",
        "summaries": "kit.quality.summary_tables",
        "validate": "kit.quality.run",
        "write_data_docs": "kit.quality.data_docs",
    },
)
