"""Rooms name their public functions without importing what those need."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def lazy(room: str, where: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of a room whose public names live in the modules `where`.

    A module is imported when one of its names is first used, which keeps `import kit` light (PEP 562).
    """
    names = sorted(where)

    def __getattr__(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {room!r} has no attribute {name!r}; it has {', '.join(names)}")
        return getattr(importlib.import_module(where[name]), name)

    def __dir__() -> list[str]:
        return names

    return __getattr__, __dir__, names
