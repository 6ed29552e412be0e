"""Running the cells of a notebook inside this process, with the same outputs as a kernel would give.

Only ever used in a process of its own (see `zygote`): nothing of one report may reach the next.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from kit.reports.backends import NotebookFailed

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class _Outputs:
    """The outputs of the cell that is running."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def add(self, kind: str, **told: Any) -> None:
        import nbformat

        self.items.append(nbformat.v4.new_output(kind, **told))

    def stream(self, name: str, text: str) -> None:
        last = self.items[-1] if self.items else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        else:
            self.add("stream", name=name, text=text)


OUTPUTS = _Outputs()


class _Stream(io.TextIOBase):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.label = name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text:
            OUTPUTS.stream(self.label, text)
        return len(text)


class _Publisher(DisplayPublisher):
    def publish(
        self,
        data: Any,
        metadata: Any = None,
        source: Any = None,
        *,
        transient: Any = None,
        update: Any = False,
        **_: Any,
    ) -> None:
        shown = (transient or {}).get("display_id")
        if update:
            for item in OUTPUTS.items:
                if shown and item.get("_id") == shown:
                    item.data, item.metadata = data, metadata or {}
            return
        OUTPUTS.add("display_data", data=data, metadata=metadata or {})
        if shown:
            OUTPUTS.items[-1]["_id"] = shown

    def clear_output(self, wait: bool = False) -> None:
        OUTPUTS.items.clear()


class _Hook(DisplayHook):
    def start_displayhook(self) -> None:
        pass

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        OUTPUTS.add(
            "execute_result", data=format_dict, metadata=md_dict or {}, execution_count=self.shell.execution_count
        )

    def finish_displayhook(self) -> None:
        pass


class _Shell(InteractiveShell):
    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        OUTPUTS.add("error", ename=etype.__name__, evalue=str(evalue), traceback=list(stb))

    def ask_exit(self) -> None:
        """Leave `exit()` in a notebook without effect: a report always runs to its end."""


def inject(notebook: Any, parameters: Mapping[str, Any]) -> None:
    """Insert a cell that sets the parameters after the cell tagged `parameters`, as papermill does."""
    import nbformat

    lines = "".join(f"{name} = {_literal(value)}\n" for name, value in parameters.items())
    cell = nbformat.v4.new_code_cell(f"# Parameters\n{lines}", metadata={"tags": ["injected-parameters"]})
    place = [i for i, old in enumerate(notebook.cells) if "parameters" in old.metadata.get("tags", [])]
    notebook.cells.insert(place[0] + 1 if place else 0, cell)


def _literal(value: Any) -> str:
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    raise TypeError(f"parameter of type {type(value).__name__} cannot be given to a notebook")


def execute(path: Path, parameters: Mapping[str, Any], timeout: int = 0) -> Any:
    """Return the executed notebook; the time limit is held by whoever started this process.

    Raises
    ------
    NotebookFailed
        When a cell raises; cells after it are not run.
    """
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    inject(notebook, parameters)
    os.chdir(path.parent)
    sys.path.insert(0, "")
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = _Shell.instance(config=config)
    if any("matplotlib" in cell.source or "pyplot" in cell.source for cell in notebook.cells):
        # Enabled here and not before the fork: enabled earlier, charts are silently left out.
        shell.enable_matplotlib("inline")
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        OUTPUTS.items = []
        with redirect_stdout(_Stream("stdout")), redirect_stderr(_Stream("stderr")):
            result = shell.run_cell(cell.source, store_history=True)
        for item in OUTPUTS.items:
            item.pop("_id", None)
        cell.outputs, cell.execution_count = OUTPUTS.items, shell.execution_count - 1
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            text = _ANSI.sub("", str(error))
            raise NotebookFailed(number, type(error).__name__, text, notebook)
    return notebook
