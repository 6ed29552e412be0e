"""Urban safety risk kit (城市安全风险评估工具箱): standards as text, scored, explained, rendered.

>>> import kit                                   # doctest: +SKIP
>>> std = kit.load_standard("taxi")              # doctest: +SKIP
>>> std.score(frame)[["level", "reason"]]        # doctest: +SKIP

Rooms: `kit.standard`, `kit.scoring`, `kit.checking`, `kit.registers`, `kit.quality`, `kit.inventory`, `kit.emergency`,
`kit.maps`, `kit.reports`. Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from kit._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "KitError": "kit.errors",
        "LoadedStandard": "kit.facade",
        "load_standard": "kit.facade",
        "standards": "kit.facade",
    },
)
