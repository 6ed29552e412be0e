"""Standard and table in; scores, levels and reasons out."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Explanation": "kit.scoring.explanation",
        "build_program": "kit.scoring.program",
        "explain": "kit.scoring.explaining",
        "latex": "kit.scoring.wording",
        "provenance": "kit.scoring.apply",
        "reason_text": "kit.scoring.reasons",
        "rollup": "kit.scoring.rollups",
        "unit_levels": "kit.scoring.rollups",
        "score": "kit.scoring.apply",
        "trace": "kit.scoring.tracing",
        "words": "kit.scoring.wording",
    },
)
