"""What can be said of a standard without data of a district: its worked examples, checks, proofs, differences."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "CaseResult": "kit.checking.cases",
        "Coverage": "kit.checking.reach",
        "Difference": "kit.checking.difference",
        "Differences": "kit.checking.difference",
        "Finding": "kit.checking.findings",
        "all_checks": "kit.checking.registry",
        "check_standard": "kit.checking.registry",
        "coverage": "kit.checking.reach",
        "compare": "kit.checking.proofs.comparing",
        "diff": "kit.checking.differences",
        "progress": "kit.checking.progress",
        "Progress": "kit.checking.progress",
        "prove": "kit.checking.proofs.proofs",
        "read_cases": "kit.checking.cases",
        "run_cases": "kit.checking.cases",
        "suggest": "kit.checking.suggestions",
        "suggestions_yaml": "kit.checking.suggestions",
    },
)
