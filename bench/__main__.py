"""Run every benchmark, or those named."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench

if __name__ == "__main__":
    names = sorted(info.name for info in pkgutil.iter_modules(bench.__path__) if not info.name.startswith("_"))
    for name in sys.argv[1:] or names:
        print(f"== {name}")
        importlib.import_module(f"bench.{name}").run()
