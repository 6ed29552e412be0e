"""What several commands read."""

from __future__ import annotations

from typing import Any

from kit.errors import KitError


def read_children(standard: Any, entries: list[str] | None) -> dict[str, Any]:
    """Return the child tables given as `name=file`."""
    from kit.registers import read_table

    children = {}
    for entry in entries or []:
        name, _, path = entry.partition("=")
        declared = standard.document.children.get(name)
        if declared is None or not path:
            there = ", ".join(standard.document.children) or "none"
            raise KitError(f"--child {entry}: write name=file; {standard.id} has the child rows: {there}")
        rows = read_table(path, declared.fields)
        if len(rows.rejects):
            # A total over the rows that happen to be readable would be too low.
            raise KitError(f"{path}: {len(rows.rejects)} row(s) cannot be read:\n{rows.rejects.to_string()}")
        children[name] = rows.frame
    return children
