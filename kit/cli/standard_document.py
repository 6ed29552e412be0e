"""`kit standard document`: the standard as a document people read: Word, web page, PDF."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from kit.cli.standard import chosen_standards, group


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit standard`, which adds itself."""


@group.command("document", epilog="Example: kit standard document taxi -o out --format docx --format pdf")
def document_command(
    references: Annotated[list[str] | None, typer.Argument(help="ids, folders or files")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="folder for the files")] = Path("reports/standards"),
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="docx, html, pdf; all of them by default")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="all shipped standards")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Write the standard in the structure of GB/T 1.1-2020; exit code 1 when a worked example does not hold."""
    from kit.reports.standard_text.writing import StandardDocument, check_formats
    from kit.standard import load_standard

    if not references and not every:
        raise typer.BadParameter("name a standard, for example taxi, or give --all", param_hint="STANDARD")
    chosen = check_formats(formats)
    rows = []
    for reference in chosen_standards(references, every):
        standard = load_standard(reference)
        start = time.perf_counter()
        document = StandardDocument(standard)
        paths = document.write(out, chosen)
        seconds = round(time.perf_counter() - start, 2)
        failed = [result.case.name for result in document.results if not result.passed]
        rows.append({
            "standard": standard.label, "files": [path.as_posix() for path in paths], "seconds": seconds,
            "failed_examples": failed,
        })  # fmt: skip
        if not as_json:
            for path in paths:
                print(path.as_posix())
            for name in failed:
                print(f"{standard.label}: the worked example “{name}” does not hold; annex C says so", file=sys.stderr)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    if any(row["failed_examples"] for row in rows):
        raise typer.Exit(1)
