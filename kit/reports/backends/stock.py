"""papermill with a real kernel of this interpreter: works everywhere, and is the reference for the other backends."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit.reports.backends import NotebookFailed

KERNEL = "python3"


@contextmanager
def own_kernel() -> Iterator[None]:
    """Make `python3` mean the interpreter that is running, whatever kernels the machine has installed.

    A kernelspec is written to a temporary folder that is looked in first.
    """
    before = os.environ.get("JUPYTER_PATH")
    with tempfile.TemporaryDirectory(prefix="kit-kernel-") as folder:
        spec = Path(folder) / "kernels" / KERNEL
        spec.mkdir(parents=True)
        told = {
            "argv": [
                sys.executable,
                "-Xfrozen_modules=off",
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
                "--log-level=CRITICAL",
            ],
            "display_name": "Python 3 (kit)",
            "language": "python",
        }
        (spec / "kernel.json").write_text(json.dumps(told), encoding="utf-8")
        os.environ["JUPYTER_PATH"] = folder if before is None else os.pathsep.join([folder, before])
        try:
            yield
        finally:
            if before is None:
                os.environ.pop("JUPYTER_PATH", None)
            else:
                os.environ["JUPYTER_PATH"] = before


def execute(notebook: Path, parameters: Mapping[str, Any], timeout: int) -> Any:
    """Return the executed notebook.

    Raises
    ------
    NotebookFailed
        When a cell raises, runs longer than `timeout` seconds, or the kernel dies.
    """
    import logging

    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="kit-report-") as folder, own_kernel():
        target = Path(folder) / notebook.name
        try:
            return papermill.execute_notebook(
                str(notebook), str(target), parameters=dict(parameters), kernel_name=KERNEL, cwd=str(notebook.parent),
                progress_bar=False, log_output=False, request_save_on_cell_execute=False, autosave_cell_every=0,
                start_timeout=120, execution_timeout=timeout,
            )  # fmt: skip
        except papermill.PapermillExecutionError as error:
            raise NotebookFailed(error.cell_index + 1, error.ename, error.evalue, _read(target)) from None
        except CellTimeoutError as error:
            raise NotebookFailed(0, "CellTimeoutError", str(error).splitlines()[0], _read(target)) from None
        except DeadKernelError as error:
            raise NotebookFailed(0, "DeadKernelError", f"the kernel died: {error}", _read(target)) from None


def _read(path: Path) -> Any:
    import nbformat

    return nbformat.read(path, as_version=4) if path.is_file() and path.stat().st_size else None
