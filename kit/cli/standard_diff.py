"""`kit standard diff`: what differs between two versions, by stable id."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kit.cli.standard import group


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit standard`, which adds itself."""


@group.command("diff", epilog="Example: kit standard diff taxi@0.1.0 taxi@draft")
def diff_command(
    before: Annotated[str, typer.Argument(help="the earlier: id, id@version or path")],
    after: Annotated[str, typer.Argument(help="the later")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
    editorial: Annotated[bool, typer.Option(help="also show changes of words that alter no result")] = True,
) -> None:
    """Show what was moved, renamed, tightened, loosened, weighted anew or reworded; exit code 1 when they differ."""
    from dataclasses import replace

    from kit.checking import diff
    from kit.standard import load_standard

    found = diff(load_standard(before), load_standard(after))
    if not editorial:
        found = replace(found, items=tuple(item for item in found if item.kind != "editorial"))
    print(json.dumps(found.to_json(), ensure_ascii=False, indent=1, default=str) if as_json else found.text())
    if len(found):
        raise typer.Exit(1)
