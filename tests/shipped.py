"""The shipped standards that tests of one room try themselves on; all of them are held by `tests/standards`.

Together they have every kind of node that a shipped standard uses, child rows, lookup tables, checklists, and every
kind of level; a test that runs over all fifty would only say the same fifty times.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kit.standard import Standard, load_standard, standard_files

NAMES = ("catering", "emergency_capability", "gb18218", "hazardous_chemicals", "lec_accident_class", "taxi")


@cache
def some_standards() -> dict[str, Standard]:
    """Return the standards by id."""
    return {name: load_standard(name) for name in NAMES}


def some_files() -> dict[str, Path]:
    """Return their files by id."""
    files = standard_files()
    return {name: files[name] for name in NAMES}
