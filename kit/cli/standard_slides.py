"""`kit standard slides`: training slides of a standard."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from kit.cli.standard import chosen_standards, group


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit standard`, which adds itself."""


@group.command("slides", epilog="Example: kit standard slides taxi -o slides; kit standard slides --all -o slides")
def slides_command(
    references: Annotated[list[str] | None, typer.Argument(help="ids, folders or files")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="folder the slides go to")] = Path("slides"),
    every: Annotated[bool, typer.Option("--all", help="all shipped standards")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Write training slides (宣贯培训课件): one offline HTML file for each standard. Exit code 1 when one failed.

    An id alone means the version in force; write id@draft for the working text. Open the file in a browser; arrow keys
    turn the page, `?print-pdf` behind the address sets it for printing.
    """
    from kit.errors import KitError
    from kit.reports.training_slides import write_slides
    from kit.standard import load_standard

    if not references and not every:
        raise KitError("say which standard: an id (kit standard list shows them), a folder or a file, or --all")
    made: list[dict[str, str]] = []
    for reference in chosen_standards(references, every, in_force=True):
        try:
            standard = load_standard(reference)
            made.append({"standard": standard.label, "path": str(write_slides(standard, out))})
        except KitError as error:
            # One that cannot be read does not stop the rest.
            made.append({"standard": reference, "error": str(error)})
    failed = [entry for entry in made if "error" in entry]
    if as_json:
        print(json.dumps(made, ensure_ascii=False, indent=1))
    else:
        for entry in made:
            print(
                entry.get("path") or f"{entry['standard']}: {entry['error']}",
                file=sys.stderr if "error" in entry else None,
            )
    if failed:
        raise typer.Exit(1)
