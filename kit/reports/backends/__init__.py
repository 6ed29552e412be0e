"""Ways to run the cells of a notebook: `stock` (papermill and a kernel, everywhere) and `fork` (Linux, fast)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from kit.errors import KitError, did_you_mean

# Runs one job to the end; raises NotebookFailed with the executed part of the notebook.
Execute = Callable[..., Any]
BACKENDS = ("fork", "stock")


class NotebookFailed(KitError):
    """A cell of a report notebook raised; `notebook` is what was executed so far.

    Attributes
    ----------
    cell : number of the cell, from 1.
    name, value : type and text of the error.
    """

    def __init__(self, cell: int, name: str, value: str, notebook: Any = None) -> None:
        super().__init__(f"cell {cell}: {name}: {value}")
        self.cell, self.name, self.value, self.notebook = cell, name, value, notebook


def fork_works() -> bool:
    """Return whether the fast backend can be used here (Linux: macOS forbids forking after some libraries load)."""
    return sys.platform.startswith("linux")


def check_backend(name: str) -> str:
    """Return the backend to use; `auto` is fork where it works and stock elsewhere.

    Raises
    ------
    KitError
        When there is no backend of that name, or fork is asked for where it does not work.
    """
    if name == "auto":
        return "fork" if fork_works() else "stock"
    if name not in BACKENDS:
        raise KitError(f"no backend '{name}'; {did_you_mean(name, ['auto', *BACKENDS])}")
    if name == "fork" and not fork_works():
        raise KitError("backend 'fork' works on Linux only; use --backend stock")
    return name
