"""`kit standard check`: what is wrong with a standard as it is written."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import typer

from kit.cli.language import LANGUAGES, VARIABLE
from kit.cli.standard import chosen_standards, group


def register(app: typer.Typer) -> None:
    """Nothing to add: the command belongs to the group `kit standard`."""


@group.command("check", epilog="Example: kit standard check taxi; kit standard check --all --json")
def check_command(
    references: Annotated[list[str] | None, typer.Argument(help="ids, folders or files")] = None,
    every: Annotated[bool, typer.Option("--all", help="all shipped standards")] = False,
    severity: Annotated[str, typer.Option(help="show from this on: error, warning or note")] = "note",
    lang: Annotated[str, typer.Option(envvar=VARIABLE, help="zh or en")] = "zh",
    as_json: Annotated[bool, typer.Option("--json")] = False,
    list_checks: Annotated[bool, typer.Option("--list", help="list the checks and what they look for")] = False,
) -> None:
    """Check standards: bands, maps, matrix, weights, clauses, checklist, references, code lists. Exit 1 on errors."""
    from kit.checking.findings import SEVERITIES, Finding, Severity
    from kit.checking.registry import all_checks, check_standard
    from kit.errors import KitError, ProblemsError, did_you_mean
    from kit.standard import load_standard

    for given, allowed in ((severity, SEVERITIES), (lang, LANGUAGES)):
        if given not in allowed:
            raise KitError(f"'{given}' is not allowed; {did_you_mean(given, allowed)}")
    if list_checks:
        for name, one in all_checks().items():
            print(f"{name:<14} {one.looks_for}")
        return
    wanted = SEVERITIES[: SEVERITIES.index(severity) + 1]
    found: list[tuple[str, Finding]] = []
    for reference in chosen_standards(references, every):
        try:
            standard = load_standard(reference)
        except ProblemsError as error:
            # What the loader refuses is an error finding like any other: the rest is still checked.
            found += [
                (reference, Finding("loading", "error", p.message_zh, p.message, p.file, p.line, p.key))
                for p in error.problems
            ]
            continue
        found += [(standard.label, finding) for finding in check_standard(standard)]
    counts: Counter[Severity] = Counter(finding.severity for _, finding in found)
    shown = [(label, finding) for label, finding in found if finding.severity in wanted]
    if as_json:
        print(json.dumps([{"standard": label, **one.to_json()} for label, one in shown], ensure_ascii=False, indent=1))
    else:
        for _, finding in shown:
            print(finding.text(lang, Path.cwd()))
        words: dict[str, Literal["error", "warning", "note"]] = (
            {"错误": "error", "警告": "warning", "提示": "note"}
            if lang == "zh"
            else {"errors": "error", "warnings": "warning", "notes": "note"}
        )
        print("  ".join(f"{word} {counts[key]}" for word, key in words.items()))
    if counts["error"]:
        raise typer.Exit(1)
