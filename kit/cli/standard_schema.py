"""`kit standard schema`: the format of a standard for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kit.cli.standard import group


def register(app: typer.Typer) -> None:
    """Do nothing: the command joins the group `kit standard` when this module is imported."""


@group.command("schema", epilog="Example: kit standard schema -o standard.schema.json")
def schema_command(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="file; standard output without it")] = None,
) -> None:
    """Write the JSON Schema of standard.yaml, by which editors complete keys and mark mistakes."""
    from kit.files import write_text
    from kit.standard.json_schema import editor_schema

    text = json.dumps(editor_schema(), ensure_ascii=False, indent=1) + "\n"
    if output is None:
        print(text, end="")
    else:
        write_text(output, text)
        print(f"写出 {output}")
