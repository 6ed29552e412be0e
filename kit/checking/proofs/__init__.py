"""Proofs over the whole chain from fields to level, with z3."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "CounterExample": "kit.checking.proofs.outcomes",
        "Comparison": "kit.checking.proofs.outcomes",
        "Proof": "kit.checking.proofs.outcomes",
        "ProofReport": "kit.checking.proofs.outcomes",
        "Proved": "kit.checking.proofs.outcomes",
        "Undecided": "kit.checking.proofs.outcomes",
        "compare": "kit.checking.proofs.comparing",
        "prove": "kit.checking.proofs.proofs",
    },
)
