"""`kit standard publish` and `history`: freezing a version, and what became of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kit.cli.reading import read_children
from kit.cli.standard import group


def register(app: typer.Typer) -> None:
    """Nothing to add: the commands belong to the group `kit standard`."""


@group.command("publish", epilog="Example: kit standard publish taxi --to trial --dry-run")
def publish_command(
    reference: Annotated[str, typer.Argument(help="id, or path of the working text")],
    to: Annotated[str, typer.Option("--to", help="trial, or published (needs minutes of 7 experts)")] = "published",
    data: Annotated[
        Path | None, typer.Option(help="table from which relative thresholds are frozen into numbers")
    ] = None,
    child: Annotated[list[str] | None, typer.Option("--child", help="child rows of the table as name=file")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only find out whether it could be published")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Freeze the working text as a version: draft → trial → published; the version before is superseded.

    Refused (exit 1) with every reason: errors of the checks, counter-examples of the proofs, failing examples, missing
    minutes, an unchanged version number, a frozen file that was edited.
    """
    from kit.checking.publishing import TARGETS, PublishRefused, publish
    from kit.errors import KitError, did_you_mean
    from kit.registers import read_table
    from kit.standard import load_standard

    if to not in TARGETS:
        raise KitError(f"--to {to}: {did_you_mean(to, TARGETS)}")
    frame = children = None
    if data is not None:
        working = load_standard(reference if Path(reference).exists() else f"{reference.partition('@')[0]}@draft")
        read = read_table(data, working.fields)
        if len(read.rejects):
            raise KitError(f"{data}: {len(read.rejects)} row(s) cannot be read:\n{read.rejects.to_string()}")
        frame, children = read.frame, read_children(working, child) or None
    try:
        done = publish(reference, to, data=frame, children=children, dry_run=dry_run)
    except PublishRefused as refused:
        if as_json:
            found = [{"message": p.message, "file": p.file, "line": p.line, "key": p.key} for p in refused.problems]
            print(json.dumps({"published": False, "problems": found}, ensure_ascii=False, indent=1))
        else:
            typer.echo(str(refused), err=True)
        raise typer.Exit(1) from None
    if as_json:
        told = {
            "published": not dry_run, "standard": done.label, "status": done.status, "folder": str(done.folder),
            "fingerprint": done.fingerprint, "superseded": list(done.superseded), "frozen": dict(done.frozen),
            "undecided": list(done.undecided), "warnings": done.warnings,
        }  # fmt: skip
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    head = "可以发布（未写入任何文件）" if dry_run else "已发布"
    print(f"{head}：{done.label}，状态 {done.status}，指纹 {done.fingerprint[:12]}")
    if not dry_run:
        print(f"  冻结在 {done.folder}")
    for version in done.superseded:
        print(f"  取代 {version}")
    for path, block in done.frozen.items():
        print(f"  相对量已固定为数值：{path} {_short(block)}")
    for title in done.undecided:
        print(f"  未决的证明：{title}")
    if done.warnings:
        print(f"  仍有警告 {done.warnings} 条，见 kit standard check")


def _short(block: object) -> str:
    text = str(block)
    return text if len(text) <= 80 else text[:79] + "…"


@group.command("history", epilog="Example: kit standard history taxi")
def history_command(
    reference: Annotated[str, typer.Argument(help="id, or path of the working text")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List the published versions of a standard; exit 1 when one is no longer what was frozen."""
    from kit.standard import find_standard, read_history
    from kit.standard.history import in_force, verify

    given = reference if Path(reference).exists() else f"{reference.partition('@')[0]}@draft"
    folder = find_standard(given).parent
    now = in_force(folder)
    rows, problems = [], []
    for release in read_history(folder):
        damage = verify(folder, release.version)
        problems += damage
        rows.append(
            release.model_dump(mode="json")
            | {"in_force": release is now or release == now, "damaged": [str(problem) for problem in damage]}
        )
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for row in rows:
            after = f"，由 {row['superseded_by']} 取代" if row["superseded_by"] else ""
            state = "（已被改动！）" if row["damaged"] else ""
            mark = "→" if row["in_force"] else " "
            print(
                f"{mark} {row['version']:<10} {row['status']:<11} {row['at']}  {row['fingerprint'][:12]}{after}{state}"
            )
        if not rows:
            print("还没有发布过的版本")
        for problem in problems:
            typer.echo(str(problem), err=True)
    if problems:
        raise typer.Exit(1)
