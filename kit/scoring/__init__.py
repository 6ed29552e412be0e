"""Standard and table in; scores, levels and reasons out."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "build_program": "kit.scoring.program",
        "provenance": "kit.scoring.apply",
        "reason_text": "kit.scoring.reasons",
        "score": "kit.scoring.apply",
    },
)
