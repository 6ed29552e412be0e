"""A text that changed while keeping the number of a published version."""

from __future__ import annotations

from collections.abc import Iterator

from kit.checking.findings import Finding
from kit.checking.registry import Context
from kit.standard.freezing import unchanged
from kit.standard.history import frozen_folder


def check(context: Context) -> Iterator[Finding]:
    """Yield a changed text; that a frozen file itself was edited is told by the loader, before any check runs."""
    standard = context.standard
    if frozen_folder(standard.path) is None and unchanged(standard) is False:
        yield context.find(
            "error",
            f"{standard.version}版已经发布，现在的文本与发布时不同，版本号没有改",
            f"version {standard.version} was published, and the text has changed since",
            ("version",),
            remedy_zh="提高版本号，并在CHANGES.md写明改了什么",
        )
