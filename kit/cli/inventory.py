"""`kit inventory …`: the risk inventory. One module for each command; this one makes the group."""

from __future__ import annotations

import typer

group = typer.Typer(no_args_is_help=True, help="The risk inventory.")


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="inventory")
