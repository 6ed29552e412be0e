"""Emergency: capability of units against the standard; resources and plans come beside it."""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Capability": "kit.emergency.tables",
        "CapabilityResult": "kit.emergency.assess",
        "assess_capability": "kit.emergency.assess",
        "load_period": "kit.emergency.tables",
    },
)
