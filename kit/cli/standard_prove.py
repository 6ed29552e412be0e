"""`kit standard prove`: what holds for every row, proved from the text."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kit.cli.standard import chosen_standards, group


def register(app: typer.Typer) -> None:
    """Nothing to add: the command belongs to the group `kit standard`."""


@group.command("prove", epilog="Example: kit standard prove taxi; kit standard prove taxi --against taxi@0.1.0")
def prove_command(
    references: Annotated[list[str] | None, typer.Argument(help="ids, folders or files")] = None,
    every: Annotated[bool, typer.Option("--all", help="all shipped standards")] = False,
    against: Annotated[str | None, typer.Option(help="compare with this standard or version instead")] = None,
    timeout: Annotated[float, typer.Option(help="time limit of each question, in seconds", min=0.01)] = 10.0,
    optional: Annotated[bool, typer.Option("--optional", help="also with optional values left empty")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="show what was proved, too")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Prove that every row has a level, worse values never better one, and everything can be reached (z3).

    Exit 1 when one of the first two has a counter-example; what cannot be reached or decided is a warning.
    """
    from kit.checking.proofs import compare, prove
    from kit.checking.proofs.outcomes import report_text
    from kit.standard import load_standard

    other = load_standard(against) if against else None
    reports = []
    for reference in chosen_standards(references, every):
        standard = load_standard(reference)
        if other is not None:
            report = compare(standard, other, timeout_s=timeout)
        else:
            report = prove(standard, timeout_s=timeout, optional=optional)
        reports.append(report)
        if not as_json:
            print(report_text(report, standard, verbose=verbose or other is not None), flush=True)
    if as_json:
        print(json.dumps([report.to_json() for report in reports], ensure_ascii=False, indent=1))
    if any(report.failed for report in reports):
        raise typer.Exit(1)
