"""`kit standard list`: the register of standards by annex and department, with the plan's dates and progress."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kit.cli.language import shown_language
from kit.cli.standard import group

if TYPE_CHECKING:
    from kit.checking.progress import Progress


def register(app: typer.Typer) -> None:
    """Do nothing: the command belongs to the group `kit standard`, which adds itself."""


@group.command("list", epilog="Example: kit standard list; kit standard list --run; kit standard list --json")
def list_command(
    run: Annotated[
        bool, typer.Option("--run", help="also run all worked examples and proofs (about half a minute)")
    ] = False,
    on: Annotated[
        str | None, typer.Option(help="day for which to tell what is late, YYYY-MM-DD; today by default")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    lang: Annotated[str | None, typer.Option(help="zh or en")] = None,
) -> None:
    """Show every sector of the plan with its standard: department, annex, due date, version, progress; then methods."""
    from rich.console import Console

    from kit.checking.progress import progress
    from kit.errors import KitError

    try:
        day = dt.date.fromisoformat(on) if on else None
    except ValueError:
        raise KitError(f"--on {on} is no date; write it as 2019-09-30") from None
    with Console(stderr=True).status("读取标准…"):
        found = progress(run=run, on=day)
    if as_json:
        print(json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=1))
    else:
        _tables(found, lang or shown_language(), run)
    # The others are shown; the first that cannot be read is told like everywhere else, with its exit code.
    for one in found:
        if one.error is not None:
            raise one.error


def _plain(one: Progress) -> dict[str, Any]:
    from kit.checking.progress import stage_words

    data = {key: value for key, value in vars(one).items() if key not in ("path", "error")}
    return data | {"due": one.due.isoformat() if one.due else None, "progress": stage_words(one)}


def _tables(found: list[Progress], lang: str, run: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from kit.checking.progress import by_department, words
    from kit.standard.common_parts import common_labels

    said = words()[lang if lang in words() else "en"]
    # Every cell is shown whole, on any screen: a table cut at the window's edge hides what was asked for.
    console = Console(width=max(Console().width, 130))
    names = common_labels("departments")
    for annex in dict.fromkeys(one.annex for one in found):
        title = _title(found, annex, said, lang)
        table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
        for place, column in enumerate(said["columns"] if run else said["columns"][:-1]):
            table.add_column(column, no_wrap=True, justify="right" if place > 3 else "left")
        for group_annex, department, standards in by_department(found):
            if group_annex != annex:
                continue
            if annex is not None:
                table.add_row(f"[bold]{names.get(department, department)}[/bold]")
            for one in standards:
                table.add_row(*_cells(one, said, lang, run, "  " if annex is not None else ""))
        console.print(table)
    console.print(said["illustrative"])


def _title(found: list[Progress], annex: int | None, said: dict[str, Any], lang: str) -> str:
    from kit.checking.progress import counts
    from kit.standard.sectors import plan

    if annex is None:
        return str(said["methods"])
    there = plan()["standards"][str(annex)]
    done, count = counts(found, annex)
    words = {"label": there["label"][lang], "task": there["task"][lang], "due": there["due"]}
    return str(said["title"].format(annex=annex, done=done, count=count, **words))


def _cells(one: Progress, said: dict[str, Any], lang: str, run: bool, indent: str) -> list[str]:
    from kit.checking.progress import stage_words

    late = f" [red]{said['late']}[/red]" if one.late else ""
    cells = [indent + one.title, one.id, one.version or "—", stage_words(one, lang) + late]
    if one.version is None:
        return cells + ["—"] * (6 if run else 5)
    cases = str(one.cases) if one.cases_passed is None else f"{one.cases_passed}/{one.cases}"
    cells += [*map(str, (one.fields, one.indicators, one.overrides, one.items)), cases]
    return cells + (["—" if one.proofs is None else f"{one.proofs_held}/{one.proofs}"] if run else [])
