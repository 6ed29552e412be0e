"""Texts that `kit standard new` took from the model and marked: each has to be written for this trade."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kit.checking.findings import Finding
from kit.checking.registry import Context
from kit.standard.beside import CHECKLIST
from kit.standard.history import CASES
from kit.standard.starting import MARK, marked
from kit.standard.yaml_io import read_yaml

BESIDE = (CHECKLIST, CASES, "CHANGES.md")


def check(context: Context) -> Iterator[Finding]:
    """Yield every place that still bears the mark."""
    for address, text in marked(read_yaml(context.standard.path)[0]):
        yield context.find(
            "error",
            f"还没有写：{text}",
            f"still to be written: {text}",
            address,
            remedy_zh=f"按本行业改写，并去掉{MARK}",
        )
    for name in BESIDE:
        yield from _lines(context, context.standard.path.parent / name)


def _lines(context: Context, file: Path) -> Iterator[Finding]:
    if not file.is_file():
        return
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if MARK in line:
            yield context.find(
                "error",
                f"还没有写：{line.strip()[:60]}",
                f"still to be written: {line.strip()[:60]}",
                file=file,
                line=number,
                remedy_zh=f"按本行业改写，并去掉{MARK}",
            )
