"""Published versions that were edited, and a text that changed while keeping the number of a published version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kit.checking.findings import Finding
from kit.checking.registry import Context
from kit.standard.freezing import unchanged
from kit.standard.history import frozen_folder, read_history, verify


def check(context: Context) -> Iterator[Finding]:
    """Yield what is no longer as it was frozen."""
    path = context.standard.path
    place = frozen_folder(path)
    folder = place.parent.parent if place else path.parent
    for release in read_history(folder):
        for problem in verify(folder, release.version):
            yield context.find(
                "error",
                f"已发布的{release.version}版被改动：{Path(problem.file or '').name}",
                problem.message,
                file=Path(problem.file) if problem.file else None,
                line=1,
                remedy_zh="从版本库恢复原文件；需要修改的写入新版本",
            )
    if place is None and unchanged(context.standard) is False:
        yield context.find(
            "error",
            f"{context.standard.version}版已经发布，现在的文本与发布时不同，版本号没有改",
            f"version {context.standard.version} was published, and the text has changed since",
            ("version",),
            remedy_zh="提高版本号，并在CHANGES.md写明改了什么",
        )
