"""`standards/README.md`: the index of all standards, made of the standards themselves."""

from __future__ import annotations

from pathlib import Path

from kit.checking.progress import Progress, by_department, counts, progress, stage_words
from kit.files import whole_file
from kit.reports.standard_text.phrases import phrase, said
from kit.standard.common_parts import common_labels
from kit.standard.finding import standards_folder
from kit.standard.sectors import plan

NAME = "README.md"


def index_text(folder: str | Path | None = None) -> str:
    """Return the index as Markdown: the plan's two annexes by department, other sectors, then the methods.

    What stands in it depends on the standards alone, not on the day it is made.
    """
    root = Path(folder) if folder else standards_folder()
    found = progress(root)
    words = phrase("index")
    names = common_labels("departments")
    lines = [f"# {words['title']}", "", words["made"], "", *words["provenance"], ""]
    for annex in dict.fromkeys(one.annex for one in found):
        lines += [f"## {_heading(found, annex)}", "", _row(words["columns"]), _row(["---"] * len(words["columns"]))]
        for group_annex, department, standards in by_department(found):
            if group_annex == annex:
                lines += [_row(_cells(one, names.get(department, department), root)) for one in standards]
        lines.append("")
    lines += [f"## {words['common']}", "", *(f"- `common/{file}`：{what}" for file, what in words["files"].items()), ""]
    return "\n".join(lines)


def write_index(folder: str | Path | None = None) -> Path:
    """Write the index beside the standards and return its path."""
    root = Path(folder) if folder else standards_folder()
    with whole_file(root / NAME) as path:
        path.write_text(index_text(root), encoding="utf-8", newline="\n")
    return root / NAME


def _heading(found: list[Progress], annex: int | None) -> str:
    if annex is None:
        return str(phrase("index.methods"))
    done, count = counts(found, annex)
    there = plan()["standards"][str(annex)]
    values = {"label": there["label"]["zh"], "task": there["task"]["zh"], "due": str(there["due"])}
    return said("index.annex", annex=str(annex), done=str(done), count=str(count), **values)


def _cells(one: Progress, department: str, root: Path) -> list[str]:
    title = one.title
    if one.path is not None:
        title = f"[{title}]({one.path.parent.relative_to(root).as_posix()}/standard.yaml)"
    numbers = [one.fields, one.indicators, one.overrides, one.items, one.cases]
    texts = [str(number) for number in numbers] if one.version else ["—"] * len(numbers)
    provenance = phrase("index.kinds")[one.provenance] if one.provenance else "—"
    return [department, title, f"`{one.id}`", one.version or "—", stage_words(one), *texts, provenance]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
