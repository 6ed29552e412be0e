"""Runs the command line inside the test's process, as the console script does."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from unittest import mock


@dataclass
class Done:
    """What a command left: exit code, what it printed, what it complained about."""

    code: int
    out: str
    err: str


def kit(*arguments: str) -> Done:
    """Return the outcome of `kit …`."""
    from kit.cli.main import run

    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["kit", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            run()
            code: int | str | None = 0
        except SystemExit as error:
            code = error.code
    return Done(int(code or 0), out.getvalue(), err.getvalue())
