"""`kit standard …`: the standards themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kit.cli.language import shown_language

group = typer.Typer(no_args_is_help=True, help="List and test standards.")


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="standard")


def chosen_standards(references: list[str] | None, every: bool, *, in_force: bool = False) -> list[str]:
    """Return files for what was named: ids, folders (all standards below), nothing or `--all` for all shipped ones.

    An id alone means the working text, which is what a drafter checks; with `in_force` the version that applies.
    """
    from kit.standard import standard_files
    from kit.standard.finding import file_in_force, find_standard

    def file(path: Path) -> str:
        return str(file_in_force(path) if in_force else path)

    if every or not references:
        return [file(path) for path in standard_files().values()]
    chosen: list[str] = []
    for reference in references:
        folder = Path(reference)
        inside = standard_files(folder) if folder.is_dir() and not (folder / "standard.yaml").exists() else {}
        if inside:
            chosen += [file(path) for path in inside.values()]
        elif "@" in reference or folder.exists() or folder.suffix in (".yaml", ".yml"):
            chosen.append(reference)
        else:
            known = reference in standard_files()
            chosen.append(str(find_standard(f"{reference}@draft" if known and not in_force else reference)))
    return chosen


@group.command("test", epilog="Example: kit standard test taxi --coverage; kit standard test --all")
def test_command(
    references: Annotated[list[str] | None, typer.Argument(help="ids, folders or files")] = None,
    every: Annotated[bool, typer.Option("--all", help="all shipped standards")] = False,
    with_coverage: Annotated[bool, typer.Option("--coverage", help="also show what the examples reach")] = False,
    data: Annotated[Path | None, typer.Option(help="also show what the rows of this table reach")] = None,
    child: Annotated[list[str] | None, typer.Option("--child", help="child rows of the table as name=file")] = None,
    propose: Annotated[bool, typer.Option("--suggest", help="also write examples worth adding, as YAML")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Run the worked examples (cases.yaml); a failing one shows the first node that differs."""
    from kit.checking import run_cases
    from kit.standard import load_standard

    results = []
    for reference in chosen_standards(references, every):
        std = load_standard(reference)
        for result in run_cases(std):
            results.append(
                {
                    "standard": std.label, "case": result.case.name, "passed": result.passed, "first": result.first,
                    "differences": list(result.differences),
                    "place": f"{std.path.parent / 'cases.yaml'}:{result.line}",
                }
            )  # fmt: skip
    failed = [result for result in results if not result["passed"]]
    if as_json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
    else:
        from kit.messages import in_chinese

        zh = shown_language() == "zh"
        for result in failed:
            print(f"✗ {result['standard']} {result['case']} ({result['place']})")
            for difference in result["differences"]:
                print(f"    {in_chinese(difference) if zh else difference}")
        total = f"{len(results) - len(failed)} of {len(results)} cases pass"
        print(in_chinese(total) if zh else total)
        from kit.cli.standard_coverage import coverage_command

        for wanted, table in ((with_coverage, None), (data is not None, data)):
            if wanted:
                coverage_command(references, every, table, child if table else None, False, False)
        if propose:
            coverage_command(references, every, None, None, True, False)
    if failed:
        raise typer.Exit(1)
